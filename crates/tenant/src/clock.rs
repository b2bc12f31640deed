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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_carry_seven_digits() {
        let at = DateTime::parse_from_rfc3339("2018-12-04T12:09:24.1785079Z").unwrap().to_utc();
        assert_eq!(stamp(at), "2018-12-04T12:09:24.1785079Z");
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
