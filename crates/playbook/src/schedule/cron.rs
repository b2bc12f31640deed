//! Cron expressions: read, and asked when they fire next.

use super::clock::{Shown, before};
use super::field::{Field, Unit};
use super::{CronError, CronFault, Zone};
use crate::diagnostic::{quote, suggest};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use cron::Schedule as Calendar;
use riposte_model::Timestamp;
use std::ops::Range;
use std::time::Duration;

/// Longest text, in bytes.
const MAX_TEXT: usize = 256;
/// The last year that the calendar has.
const LAST_YEAR: i32 = 2100;
const DAY: u32 = 24 * 3600;

/// Names, and the five fields that they stand for.
const NICKNAMES: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// A cron expression that fires.
///
/// Two are equal if they mean the same: `@daily` and `0 0 * * *`.
#[derive(Clone, Debug)]
pub struct Cron {
    text: String,
    fields: Fields,
    /// One, or two of which the earlier counts.
    calendars: Vec<Calendar>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fields {
    second: Field,
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
}

impl PartialEq for Cron {
    fn eq(&self, other: &Cron) -> bool {
        self.fields == other.fields
    }
}

impl Eq for Cron {}

impl std::fmt::Display for Cron {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Cron {
    /// Reads five fields (minute, hour, day of the month, month, day of the week), six with the second first, or a name
    /// like `@daily`. Days of the week are 0 to 7 or names, both 0 and 7 are Sunday, and `FRI-MON` goes round.
    ///
    /// As in crontab(5), a day has to fit both day fields if one of them begins with `*`, and either of them otherwise.
    pub fn parse(text: &str) -> Result<Cron, CronError> {
        if text.len() > MAX_TEXT {
            let message = format!("a cron expression has at most {MAX_TEXT} bytes");
            return Err(CronError::syntax(message, 0..text.len(), "too long"));
        }
        let words = words(text);
        let (fields, place) = match words[..] {
            [(at, name)] if name.starts_with('@') => {
                (Fields::parse(&expand(name, at)?)?.0, at..at + name.len())
            }
            [(_, setting), ..] if setting.contains('=') => return Err(wrong_count(&words)),
            _ => Fields::parse(&words)?,
        };
        let calendars = fields.calendars();
        // Every calendar repeats itself within its hundred years.
        let beginning = NaiveDate::from_ymd_opt(1970, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
        if beginning.and_then(|beginning| next(&calendars, before(beginning))).is_none() {
            return Err(CronError {
                fault: CronFault::NeverFires,
                message: "this schedule never fires".to_owned(),
                span: place,
                label: "there is no such day".to_owned(),
                help: None,
            });
        }
        Ok(Cron { text: text.trim().to_owned(), fields, calendars })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first time it fires after a moment, never at it. `None` from the year 2101 on.
    pub fn next_after(&self, after: Timestamp, zone: Zone) -> Option<Timestamp> {
        // It fires at whole seconds: what is after the moment is after its second.
        let second = DateTime::<Utc>::from_timestamp(after.as_millis().div_euclid(1000), 0)?;
        let now = second.with_timezone(&zone.0);
        let local = now.naive_local();
        let (one, other) = match zone.shows(local) {
            Shown::Twice(one, other) => (one, other),
            Shown::Once(_) | Shown::Never => return self.first_from(local, now, zone),
        };
        // The clock shows this time twice, and what it shows next depends on which of the two it is.
        let back = zone.put_back(&one, &other)?;
        let repeated = back.naive_local() + (other - one);
        let is_first = now < back;
        if is_first && self.follows_hours() {
            match next(&self.calendars, local) {
                Some(shown) if shown < repeated => self.first_from(local, now, zone),
                _ => self.first_from(before(back.naive_local()), now, zone),
            }
        } else if is_first || self.follows_hours() {
            self.first_from(local, now, zone)
        } else {
            self.first_from(before(repeated), now, zone)
        }
    }

    /// Whether it follows the hours that really pass, and not the times that a clock shows.
    fn follows_hours(&self) -> bool {
        self.fields.hour.is_open()
    }

    /// The first time after `local` on the clock that is a moment after `now`.
    fn first_from(
        &self,
        mut local: NaiveDateTime,
        now: DateTime<chrono_tz::Tz>,
        zone: Zone,
    ) -> Option<Timestamp> {
        let at = loop {
            let shown = next(&self.calendars, local)?;
            match zone.shows(shown) {
                Shown::Once(at) => break at,
                Shown::Twice(one, other) => break if one > now { one } else { other },
                Shown::Never => {
                    let after = zone.after_gap(shown)?;
                    if !self.follows_hours() {
                        break after;
                    }
                    local = before(after.naive_local());
                }
            }
        };
        Some(Timestamp::from(at.with_timezone(&Utc)))
    }

    /// The shortest time between two fires on a clock that nobody changes.
    pub fn shortest_pause(&self) -> Duration {
        let Fields { second, minute, hour, .. } = &self.fields;
        // How far the first and the last fire within a minute, an hour, a day are from each other.
        let in_minute = second.last() - second.first();
        let in_hour = (minute.last() - minute.first()) * 60 + in_minute;
        let in_day = (hour.last() - hour.first()) * 3600 + in_hour;
        let pauses = [
            second.closest(),
            minute.closest().map(|minutes| minutes * 60 - in_minute),
            hour.closest().map(|hours| hours * 3600 - in_hour),
            Some(DAY - in_day),
        ];
        Duration::from_secs(pauses.into_iter().flatten().min().unwrap_or(DAY).into())
    }
}

impl Fields {
    /// The fields, and where those of the days stand.
    fn parse(words: &[(usize, &str)]) -> Result<(Fields, Range<usize>), CronError> {
        let field = |unit, (at, text): (usize, &str)| Field::parse(unit, text, at);
        let (second, five) = match words {
            [second, five @ ..] if words.len() == 6 => (field(Unit::Second, *second)?, five),
            five => (Field::only(Unit::Second, 0), five),
        };
        let [minute, hour, day, month, weekday] = *five else { return Err(wrong_count(words)) };
        let fields = Fields {
            second,
            minute: field(Unit::Minute, minute)?,
            hour: field(Unit::Hour, hour)?,
            day: field(Unit::Day, day)?,
            month: field(Unit::Month, month)?,
            weekday: field(Unit::Weekday, weekday)?,
        };
        Ok((fields, day.0..month.0 + month.1.len()))
    }

    fn calendars(&self) -> Vec<Calendar> {
        let calendar = |day: &str, weekday: &str| {
            let [second, minute, hour, month] =
                [self.second, self.minute, self.hour, self.month].map(Field::canonical);
            format!("{second} {minute} {hour} {day} {month} {weekday}").parse().ok()
        };
        let (day, weekday) = (self.day.canonical(), self.weekday.canonical());
        let calendars = if self.day.is_open() || self.weekday.is_open() {
            vec![calendar(&day, &weekday)]
        } else {
            vec![calendar(&day, "*"), calendar("*", &weekday)]
        };
        calendars.into_iter().flatten().collect()
    }
}

/// The first time after another on a clock that is never changed.
fn next(calendars: &[Calendar], after: NaiveDateTime) -> Option<NaiveDateTime> {
    if after.year() > LAST_YEAR {
        return None;
    }
    // The calendar begins in 1970, and counts no years before that.
    let after = after.max(before(DateTime::<Utc>::UNIX_EPOCH.naive_utc())).and_utc();
    calendars.iter().filter_map(|calendar| calendar.after(&after).next()).map(|at| at.naive_utc()).min()
}

/// The words of a text, and where each begins.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut rest = 0..text.len();
    while let Some(tail) = text.get(rest.clone()).filter(|tail| !tail.is_empty()) {
        let start = rest.start + (tail.len() - tail.trim_start().len());
        let word = tail.split_whitespace().next().unwrap_or_default();
        if !word.is_empty() {
            words.push((start, word));
        }
        rest.start = start + word.len();
    }
    words
}

/// The fields that a name stands for.
fn expand(name: &str, at: usize) -> Result<Vec<(usize, &'static str)>, CronError> {
    if let Some((_, fields)) = NICKNAMES.iter().find(|(nickname, _)| *nickname == name) {
        return Ok(words(fields));
    }
    let error =
        CronError::syntax(format!("{} is no schedule", quote(name)), at..at + name.len(), "not known");
    Err(error.with_help(match name {
        "@reboot" => "a schedule says when, and not what happened".to_owned(),
        _ => suggest(name, NICKNAMES.map(|(name, _)| name), "names").unwrap_or_default(),
    }))
}

fn wrong_count(words: &[(usize, &str)]) -> CronError {
    let span = match (words.first(), words.last()) {
        (Some((start, _)), Some((at, last))) => *start..at + last.len(),
        _ => 0..0,
    };
    let count = match words.len() {
        0 => "nothing".to_owned(),
        1 => "1 field".to_owned(),
        count => format!("{count} fields"),
    };
    let fields = "minute, hour, day of the month, month, day of the week";
    let help = match words {
        [(_, first), ..] if first.contains('=') => {
            "the time zone has a key of its own: `timezone: Europe/Paris`".to_owned()
        }
        [(_, "@every"), ..] => "write it as fields: every five minutes is `*/5 * * * *`".to_owned(),
        [_, _, _, _, _, _, (_, year)] if year.starts_with(['*', '2']) => {
            format!("there is no year: second, {fields}")
        }
        _ => format!("{fields}, like `0 9 * * MON-FRI`"),
    };
    let message = "a schedule has five fields, or six with the second first";
    CronError::syntax(message, span, format!("this is {count}")).with_help(help)
}
