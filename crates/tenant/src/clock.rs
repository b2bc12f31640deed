//! Where the tenant's time comes from.
//!
//! Everything else in this crate gets the time passed in, so a test moves three days with one call and a run with the
//! same seed and the same clock gives the same answers.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};

/// Tells what time it is. Asked once for each request.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The wall time, in UTC. Must not go backwards.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the tenant asks for the time")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<DateTime<Utc>>);

impl ManualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: DateTime<Utc>) -> Self {
        Self(Mutex::new(start))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }
}

impl Default for ManualClock {
    /// Stands at 2025-01-01T00:00:00Z, a date that no test should care about.
    fn default() -> Self {
        Self::at(Utc.timestamp_opt(1_735_689_600, 0).single().unwrap_or(DateTime::UNIX_EPOCH))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a time stamp as Defender does: UTC with seven fractional digits.
pub(crate) fn stamp(at: DateTime<Utc>) -> String {
    let ticks = at.timestamp_subsec_nanos() / 100;
    format!("{}.{ticks:07}Z", at.format("%Y-%m-%dT%H:%M:%S"))
}

/// Writes a date as HTTP does (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A whole number with `ms`, `s`, `m`, `h` or `d`.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    // So that adding it to a date cannot overflow.
    number.checked_mul(millis).map(Duration::from_millis).filter(|length| *length <= MAX_DURATION)
}

/// The longest duration that is read: ten years.
const MAX_DURATION: Duration = Duration::from_secs(10 * 366 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_carry_seven_digits() {
        let at = DateTime::parse_from_rfc3339("2018-12-04T12:09:24.1785079Z").unwrap().to_utc();
        assert_eq!(stamp(at), "2018-12-04T12:09:24.1785079Z");
    }

    #[test]
    fn dates_of_http_have_names() {
        let at = DateTime::parse_from_rfc3339("1994-11-06T08:49:37Z").unwrap().to_utc();
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn durations_have_a_number_and_a_unit() {
        let seconds = |text| parse_duration(text).map(|length| length.as_secs());
        for (text, expected) in [
            ("1500ms", Some(1)),
            ("90s", Some(90)),
            ("2m", Some(120)),
            ("1h", Some(3_600)),
            ("3d", Some(259_200)),
            ("90", None),
            ("s", None),
            ("1w", None),
            ("-1s", None),
            ("4000d", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn a_manual_clock_moves_only_by_hand() {
        let clock = ManualClock::default();
        let before = clock.now();
        assert_eq!(clock.now(), before);
        clock.advance(Duration::from_secs(3));
        assert_eq!((clock.now() - before).num_seconds(), 3);
    }
}
