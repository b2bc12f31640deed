//! How often a provider is asked.

use std::time::Duration;
use tokio::time::Instant;

/// How often pending actions are asked after: an eighth of their age, within these bounds.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Shortest pause, for young actions.
    pub shortest: Duration,
    /// Longest pause, for old ones.
    pub longest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { shortest: Duration::from_secs(2), longest: Duration::from_secs(60) }
    }
}

impl Pace {
    pub(crate) fn pause(self, age: Duration) -> Duration {
        (age / 8).clamp(self.shortest, self.longest)
    }
}

/// Looks that may follow each other without a pause.
const BURST: u32 = 15;

/// What keeps a poller below its provider's limits, however much is pending: after a burst, one look for every two of the
/// shortest pauses. With those of two seconds that is at most 30 in any minute and 915 in any hour, of the 100 and 1,500
/// that Defender documents for its collection of machine actions.
pub(crate) struct Allowance {
    every: Duration,
    /// When the whole burst will be allowed again.
    whole_at: Option<Instant>,
}

impl Allowance {
    pub(crate) fn new(pace: Pace) -> Allowance {
        Allowance { every: pace.shortest * 2, whole_at: None }
    }

    /// From when on the next look is allowed.
    pub(crate) fn free_at(&self, now: Instant) -> Instant {
        let whole_in = self.whole_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        now + whole_in.saturating_sub(self.every * (BURST - 1))
    }

    /// Counts a look.
    pub(crate) fn take(&mut self, now: Instant) {
        self.whole_at = Some(self.whole_at.map_or(now, |at| at.max(now)) + self.every);
    }
}
