//! The time of the world, for what is told to others or kept over a restart. Everything else counts from `Instant`s.

use std::time::SystemTime;

#[expect(
    clippy::disallowed_methods,
    reason = "assertions, tokens and records of calls carry the time of the world"
)]
pub(crate) fn wall_time() -> SystemTime {
    SystemTime::now()
}
