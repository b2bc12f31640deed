//! What should happen now.

use crate::event::{CallIntended, EventBody};
use crate::marker::Marker;
use riposte_model::{ActionSpec, PlaybookName, RunId, StepPath, Timestamp};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

/// One thing that should happen now. `next` repeats a command until an event answers it; whoever is already at work
/// for a step ignores the repetition.
#[derive(Clone, Debug)]
pub enum Command {
    /// Nothing outside is needed: write this down.
    Record(EventBody),
    /// Call a connector.
    Call(Call),
    /// An intent is on disk without an outcome. Whoever has that call in flight goes on; if nobody has, its outcome is
    /// unknown and has to be recorded as such.
    Settle {
        /// The call.
        intent: Arc<CallIntended>,
    },
    /// Ask the provider's own log whether the call was carried out.
    Reconcile {
        /// The call.
        intent: Arc<CallIntended>,
        /// When the intent was written: the provider cannot have seen the call earlier.
        intended_at: Timestamp,
        /// When the outcome became unknown: after this, nothing more was sent.
        unknown_since: Timestamp,
        /// When to give up.
        deadline: Deadline,
    },
    /// Wait until the provider has ended what it accepted.
    Follow {
        /// Which step.
        step: StepPath,
        /// What was called.
        action: Arc<ActionSpec>,
        /// The provider's id.
        provider_id: String,
        /// When it was accepted.
        since: Timestamp,
        /// When to give up.
        deadline: Deadline,
    },
    /// Ask the provider to end what it accepted: the run was cancelled.
    Withdraw {
        /// Which step.
        step: StepPath,
        /// What was called.
        action: Arc<ActionSpec>,
        /// The provider's id.
        provider_id: String,
        /// The marker of the call that opened it.
        marker: Marker,
        /// Why, for people who find it at the provider.
        reason: String,
        /// When to give up.
        deadline: Deadline,
    },
    /// Begin another playbook's run, and write down which it is, both or neither.
    StartChild {
        /// Which step.
        step: StepPath,
        /// The playbook.
        playbook: PlaybookName,
        /// Its inputs, evaluated and not yet checked by it.
        inputs: Map<String, Value>,
        /// When to give up.
        deadline: Deadline,
    },
    /// Drive a run that was begun for this step to its end.
    AwaitChild {
        /// Which step.
        step: StepPath,
        /// The other run.
        run: RunId,
        /// When to cancel it.
        deadline: Deadline,
    },
    /// Begin a wait: write down when it ends.
    SetTimer {
        /// Which step.
        step: StepPath,
        /// How long from now.
        after: Duration,
    },
    /// Wait until a timer fires.
    Sleep {
        /// Which step.
        step: StepPath,
        /// Until when.
        until: Timestamp,
        /// When to give up.
        deadline: Deadline,
    },
}

impl Command {
    /// The step it is about; `None` for what only has to be written down.
    pub fn step(&self) -> Option<&StepPath> {
        match self {
            Command::Record(_) => None,
            Command::Call(call) => Some(&call.step),
            Command::Settle { intent } | Command::Reconcile { intent, .. } => Some(&intent.step),
            Command::Follow { step, .. }
            | Command::Withdraw { step, .. }
            | Command::StartChild { step, .. }
            | Command::AwaitChild { step, .. }
            | Command::SetTimer { step, .. }
            | Command::Sleep { step, .. } => Some(step),
        }
    }
}

/// A call that should be made.
#[derive(Clone, Debug)]
pub struct Call {
    /// Which step.
    pub step: StepPath,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// What to call.
    pub action: Arc<ActionSpec>,
    /// Evaluated and checked.
    pub arguments: Map<String, Value>,
    /// What makes it recognisable.
    pub marker: Marker,
    /// See [`CallIntended::known`].
    pub known: u32,
    /// Not earlier than this: a retry's pause.
    pub not_before: Option<Timestamp>,
    /// When to give up.
    pub deadline: Deadline,
}

impl Call {
    /// The intent to write down before it leaves.
    pub fn intent(&self) -> Arc<CallIntended> {
        Arc::new(CallIntended {
            step: self.step.clone(),
            attempt: self.attempt,
            action: self.action.name.clone(),
            arguments: self.arguments.clone(),
            marker: self.marker.clone(),
            known: self.known,
        })
    }
}

/// When a step's time is over. Both halves may hold: the earlier counts. The core has no clock, so a limit that starts
/// with this very command is a duration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deadline {
    /// At this moment.
    pub at: Option<Timestamp>,
    /// This long after the command is taken up.
    pub within: Option<Duration>,
}

impl Deadline {
    /// The moment, for a command taken up now; the last writable one if there is no limit.
    pub fn resolve(self, now: Timestamp) -> Timestamp {
        let end = Timestamp::from_millis(i64::MAX);
        let within = self.within.map_or(end, |within| now.saturating_add(within));
        self.at.map_or(within, |at| at.min(within))
    }

    /// The tighter of two.
    pub(crate) fn and(self, other: Deadline) -> Deadline {
        fn tighter<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
            match (a, b) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            }
        }
        Deadline { at: tighter(self.at, other.at), within: tighter(self.within, other.within) }
    }
}
