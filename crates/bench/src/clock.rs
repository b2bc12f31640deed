//! What time it is: figures of one round come from three processes, and are compared by the wall clock of their machine.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "what is measured is real time, and nothing here is replayed")]
pub(crate) fn wall_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Milliseconds since 1970, as journals keep them.
pub(crate) fn wall_millis() -> u64 {
    wall_micros() / 1000
}
