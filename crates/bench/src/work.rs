//! The workloads.

pub(crate) mod w1;

use std::time::Duration;

/// How much of everything there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Rounds of which the median is taken.
    pub(crate) rounds: usize,
    /// Only a look: a tenth of everything.
    pub(crate) quick: bool,
}

impl Size {
    /// So many, or a tenth of it.
    pub(crate) fn of(self, many: usize) -> usize {
        if self.quick { many / 10 } else { many }
    }
}

/// Shortest pause between two looks at an action, for both. As many actions as it can be asked after in a second (a hundred
/// with each question, one question every two pauses) must be more than there will be.
pub(crate) const PAUSE: Duration = Duration::from_millis(5);

/// Time for a process to come to rest before its memory is looked at.
pub(crate) const REST: Duration = Duration::from_millis(1000);

pub(crate) const MIB: f64 = 1_048_576.0;
