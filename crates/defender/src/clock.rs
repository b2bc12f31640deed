//! The time of the world, for what is told to others or kept over a restart. Everything else counts from `Instant`s.

use std::{
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use chrono::{DateTime, Utc};
use reqwest::header::{DATE, HeaderMap, HeaderValue};

#[expect(
    clippy::disallowed_methods,
    reason = "assertions, tokens, records of calls and what other clocks are compared with carry the time of the world"
)]
pub(crate) fn wall_time() -> SystemTime {
    SystemTime::now()
}

/// By how many seconds this machine's clock is ahead of others' (behind, if less than nothing), as their last answers show:
/// an HTTP date has whole seconds, and an answer travels for a moment. None before the first answer, or where it has no date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clocks {
    /// Ahead of the authority that gives tokens.
    pub authority: Option<i64>,
    /// Ahead of the API.
    pub api: Option<i64>,
}

/// What the last answers of one host showed.
#[derive(Default)]
pub(crate) struct SeenClock(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    /// The date of the last answer, as it was written.
    date: Option<HeaderValue>,
    ahead: Option<i64>,
}

impl SeenClock {
    pub(crate) fn note(&self, headers: &HeaderMap) {
        let date = headers.get(DATE);
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of a second's answers the first says most: the others only come later.
        if seen.date.as_ref() != date || date.is_none() {
            *seen = Seen { date: date.cloned(), ahead: date.and_then(ahead) };
        }
    }

    pub(crate) fn ahead(&self) -> Option<i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).ahead
    }
}

fn ahead(date: &HeaderValue) -> Option<i64> {
    let date = DateTime::parse_from_rfc2822(date.to_str().ok()?.trim()).ok()?;
    Some((DateTime::<Utc>::from(wall_time()) - date.with_timezone(&Utc)).num_seconds())
}
