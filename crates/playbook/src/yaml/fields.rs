//! Walking a mapping: known keys are taken, missing ones and unknown ones reported.

use super::{Node, Spanned, Text, slip};
use crate::diagnostic::{nearest_spelling, quote};
use crate::{Code, Diagnostic, Diagnostics, suggest};
use riposte_model::parse_duration;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

/// The keys of one mapping. Whoever reads it takes the keys it knows, then calls [`Fields::finish`]: what was never
/// asked for is unknown. So a new key is known by being read.
#[derive(Debug)]
pub struct Fields<'n> {
    owner: &'static str,
    unknown: Code,
    head: Range<usize>,
    entries: &'n [(Spanned<String>, Spanned<Node>)],
    asked: Vec<&'static str>,
    /// Unknown keys that were told about before the end.
    told: Vec<&'n str>,
}

/// One key and its value.
#[derive(Clone, Copy, Debug)]
pub struct Field<'n> {
    /// The key.
    pub key: &'n Spanned<String>,
    /// Its value.
    pub value: &'n Spanned<Node>,
}

impl<'n> Fields<'n> {
    /// The keys of a node that must be a mapping. `owner` says what it describes: `a step`.
    pub fn of(owner: &'static str, node: &'n Spanned<Node>, found: &mut Diagnostics) -> Option<Fields<'n>> {
        match &node.value {
            Node::Map(entries) => Some(Fields {
                owner,
                unknown: Code::UnknownKey,
                head: node.head(),
                entries,
                asked: Vec::new(),
                told: Vec::new(),
            }),
            _ => {
                found.push(node.mismatch(owner, "a mapping"));
                None
            }
        }
    }

    /// The same, with another code for unknown keys.
    #[must_use]
    pub fn unknown_as(mut self, code: Code) -> Fields<'n> {
        self.unknown = code;
        self
    }

    /// Where to point for the whole mapping.
    pub fn head(&self) -> Range<usize> {
        self.head.clone()
    }

    /// The keys there are, in the order of the file.
    pub fn keys(&self) -> impl Iterator<Item = &'n Spanned<String>> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// Whether a key is there with `true` or `false`.
    pub(crate) fn is_boolean(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, value)| name.value == key && matches!(value.value, Node::Bool(_)))
    }

    /// A key that may be there.
    pub fn take(&mut self, key: &'static str) -> Option<Field<'n>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|(name, _)| name.value == key).map(|(key, value)| Field { key, value })
    }

    /// A key that must be there.
    pub fn require(&mut self, key: &'static str, found: &mut Diagnostics) -> Option<Field<'n>> {
        let field = self.take(key);
        if field.is_none() && !self.misspelt(key, found) {
            found.push(Diagnostic::error(
                Code::MissingKey,
                format!("{} needs the key `{key}`", self.owner),
                self.head.clone(),
                format!("`{key}` is missing here"),
            ));
        }
        field
    }

    /// Whether an absent key is there after all, only misspelt. If so it is reported as unknown, once: that it is
    /// missing would be the same mistake told twice. Take keys that are spelt nearly like this one before.
    pub fn misspelt(&mut self, key: &'static str, found: &mut Diagnostics) -> bool {
        let wrong = self.entries.iter().map(|(name, _)| name).find(|name| {
            !self.asked.contains(&name.value.as_str()) && nearest_spelling(&name.value, &[key]).is_some()
        });
        let Some(wrong) = wrong else { return false };
        if !self.told.contains(&wrong.value.as_str()) {
            found.push(self.unknown_key(wrong, &[key]));
            self.told.push(&wrong.value);
        }
        true
    }

    fn unknown_key(&self, key: &Spanned<String>, valid: &[&str]) -> Diagnostic {
        Diagnostic::error(
            self.unknown,
            format!("{} has no key {}", self.owner, quote(&key.value)),
            key.span.clone(),
            "unknown key",
        )
        .with_help_if(suggest(&key.value, valid.iter().copied(), "valid keys"))
    }

    /// Reports every key that was not asked for.
    pub fn finish(self, found: &mut Diagnostics) {
        for (key, _) in self.entries {
            if found.is_full() {
                return;
            }
            let name = key.value.as_str();
            if !self.asked.contains(&name) && !self.told.contains(&name) {
                found.push(self.unknown_key(key, &self.asked));
            }
        }
    }
}

impl Spanned<Node> {
    /// The report that this is not what it should be; `what` names it.
    pub fn mismatch(&self, what: &str, wanted: &str) -> Diagnostic {
        if let (Node::Str(text), "a mapping") = (&self.value, wanted)
            && let Some(problem) = slip::glued_key(text, &self.span)
        {
            return problem;
        }
        let is = self.value.describe();
        let problem = Diagnostic::error(
            Code::WrongType,
            format!("{what} must be {wanted}, not {is}"),
            self.head(),
            format!("this is {is}"),
        );
        match (&self.value, wanted) {
            (Node::Bool(_) | Node::Int(_) | Node::UInt(_) | Node::Float(_), "text") => {
                problem.with_help("put it in quotes if it is meant as text")
            }
            (Node::Map(entries), "a list") => match entries.first() {
                // `-id: a`, which YAML takes for a key.
                Some((key, _)) if slip::is_glued_dash(&key.value) => {
                    slip::after_dash(key.span.start, &key.value)
                }
                _ => problem.with_help("write a list: each item begins with `- `"),
            },
            (Node::Str(text), "`true` or `false`") => {
                let meant = meant_boolean(&text.value);
                problem.with_help_if(meant.or_else(|| form(wanted).map(str::to_owned)))
            }
            _ => problem.with_help_if(form(wanted).map(str::to_owned)),
        }
    }
}

/// How a value that is wanted is written.
fn form(wanted: &str) -> Option<&'static str> {
    Some(match wanted {
        "a mapping" => "write keys with their values, like `{ key: value }`",
        "a list" => "write a list: each item begins with `- `",
        "text" => "write text, in quotes if it looks like something else",
        "an expression" => "write an expression, like `inputs.name`",
        "a whole number" => "write digits, without quotes",
        "a number" => "write a number, without quotes",
        "`true` or `false`" => "write `true` or `false`, without quotes",
        _ => return None,
    })
}

/// The help for a word that other languages, and YAML once, read as a boolean.
pub(crate) fn meant_boolean(word: &str) -> Option<String> {
    let meant = match word.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" | "true" => "true",
        "no" | "off" | "n" | "false" => "false",
        _ => return None,
    };
    Some(format!("write `{meant}`"))
}

impl<'n> Field<'n> {
    fn what(&self) -> String {
        quote(&self.key.value)
    }

    fn mismatch<T>(&self, wanted: &str, found: &mut Diagnostics) -> Option<T> {
        let mut problem = self.value.mismatch(&self.what(), wanted);
        if self.value.value == Node::Null && self.value.span.is_empty() {
            problem.primary.span = self.key.span.clone();
            problem.primary.text = "no value".to_owned();
        }
        found.push(problem);
        None
    }

    /// Its value as text.
    pub fn text(&self, found: &mut Diagnostics) -> Option<&'n Text> {
        match &self.value.value {
            Node::Str(text) => Some(text),
            _ => self.mismatch("text", found),
        }
    }

    /// Its value as `true` or `false`.
    pub fn boolean(&self, found: &mut Diagnostics) -> Option<bool> {
        match &self.value.value {
            Node::Bool(value) => Some(*value),
            _ => self.mismatch("`true` or `false`", found),
        }
    }

    /// Its value as a list.
    pub fn list(&self, found: &mut Diagnostics) -> Option<&'n [Spanned<Node>]> {
        match &self.value.value {
            Node::Seq(items) => Some(items),
            _ => self.mismatch("a list", found),
        }
    }

    /// Its value's items, if it is a list; nobody is told if it is none.
    pub(crate) fn items(self) -> Option<&'n [Spanned<Node>]> {
        match &self.value.value {
            Node::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// Its value as a list with something in it.
    pub fn filled_list(&self, found: &mut Diagnostics) -> Option<&'n [Spanned<Node>]> {
        let items = self.list(found)?;
        if items.is_empty() {
            found.push(Diagnostic::error(
                Code::Empty,
                format!("{} must not be empty", self.what()),
                self.value.span.clone(),
                "nothing in it",
            ));
            return None;
        }
        Some(items)
    }

    /// Its value as a mapping of names that the author chooses.
    pub fn mapping(&self, found: &mut Diagnostics) -> Option<&'n [(Spanned<String>, Spanned<Node>)]> {
        match &self.value.value {
            Node::Map(entries) => Some(entries),
            _ => self.mismatch("a mapping", found),
        }
    }

    /// Its value as a whole number in a range.
    pub fn integer(&self, range: RangeInclusive<i64>, found: &mut Diagnostics) -> Option<i64> {
        let number = match &self.value.value {
            Node::Int(number) => Some(*number),
            Node::UInt(_) => None,
            _ => return self.mismatch("a whole number", found),
        };
        if let Some(number) = number.filter(|number| range.contains(number)) {
            return Some(number);
        }
        let bounds = match (*range.start(), *range.end()) {
            (least, i64::MAX) => format!("at least {least}"),
            (least, most) => format!("between {least} and {most}"),
        };
        found.push(Diagnostic::error(
            Code::OutOfRange,
            format!("{} must be {bounds}", self.what()),
            self.value.span.clone(),
            "out of range",
        ));
        None
    }

    /// Its value as a number.
    pub fn number(&self, found: &mut Diagnostics) -> Option<f64> {
        match &self.value.value {
            #[expect(clippy::cast_precision_loss, reason = "a bound or a factor; nobody counts with it")]
            Node::Int(number) => Some(*number as f64),
            #[expect(clippy::cast_precision_loss, reason = "a bound or a factor; nobody counts with it")]
            Node::UInt(number) => Some(*number as f64),
            Node::Float(number) => Some(*number),
            _ => self.mismatch("a number", found),
        }
    }

    /// Its value as a duration longer than nothing.
    pub fn duration(&self, found: &mut Diagnostics) -> Option<Duration> {
        let name = quote(&self.key.value);
        let is_absent = self.value.value == Node::Null && self.value.span.is_empty();
        let span = if is_absent { self.key.span.clone() } else { self.value.span.clone() };
        let error = |message: String, label: &str| Diagnostic::error(Code::Duration, message, span, label);
        let problem = match &self.value.value {
            Node::Int(number) if *number > 0 => {
                error(format!("{name} needs a unit"), "of what?").with_help(format!("write `{number}s`"))
            }
            Node::Str(text) => match parse_duration(&text.value) {
                Ok(duration) if duration.is_zero() => {
                    error(format!("{name} must be longer than nothing"), "no time at all")
                        .with_help("give it some time, like `90s`, `5m`, `1h30m` or `7d`")
                }
                Ok(duration) => return Some(duration),
                Err(_) if text.value.contains("${{") => {
                    error(format!("{name} cannot be computed"), "an expression")
                        .with_help("durations are written out, like `90s` or `1h30m`")
                }
                Err(reason) => error(format!("{} is no duration", quote(&text.value)), "cannot be read")
                    .with_help(reason.to_string()),
            },
            _ => error(
                format!("{name} must be a duration"),
                if is_absent { "no value" } else { "not a duration" },
            )
            .with_help("write digits and a unit, like `90s`, `5m`, `1h30m` or `7d`"),
        };
        found.push(problem);
        None
    }

    /// Its value as one of a few words.
    pub fn word<T: Copy>(&self, words: &[(&str, T)], found: &mut Diagnostics) -> Option<T> {
        let text = self.text(found)?;
        let word = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| *value);
        if word.is_none() {
            found.push(
                Diagnostic::error(
                    Code::UnknownWord,
                    format!("{} cannot be {}", self.what(), quote(&text.value)),
                    self.value.span.clone(),
                    "unknown word",
                )
                .with_help_if(suggest(
                    &text.value,
                    words.iter().map(|(word, _)| *word),
                    "valid words",
                )),
            );
        }
        word
    }
}
