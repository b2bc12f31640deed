//! The time of the world, for what is told to others or kept over a restart. Everything else counts from `Instant`s.

use std::{
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use chrono::{DateTime, Utc};
use reqwest::header::{DATE, HeaderMap};

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

/// What the last answer of one host showed.
#[derive(Default)]
pub(crate) struct SeenClock(Mutex<Option<i64>>);

impl SeenClock {
    pub(crate) fn note(&self, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| DateTime::parse_from_rfc2822(date.trim()).ok());
        let ahead =
            date.map(|date| (DateTime::<Utc>::from(wall_time()) - date.with_timezone(&Utc)).num_seconds());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = ahead;
    }

    pub(crate) fn ahead(&self) -> Option<i64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
