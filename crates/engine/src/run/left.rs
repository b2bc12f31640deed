//! What may have left for a run before it was loaded.

use super::Run;
use crate::command::Command;
use riposte_model::{Effect, StepPath};
use std::collections::BTreeSet;

impl Run {
    /// Whether an earlier process may have sent the step's call, although no event says so.
    pub(crate) fn is_perhaps_sent(&self, step: &StepPath) -> bool {
        self.perhaps_sent.contains(step)
    }

    /// The changes that may be repeated and that a process which died now may have sent. They leave without an intent, so no
    /// event tells; but they are among what should happen now, for that follows from the events alone.
    pub(super) fn may_have_been_sent(&self) -> BTreeSet<StepPath> {
        let sent = self.next().into_iter().filter_map(|command| match command {
            Command::Call(call) if call.action.effect == Effect::Idempotent => Some(call.step),
            _ => None,
        });
        sent.collect()
    }
}
