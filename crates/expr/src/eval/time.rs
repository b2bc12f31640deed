//! Timestamps and durations.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use crate::eval::fault::Fault;
use crate::eval::value::Val;
use crate::function::Part;
use crate::text::shown;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// Most bytes of a text that denotes a duration: nothing longer is one.
const MOST_DURATION_BYTES: usize = 128;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z in Unix seconds: CEL's timestamps lie between.
const FIRST_SECOND: i64 = -62_135_596_800;
const LAST_SECOND: i64 = 253_402_300_799;

/// Reads RFC 3339.
pub(crate) fn parse_timestamp(text: &str) -> Result<DateTime<Utc>, Fault> {
    // CEL's timestamps know no leap seconds, and RFC 3339 as CEL reads it no blank in the middle.
    let instant = DateTime::parse_from_rfc3339(text)
        .ok()
        .filter(|instant| instant.timestamp_subsec_nanos() < 1_000_000_000)
        .filter(|_| text.as_bytes().get(10) != Some(&b' '))
        .ok_or_else(|| {
            Fault::evaluation(format!("`{}` is no RFC 3339 timestamp", shown(text)))
                .with_help("write it like \"2026-01-31T08:00:00Z\"")
        })?;
    in_range(instant.with_timezone(&Utc))
}

/// The instant a number of seconds after 1970.
pub(crate) fn from_seconds(seconds: i64) -> Result<DateTime<Utc>, Fault> {
    DateTime::from_timestamp(seconds, 0).ok_or_else(timestamp_range).and_then(in_range)
}

fn in_range(instant: DateTime<Utc>) -> Result<DateTime<Utc>, Fault> {
    if (FIRST_SECOND..=LAST_SECOND).contains(&instant.timestamp()) {
        Ok(instant)
    } else {
        Err(timestamp_range())
    }
}

/// An instant some nanoseconds later.
pub(crate) fn shift(instant: DateTime<Utc>, nanos: i64) -> Result<DateTime<Utc>, Fault> {
    instant.checked_add_signed(TimeDelta::nanoseconds(nanos)).ok_or_else(timestamp_range).and_then(in_range)
}

/// The nanoseconds from one instant to another.
pub(crate) fn between(later: DateTime<Utc>, earlier: DateTime<Utc>) -> Result<i64, Fault> {
    later.signed_duration_since(earlier).num_nanoseconds().ok_or_else(duration_range)
}

/// The instant as RFC 3339 in UTC, with as many digits of a second as there are.
pub(crate) fn format_timestamp(instant: DateTime<Utc>) -> String {
    let seconds = instant.format("%Y-%m-%dT%H:%M:%S");
    format!("{seconds}{}Z", fraction(instant.nanosecond() % 1_000_000_000))
}

/// Reads a duration: `1h30m`, `-1.5s`, `7d` (days are ours).
pub(crate) fn parse_duration(text: &str) -> Result<i64, Fault> {
    let wrong = || {
        Fault::evaluation(format!("`{}` is no duration", shown(text)))
            .with_help("write it like \"90s\", \"1h30m\" or \"7d\"")
    };
    if text.len() > MOST_DURATION_BYTES {
        return Err(wrong());
    }
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(wrong());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, after) = rest.split_at(digits(rest));
        let (part, after) = match after.strip_prefix('.') {
            Some(after) => after.split_at(digits(after)),
            None => ("", after),
        };
        if whole.is_empty() && part.is_empty() {
            return Err(wrong());
        }
        let (unit, after) = unit(after).ok_or_else(wrong)?;
        // So many digits fit no duration, whatever the unit; refused here, the sum below cannot overflow either.
        if whole.len() > 20 {
            return Err(duration_range());
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| duration_range())? };
        total =
            whole.checked_mul(unit).and_then(|nanos| total.checked_add(nanos)).ok_or_else(duration_range)?;
        let mut scale = unit;
        for digit in part.bytes() {
            scale /= 10;
            total += i128::from(digit - b'0') * scale;
        }
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| duration_range())
}

fn unit(text: &str) -> Option<(i128, &str)> {
    const UNITS: [(&str, i128); 8] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
        ("d", 86_400_000_000_000),
    ];
    UNITS.iter().find_map(|(name, nanos)| text.strip_prefix(name).map(|rest| (*nanos, rest)))
}

/// The duration in seconds: `3600s`, `-1.5s`.
pub(crate) fn format_duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    let second = NANOS_PER_SECOND.unsigned_abs();
    let rest = u32::try_from(size % second).unwrap_or_default();
    format!("{sign}{}{}s", size / second, fraction(rest))
}

/// `.5` for half a second, nothing for none.
fn fraction(nanos: u32) -> String {
    if nanos == 0 {
        return String::new();
    }
    format!(".{nanos:09}").trim_end_matches('0').to_owned()
}

/// A time zone by its IANA name or by its offset.
pub(crate) enum Zone {
    Named(Tz),
    Fixed(FixedOffset),
}

/// Reads `Europe/Paris` or `+02:00`.
pub(crate) fn parse_zone(text: &str) -> Result<Zone, Fault> {
    let wrong = || {
        Fault::evaluation(format!("`{}` is no time zone", shown(text)))
            .with_help("write it like \"Europe/Paris\" or \"+02:00\"")
    };
    if let Ok(zone) = text.parse::<Tz>() {
        return Ok(Zone::Named(zone));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = digits.split_once(':').ok_or_else(wrong)?;
    let number = |text: &str, below: i32| {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i32>().ok().filter(|number| plain && *number < below)
    };
    let seconds = number(hours, 24).ok_or_else(wrong)? * 3600 + number(minutes, 60).ok_or_else(wrong)? * 60;
    FixedOffset::east_opt(if negative { -seconds } else { seconds }).map(Zone::Fixed).ok_or_else(wrong)
}

/// One part of a timestamp or of a duration.
pub(crate) fn part<'a>(part: Part, value: &Val<'a>, zone: Option<&str>) -> Result<Val<'a>, Fault> {
    match value {
        Val::Timestamp(instant) => {
            let local = match zone.map(parse_zone).transpose()? {
                None => instant.naive_utc(),
                Some(Zone::Named(zone)) => instant.with_timezone(&zone).naive_local(),
                Some(Zone::Fixed(offset)) => instant.with_timezone(&offset).naive_local(),
            };
            Ok(Val::Int(part_of_timestamp(part, local)))
        }
        Val::Duration(nanos) if part.of_duration() && zone.is_none() => {
            let seconds = nanos / NANOS_PER_SECOND;
            Ok(Val::Int(match part {
                Part::Hours => seconds / 3600,
                Part::Minutes => seconds / 60,
                Part::Seconds => seconds,
                _ => nanos % NANOS_PER_SECOND / 1_000_000,
            }))
        }
        other => Err(Fault::wrong_type(format!("{} has no such part", other.describe()))),
    }
}

fn part_of_timestamp(part: Part, local: NaiveDateTime) -> i64 {
    match part {
        Part::FullYear => i64::from(local.year()),
        Part::Month => i64::from(local.month0()),
        Part::DayOfYear => i64::from(local.ordinal0()),
        Part::DayOfMonth => i64::from(local.day0()),
        Part::Date => i64::from(local.day()),
        Part::DayOfWeek => i64::from(local.weekday().num_days_from_sunday()),
        Part::Hours => i64::from(local.hour()),
        Part::Minutes => i64::from(local.minute()),
        Part::Seconds => i64::from(local.second()),
        Part::Milliseconds => i64::from(local.nanosecond() % 1_000_000_000 / 1_000_000),
    }
}

fn timestamp_range() -> Fault {
    Fault::evaluation("the timestamp is outside the years 1 to 9999")
}

/// What is said of a duration that is too long.
pub(crate) fn duration_range() -> Fault {
    Fault::evaluation("the duration is longer than 292 years")
}
