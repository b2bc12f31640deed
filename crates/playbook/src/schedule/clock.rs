//! What a clock on the wall shows, and when.

use super::Zone;
use chrono::offset::LocalResult;
use chrono::{DateTime, Duration, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

/// When a clock shows a time.
pub(super) enum Shown {
    Once(DateTime<Tz>),
    /// It is put back in between.
    Twice(DateTime<Tz>, DateTime<Tz>),
    /// It is put forward over it.
    Never,
}

impl Zone {
    pub(super) fn shows(self, local: NaiveDateTime) -> Shown {
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(at) => Shown::Once(at),
            LocalResult::Ambiguous(one, other) => Shown::Twice(one.min(other), one.max(other)),
            LocalResult::None => Shown::Never,
        }
    }

    /// The first whole second at which the clock shows more than a time that it never shows.
    pub(super) fn after_gap(self, skipped: NaiveDateTime) -> Option<DateTime<Tz>> {
        // Clocks are at most fourteen hours ahead of UTC and twelve behind it, since there is a calendar of schedules.
        let utc = skipped.and_utc().timestamp();
        let shows_more = |second: i64| self.at(second).is_some_and(|at| at.naive_local() > skipped);
        self.at(first_second(utc - 15 * 3600, utc + 13 * 3600, shows_more))
    }

    /// The second at which the clock was put back, between the two times that it shows the same.
    pub(super) fn put_back(self, first: &DateTime<Tz>, second: &DateTime<Tz>) -> Option<DateTime<Tz>> {
        let offset = second.offset().fix();
        let is_back = |second: i64| self.at(second).is_some_and(|at| at.offset().fix() == offset);
        self.at(first_second(first.timestamp(), second.timestamp(), is_back))
    }

    fn at(self, second: i64) -> Option<DateTime<Tz>> {
        self.0.timestamp_opt(second, 0).single()
    }
}

/// One second before a time that a clock shows, so that what follows begins with it.
pub(super) fn before(local: NaiveDateTime) -> NaiveDateTime {
    local.checked_sub_signed(Duration::seconds(1)).unwrap_or(local)
}

/// The first second from which on something holds. It holds at the end, and not at the beginning.
fn first_second(mut from: i64, mut to: i64, holds: impl Fn(i64) -> bool) -> i64 {
    while to - from > 1 {
        let middle = from + (to - from) / 2;
        if holds(middle) {
            to = middle;
        } else {
            from = middle;
        }
    }
    to
}
