//! How long the steps of an action take.

use std::ops::RangeInclusive;
use std::time::Duration;

use rand::{Rng, RngExt};

use super::ActionKind;

/// Longest step that a pace can ask for, so that adding it to a date cannot overflow.
pub(crate) const MAX_STEP: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long machine actions stay Pending and InProgress, as ranges from which the seed draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// Time in Pending, once the device is online.
    pub pending: RangeInclusive<Duration>,
    /// Time in InProgress for what ends soon: an isolation, a restriction, a quarantine, and their opposites.
    pub quick: RangeInclusive<Duration>,
    /// Time in InProgress for what takes longer: a scan, a package, a session, an investigation.
    pub slow: RangeInclusive<Duration>,
}

impl Pace {
    /// Actions end at once: the answer to the request shows Pending, the next look at the action Succeeded.
    #[must_use]
    pub fn instant() -> Self {
        let none = Duration::ZERO..=Duration::ZERO;
        Self { pending: none.clone(), quick: none.clone(), slow: none }
    }

    pub(super) fn draw_pending(&self, rng: &mut impl Rng) -> Duration {
        draw(&self.pending, rng)
    }

    pub(super) fn draw_running(&self, kind: ActionKind, rng: &mut impl Rng) -> Duration {
        match kind {
            ActionKind::Isolate
            | ActionKind::Unisolate
            | ActionKind::RestrictCodeExecution
            | ActionKind::UnrestrictCodeExecution
            | ActionKind::StopAndQuarantineFile
            | ActionKind::Offboard => draw(&self.quick, rng),
            ActionKind::RunAntiVirusScan
            | ActionKind::CollectInvestigationPackage
            | ActionKind::LiveResponse => draw(&self.slow, rng),
        }
    }
}

impl Pace {
    pub(super) fn draw_investigation(&self, rng: &mut impl Rng) -> Duration {
        draw(&self.slow, rng)
    }
}

impl Default for Pace {
    /// Fast enough to watch: a second or two for an isolation, a few seconds for a scan or a package.
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self { pending: ms(300)..=ms(700), quick: ms(500)..=ms(1_200), slow: ms(1_500)..=ms(3_000) }
    }
}

fn draw(range: &RangeInclusive<Duration>, rng: &mut impl Rng) -> Duration {
    let low = (*range.start()).min(MAX_STEP);
    let high = (*range.end()).clamp(low, MAX_STEP);
    rng.random_range(low..=high)
}
