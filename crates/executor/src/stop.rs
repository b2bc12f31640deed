//! Why a drive ends before the run does.

use riposte_engine::RecordError;
use riposte_model::StepPath;

/// Why a drive ends early.
pub(crate) enum Stop {
    /// The journal did not take an event.
    Record(RecordError),
    /// This step's task panicked.
    Panicked(StepPath),
    /// Nothing is under way, and nothing follows.
    Stuck,
    /// It was asked to leave the run where it is.
    Left,
}

impl From<RecordError> for Stop {
    fn from(error: RecordError) -> Self {
        Stop::Record(error)
    }
}
