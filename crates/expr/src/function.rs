//! The functions there are, how each is called, and which operands it takes.

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
    Dyn,
    ToBool,
    ToInt,
    ToUint,
    ToDouble,
    ToString,
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

impl Part {
    /// Whether a duration has it too.
    pub(crate) fn of_duration(self) -> bool {
        matches!(self, Part::Hours | Part::Minutes | Part::Seconds | Part::Milliseconds)
    }
}

/// Sorts of value, as a set: which ones an operand may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sorts(u16);

impl Sorts {
    pub(crate) const NULL: Sorts = Sorts(1);
    pub(crate) const BOOL: Sorts = Sorts(1 << 1);
    pub(crate) const INT: Sorts = Sorts(1 << 2);
    pub(crate) const UINT: Sorts = Sorts(1 << 3);
    pub(crate) const DOUBLE: Sorts = Sorts(1 << 4);
    pub(crate) const STRING: Sorts = Sorts(1 << 5);
    pub(crate) const LIST: Sorts = Sorts(1 << 6);
    pub(crate) const MAP: Sorts = Sorts(1 << 7);
    pub(crate) const TIMESTAMP: Sorts = Sorts(1 << 8);
    pub(crate) const DURATION: Sorts = Sorts(1 << 9);
    pub(crate) const OPTIONAL: Sorts = Sorts(1 << 10);
    pub(crate) const ANY: Sorts = Sorts((1 << 11) - 1);
    pub(crate) const NUMBER: Sorts = Sorts::INT.or(Sorts::UINT).or(Sorts::DOUBLE);

    pub(crate) const fn or(self, other: Sorts) -> Sorts {
        Sorts(self.0 | other.0)
    }

    /// Whether the two have a sort in common.
    pub(crate) const fn meets(self, other: Sorts) -> bool {
        self.0 & other.0 != 0
    }

    /// The names, for people: `a string or a list`.
    pub(crate) fn describe(self) -> String {
        const NAMES: [(Sorts, &str); 11] = [
            (Sorts::NULL, "null"),
            (Sorts::BOOL, "a boolean"),
            (Sorts::INT, "an int"),
            (Sorts::UINT, "a uint"),
            (Sorts::DOUBLE, "a double"),
            (Sorts::STRING, "a string"),
            (Sorts::LIST, "a list"),
            (Sorts::MAP, "a map"),
            (Sorts::TIMESTAMP, "a timestamp"),
            (Sorts::DURATION, "a duration"),
            (Sorts::OPTIONAL, "an optional"),
        ];
        if self == Sorts::ANY {
            return "any value".to_owned();
        }
        if self == Sorts::NUMBER {
            return "a number".to_owned();
        }
        let names: Vec<&str> =
            NAMES.iter().filter(|(sort, _)| self.meets(*sort)).map(|(_, name)| *name).collect();
        names.join(" or ")
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
}

const fn global(name: &'static str, function: Function, operands: &'static [Sorts]) -> Signature {
    Signature { name, function, style: Style::Global, operands, optional: 0 }
}

const fn receiver(name: &'static str, function: Function, operands: &'static [Sorts]) -> Signature {
    Signature { name, function, style: Style::Receiver, operands, optional: 0 }
}

const fn last_optional(signature: Signature) -> Signature {
    Signature { optional: 1, ..signature }
}

const fn both(signature: Signature) -> Signature {
    Signature { style: Style::Both, ..signature }
}

const fn part(name: &'static str, part: Part) -> Signature {
    last_optional(receiver(
        name,
        Function::Get(part),
        if part_of_duration(part) {
            &[EITHER_TIME, Sorts::STRING]
        } else {
            &[Sorts::TIMESTAMP, Sorts::STRING]
        },
    ))
}

const fn part_of_duration(part: Part) -> bool {
    matches!(part, Part::Hours | Part::Minutes | Part::Seconds | Part::Milliseconds)
}

const EITHER_TIME: Sorts = Sorts::TIMESTAMP.or(Sorts::DURATION);
const SIZED: Sorts = Sorts::STRING.or(Sorts::LIST).or(Sorts::MAP);
const NUMERIC_OR_TEXT: Sorts = Sorts::NUMBER.or(Sorts::STRING);
const WRITABLE: Sorts = NUMERIC_OR_TEXT.or(Sorts::BOOL).or(EITHER_TIME);
const TEXT: Sorts = Sorts::STRING;
const INT: Sorts = Sorts::INT;

/// Every function, in the order in which they are listed to a person.
pub(crate) const SIGNATURES: &[Signature] = &[
    both(global("size", Function::Size, &[SIZED])),
    receiver("contains", Function::Contains, &[TEXT, TEXT]),
    receiver("startsWith", Function::StartsWith, &[TEXT, TEXT]),
    receiver("endsWith", Function::EndsWith, &[TEXT, TEXT]),
    both(global("matches", Function::Matches, &[TEXT, TEXT])),
    receiver("lowerAscii", Function::LowerAscii, &[TEXT]),
    receiver("upperAscii", Function::UpperAscii, &[TEXT]),
    receiver("trim", Function::Trim, &[TEXT]),
    receiver("reverse", Function::Reverse, &[TEXT]),
    last_optional(receiver("split", Function::Split, &[TEXT, TEXT, INT])),
    last_optional(receiver("join", Function::Join, &[Sorts::LIST, TEXT])),
    last_optional(receiver("replace", Function::Replace, &[TEXT, TEXT, TEXT, INT])),
    last_optional(receiver("substring", Function::Substring, &[TEXT, INT, INT])),
    last_optional(receiver("indexOf", Function::IndexOf, &[TEXT, TEXT, INT])),
    last_optional(receiver("lastIndexOf", Function::LastIndexOf, &[TEXT, TEXT, INT])),
    receiver("charAt", Function::CharAt, &[TEXT, INT]),
    global("dyn", Function::Dyn, &[Sorts::ANY]),
    global("bool", Function::ToBool, &[Sorts::BOOL.or(TEXT)]),
    global("int", Function::ToInt, &[NUMERIC_OR_TEXT.or(Sorts::TIMESTAMP)]),
    global("uint", Function::ToUint, &[NUMERIC_OR_TEXT]),
    global("double", Function::ToDouble, &[NUMERIC_OR_TEXT]),
    global("string", Function::ToString, &[WRITABLE]),
    global("timestamp", Function::ToTimestamp, &[TEXT.or(INT).or(Sorts::TIMESTAMP)]),
    global("duration", Function::ToDuration, &[TEXT.or(Sorts::DURATION)]),
    part("getFullYear", Part::FullYear),
    part("getMonth", Part::Month),
    part("getDayOfYear", Part::DayOfYear),
    part("getDayOfMonth", Part::DayOfMonth),
    part("getDate", Part::Date),
    part("getDayOfWeek", Part::DayOfWeek),
    part("getHours", Part::Hours),
    part("getMinutes", Part::Minutes),
    part("getSeconds", Part::Seconds),
    part("getMilliseconds", Part::Milliseconds),
    global("optional.of", Function::OptionalOf, &[Sorts::ANY]),
    global("optional.ofNonZeroValue", Function::OptionalOfNonZero, &[Sorts::ANY]),
    global("optional.none", Function::OptionalNone, &[]),
    receiver("hasValue", Function::HasValue, &[Sorts::OPTIONAL]),
    receiver("value", Function::Value, &[Sorts::OPTIONAL]),
    receiver("or", Function::Or, &[Sorts::OPTIONAL, Sorts::OPTIONAL]),
    receiver("orValue", Function::OrValue, &[Sorts::OPTIONAL, Sorts::ANY]),
    global("jsonpath", Function::JsonPath, &[Sorts::ANY, TEXT]),
    global("isPrivateIP", Function::IsPrivateIp, &[TEXT]),
    global("urlencode", Function::UrlEncode, &[TEXT]),
    global("sha256", Function::Sha256, &[TEXT]),
];

/// What the specification or its extensions have and we leave out, so that the answer is not "unknown".
pub(crate) const LEFT_OUT: &[&str] = &[
    "type",
    "bytes",
    "format",
    "optMap",
    "optFlatMap",
    "transformList",
    "transformMap",
    "sort",
    "slice",
    "flatten",
    "quote",
    "range",
    "greatest",
    "least",
    "encode",
    "decode",
    "ip",
    "cidr",
    "containsIP",
];

impl Function {
    /// Its row in the list.
    pub(crate) fn signature(self) -> &'static Signature {
        SIGNATURES
            .iter()
            .find(|signature| signature.function == self)
            .expect("a test looks up the signature of every function")
    }

    /// As it is written in an expression.
    pub(crate) fn name(self) -> &'static str {
        self.signature().name
    }
}

/// The function of this name.
pub(crate) fn find(name: &str) -> Option<&'static Signature> {
    SIGNATURES.iter().find(|signature| signature.name == name)
}
