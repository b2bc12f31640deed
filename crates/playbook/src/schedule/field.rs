//! One field of a cron expression: which of its values fire.

use super::CronError;
use crate::diagnostic::{list, quote, suggest};
use std::ops::Range;

/// What a field counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
}

/// The days, Sunday first: a day's number is its place.
const WEEKDAYS: [(&str, &str); 7] = [
    ("SUN", "SUNDAY"),
    ("MON", "MONDAY"),
    ("TUE", "TUESDAY"),
    ("WED", "WEDNESDAY"),
    ("THU", "THURSDAY"),
    ("FRI", "FRIDAY"),
    ("SAT", "SATURDAY"),
];

/// The months: a month's number is its place and one.
const MONTHS: [(&str, &str); 12] = [
    ("JAN", "JANUARY"),
    ("FEB", "FEBRUARY"),
    ("MAR", "MARCH"),
    ("APR", "APRIL"),
    ("MAY", "MAY"),
    ("JUN", "JUNE"),
    ("JUL", "JULY"),
    ("AUG", "AUGUST"),
    ("SEP", "SEPTEMBER"),
    ("OCT", "OCTOBER"),
    ("NOV", "NOVEMBER"),
    ("DEC", "DECEMBER"),
];

impl Unit {
    /// In words.
    fn noun(self) -> &'static str {
        match self {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day of the month",
            Unit::Month => "month",
            Unit::Weekday => "day of the week",
        }
    }

    /// The smallest and the largest number that may be written.
    fn bounds(self) -> (u32, u32) {
        match self {
            Unit::Second | Unit::Minute => (0, 59),
            Unit::Hour => (0, 23),
            Unit::Day => (1, 31),
            Unit::Month => (1, 12),
            // Both 0 and 7 are Sunday.
            Unit::Weekday => (0, 7),
        }
    }

    /// The largest value there is, where two numbers may mean one.
    fn last(self) -> u32 {
        match self {
            Unit::Weekday => 6,
            _ => self.bounds().1,
        }
    }

    /// Short and long names, in order from the smallest number.
    fn names(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Unit::Month => &MONTHS,
            Unit::Weekday => &WEEKDAYS,
            Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => &[],
        }
    }

    fn is_day(self) -> bool {
        matches!(self, Unit::Day | Unit::Weekday)
    }
}

/// The values of a field that fire. Two fields are equal if they mean the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    unit: Unit,
    /// Bit `n`: the value `n`.
    bits: u64,
    /// Whether it begins with `*`: it asks for no particular value, `*/2` no more than `*`. Of hours and days only.
    is_open: bool,
}

impl Field {
    /// One value, for what is not written.
    pub(super) fn only(unit: Unit, value: u32) -> Field {
        Field { unit, bits: 1 << value, is_open: false }
    }

    /// Reads a field that stands `at` these bytes of the whole.
    pub(super) fn parse(unit: Unit, text: &str, at: usize) -> Result<Field, CronError> {
        // Nobody asks the others.
        let may_be_open = matches!(unit, Unit::Hour | Unit::Day | Unit::Weekday);
        let mut field = Field { unit, bits: 0, is_open: may_be_open && text.starts_with(['*', '?']) };
        let mut start = at;
        for part in text.split(',') {
            field.bits |= (Part { unit, text: part, at: start }).parse()?;
            start += part.len() + 1;
        }
        Ok(field)
    }

    pub(super) fn is_open(self) -> bool {
        self.is_open
    }

    /// The values, from the smallest.
    pub(super) fn values(self) -> impl Iterator<Item = u32> {
        (0..u64::BITS).filter(move |value| self.bits & (1 << value) != 0)
    }

    pub(super) fn first(self) -> u32 {
        self.bits.trailing_zeros()
    }

    pub(super) fn last(self) -> u32 {
        self.bits.checked_ilog2().unwrap_or_default()
    }

    /// The shortest way from one value to the next, if there are two.
    pub(super) fn closest(self) -> Option<u32> {
        let values: Vec<u32> = self.values().collect();
        values.windows(2).map(|pair| pair[1] - pair[0]).min()
    }

    /// As the calendar's crate reads it: a list, and days of the week by their names, because it counts them otherwise.
    pub(super) fn canonical(self) -> String {
        let values = self.values().map(|value| match (self.unit, WEEKDAYS.get(value as usize)) {
            (Unit::Weekday, Some((name, _))) => (*name).to_owned(),
            _ => value.to_string(),
        });
        values.collect::<Vec<_>>().join(",")
    }
}

/// One part of a field's list.
struct Part<'t> {
    unit: Unit,
    text: &'t str,
    at: usize,
}

impl Part<'_> {
    fn span(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    fn parse(&self) -> Result<u64, CronError> {
        let noun = self.unit.noun();
        let (range, step) = match self.text.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (self.text, None),
        };
        let (first, last) = if range == "*" || (range == "?" && self.unit.is_day()) {
            (self.unit.bounds().0, self.unit.last())
        } else {
            match range.split_once('-') {
                Some((first, last)) => {
                    let second = self.at + first.len() + 1;
                    self.range(self.value(first, self.at)?, self.value(last, second)?, range)?
                }
                None => {
                    let value = self.value(range, self.at)?;
                    if step.is_some() {
                        // Some programs go on to the end from there, others take the one value.
                        let message = format!("a step needs a range of {noun}s to go through");
                        return Err(CronError::syntax(message, self.span(), "a step from one value")
                            .with_help(self.stepped(value, step)));
                    }
                    (value, value)
                }
            }
        };
        let step = match step {
            Some(step) => self.step(step, self.at + range.len() + 1)?,
            None => 1,
        };
        let modulus = self.unit.last() + 1;
        Ok((first..=last).step_by(step as usize).fold(0, |bits, value| bits | 1 << (value % modulus)))
    }

    /// The two ends of a range. Weeks go round: `FRI-MON` ends after the largest number.
    fn range(&self, first: u32, last: u32, text: &str) -> Result<(u32, u32), CronError> {
        if first <= last {
            return Ok((first, last));
        }
        if self.unit == Unit::Weekday {
            return Ok((first, last + 7));
        }
        let (least, most) = self.unit.bounds();
        let message = format!("the range {} ends before it begins", quote(text));
        let end = |from: u32, to: u32| if from == to { from.to_string() } else { format!("{from}-{to}") };
        Err(CronError::syntax(message, self.at..self.at + text.len(), "backwards").with_help(format!(
            "write `{},{}` if it is meant to go round",
            end(first, most),
            end(least, last)
        )))
    }

    /// A number or a name.
    fn value(&self, text: &str, at: usize) -> Result<u32, CronError> {
        let unit = self.unit;
        let (least, most) = unit.bounds();
        let span = at..at + text.len();
        if text.is_empty() {
            let message = format!("a {} is missing", unit.noun());
            return Err(CronError::syntax(message, self.span(), "something is missing here")
                .with_help("write a value, a range like `1-5` or a list like `1,15`"));
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            // What is too long for a number is too large for a field.
            let number = text.parse().unwrap_or(u32::MAX);
            if (least..=most).contains(&number) {
                return Ok(number);
            }
            let message = format!("{} is no {}", quote(text), unit.noun());
            return Err(CronError::syntax(message, span, format!("not from {least} to {most}"))
                .with_help(format!("write a number from {least} to {most}")));
        }
        let upper = text.to_ascii_uppercase();
        let named = unit.names().iter().position(|(short, long)| *short == upper || *long == upper);
        if let Some(place) = named.and_then(|place| u32::try_from(place).ok()) {
            return Ok(place + least);
        }
        let message = format!("{} is no {}", quote(text), unit.noun());
        let error = CronError::syntax(message, span, "cannot be read");
        Err(match self.hint(text) {
            Some(help) => error.with_help(help),
            None => error.with_help(format!("write a number from {least} to {most}, or `*`")),
        })
    }

    fn hint(&self, text: &str) -> Option<String> {
        if self.unit.is_day() && (text.contains('#') || text.ends_with(['L', 'W'])) {
            return Some("`L`, `W` and `#` are not served".to_owned());
        }
        let names = self.unit.names();
        if names.is_empty() {
            return None;
        }
        let short = names.iter().map(|(short, _)| *short);
        // `Mondays`, `Sept`: what begins like a name is meant as that name.
        let upper = text.to_ascii_uppercase();
        if let Some(name) = short.clone().find(|name| upper.starts_with(name)) {
            return Some(format!("did you mean `{name}`?"));
        }
        let long = names.iter().map(|(_, long)| *long);
        suggest(&upper, short.clone().chain(long), "")
            .filter(|help| help.starts_with("did"))
            .or_else(|| Some(format!("names are {}", list(short))))
    }

    fn step(&self, text: &str, at: usize) -> Result<u32, CronError> {
        let span = at..at + text.len();
        let (least, _) = self.unit.bounds();
        let longest = self.unit.last() - least;
        let noun = self.unit.noun();
        let error = match text.parse().unwrap_or(u32::MAX) {
            _ if text.is_empty() => {
                CronError::syntax("a step is missing", self.span(), "nothing behind the `/`")
            }
            _ if !text.bytes().all(|byte| byte.is_ascii_digit()) => {
                CronError::syntax(format!("{} is no step", quote(text)), span, "not a number")
            }
            0 => CronError::syntax("a step of 0 never ends", span, "at least 1"),
            // `*/90` is every hour and not every ninety minutes: better said now than wondered about later.
            step if step > longest => {
                let message = format!(
                    "a step of {} is longer than the field: it counts {noun}s anew from {least}",
                    quote(text)
                );
                CronError::syntax(message, span, format!("at most {longest}"))
            }
            step => return Ok(step),
        };
        Err(error.with_help(format!("write a step from 1 to {longest}, like `*/2`")))
    }

    fn stepped(&self, value: u32, step: Option<&str>) -> String {
        let (least, most) = (self.unit.bounds().0, self.unit.last());
        let step = step.unwrap_or_default();
        match value == least {
            true => format!("write `*/{step}`"),
            false => format!("write `{value}-{most}/{step}`"),
        }
    }
}
