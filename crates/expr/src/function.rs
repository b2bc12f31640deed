//! The functions there are, how each is called, and which operands it takes.

mod table;

pub(crate) use crate::sorts::Sorts;
pub(crate) use table::{LEFT_OUT, SIGNATURES};

/// A function of the language. A receiver counts as the first operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    LowerAscii,
    UpperAscii,
    Trim,
    Reverse,
    Split,
    Join,
    Replace,
    Substring,
    IndexOf,
    LastIndexOf,
    CharAt,
    Format,
    Quote,
    Slice,
    Flatten,
    Distinct,
    Sort,
    First,
    Last,
    Range,
    Math(Math),
    Base64Encode,
    Base64Decode,
    TypeOf,
    Net(Net),
    Dyn,
    ToBool,
    ToInt,
    ToUint,
    ToDouble,
    ToString,
    ToBytes,
    ToTimestamp,
    ToDuration,
    Get(Part),
    OptionalOf,
    OptionalOfNonZero,
    OptionalNone,
    HasValue,
    Value,
    Or,
    OrValue,
    JsonPath,
    IsPrivateIp,
    UrlEncode,
    Sha256,
}

/// A part of a timestamp or of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    FullYear,
    Month,
    DayOfYear,
    DayOfMonth,
    Date,
    DayOfWeek,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// Of the math extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Math {
    Greatest,
    Least,
    Ceil,
    Floor,
    Round,
    Trunc,
    Abs,
    Sign,
    Sqrt,
    IsNan,
    IsInf,
    IsFinite,
    BitAnd,
    BitOr,
    BitXor,
    BitNot,
    BitShiftLeft,
    BitShiftRight,
}

/// Of the network extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Net {
    Ip,
    IsIp,
    IsCanonical,
    Cidr,
    IsCidr,
    Family,
    IsUnspecified,
    IsLoopback,
    IsGlobalUnicast,
    IsLinkLocalMulticast,
    IsLinkLocalUnicast,
    ContainsIp,
    ContainsCidr,
    AddressOf,
    Masked,
    PrefixLength,
}

impl Part {
    /// Whether a duration has it too.
    pub(crate) fn of_duration(self) -> bool {
        matches!(self, Part::Hours | Part::Minutes | Part::Seconds | Part::Milliseconds)
    }
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `f(x)`.
    Global,
    /// `x.f()`.
    Receiver,
    /// Either.
    Both,
}

/// One function: its name, how it is called, what it takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signature {
    pub(crate) name: &'static str,
    pub(crate) function: Function,
    pub(crate) style: Style,
    /// What each operand may be, the receiver first.
    pub(crate) operands: &'static [Sorts],
    /// How many of them may be left away, at the end.
    pub(crate) optional: usize,
    /// Whether the last one may be given as often as one likes, and not at all.
    pub(crate) repeats: bool,
}

impl Signature {
    /// Fewest operands.
    pub(crate) fn least(&self) -> usize {
        self.operands.len() - self.optional - usize::from(self.repeats)
    }

    /// Most operands, if there is a limit.
    pub(crate) fn most(&self) -> Option<usize> {
        (!self.repeats).then_some(self.operands.len())
    }

    /// What the operand at a position may be.
    pub(crate) fn operand(&self, index: usize) -> Option<Sorts> {
        self.operands.get(index).or(self.operands.last().filter(|_| self.repeats)).copied()
    }
}

impl Function {
    /// Its row in the list.
    pub(crate) fn signature(self) -> &'static Signature {
        SIGNATURES
            .iter()
            .find(|signature| signature.function == self)
            .expect("functions are only ever taken from this list")
    }

    /// As it is written in an expression.
    pub(crate) fn name(self) -> &'static str {
        self.signature().name
    }
}

/// The function of this name: the one that is called in this way, if there is a choice.
pub(crate) fn find(name: &str, style: Style) -> Option<&'static Signature> {
    let mut named = SIGNATURES.iter().filter(|signature| signature.name == name);
    let first = named.clone().next()?;
    Some(named.find(|signature| signature.style == style || signature.style == Style::Both).unwrap_or(first))
}

#[cfg(test)]
mod tests {
    use super::{SIGNATURES, Style};
    use std::collections::BTreeSet;

    /// The functions that the reference for authors lists, as it says that they are called.
    fn documented() -> BTreeSet<(String, bool)> {
        let reference = include_str!("../../../docs/playbooks.md");
        let section = reference.split("\n### ").find(|section| section.starts_with("Functions\n")).unwrap();
        let rows = section.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
        let calls = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter_map(|code| {
            let (name, _) = code.split_once('(')?;
            let is_global = SIGNATURES
                .iter()
                .any(|signature| signature.name == name && signature.style != Style::Receiver);
            let called = name.split_once('.').filter(|_| !is_global).map_or(name, |(_, called)| called);
            Some((called.to_owned(), called != name))
        });
        calls.collect()
    }

    #[test]
    fn the_reference_lists_every_function_and_no_other() {
        let listed = documented();
        let there: BTreeSet<(String, bool)> = SIGNATURES
            .iter()
            .flat_map(|signature| {
                let name = signature.name.to_owned();
                let receiver = (signature.style != Style::Global).then(|| (name.clone(), true));
                // What can be called in both ways is listed in one.
                let global = (signature.style != Style::Receiver).then(|| (name.clone(), false));
                match (&global, &receiver) {
                    (Some(one), Some(other)) if listed.contains(other) && !listed.contains(one) => receiver,
                    _ => global.or(receiver),
                }
            })
            .collect();
        let missing: Vec<_> = there.difference(&listed).collect();
        let invented: Vec<_> = listed.difference(&there).collect();
        assert!(
            missing.is_empty() && invented.is_empty(),
            "not listed: {missing:?}; not there: {invented:?}"
        );
    }
}
