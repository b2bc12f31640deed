//! What has happened: the only truth about a run. These types are the journal's format, so a change to their shape is
//! a change to stored data (`docs/decisions/`).

use crate::marker::Marker;
use riposte_expr::Late;
use riposte_model::{ActionName, Failure, PlaybookName, RunId, SourceHash, StepPath, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// One event of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Position in the run, from 1, without gaps.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// What happened.
    pub body: EventBody,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventBody {
    /// The run exists. Always the first event, and only the first.
    RunStarted(Arc<RunStarted>),
    /// The step's condition was false.
    StepSkipped {
        /// Which step.
        step: StepPath,
    },
    /// A step that calls nobody (set, stop, wait, block, parallel) ended well.
    StepSucceeded {
        /// Which step.
        step: StepPath,
        /// What later steps see as its output.
        output: Value,
    },
    /// A step failed without a call: an expression, arguments that do not fit, `fail`, a block whose step failed.
    StepFailed {
        /// Which step.
        step: StepPath,
        /// Why.
        failure: Failure,
        /// The step inside that failed, if it is a step with others inside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because_of: Option<StepPath>,
    },
    /// A call that changes the world is about to leave. On disk before the first byte is sent.
    CallIntended(Arc<CallIntended>),
    /// The provider took the call and works on it.
    CallAccepted {
        /// Which step.
        step: StepPath,
        /// Which attempt.
        attempt: u32,
        /// The provider's id of what it opened.
        provider_id: String,
    },
    /// The call, and with it the step, ended well.
    CallSucceeded {
        /// Which step.
        step: StepPath,
        /// Which attempt.
        attempt: u32,
        /// When the step began (a read leaves no earlier trace).
        started_at: Timestamp,
        /// What later steps see as its output.
        output: Value,
    },
    /// The attempt certainly failed.
    CallFailed {
        /// Which step.
        step: StepPath,
        /// Which attempt.
        attempt: u32,
        /// When the step began (a read leaves no earlier trace).
        started_at: Timestamp,
        /// Why.
        failure: Failure,
        /// When the next attempt may leave; `None`: the step has failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
    },
    /// Nobody can say whether the call was carried out.
    OutcomeUnknown {
        /// Which step.
        step: StepPath,
        /// Which attempt.
        attempt: u32,
        /// What happened instead of an answer.
        failure: Failure,
    },
    /// The provider's own log has settled an unknown outcome.
    Reconciled {
        /// Which step.
        step: StepPath,
        /// Which attempt.
        attempt: u32,
        /// What the log showed.
        finding: Finding,
    },
    /// The run was cancelled, and what the provider had accepted could not be taken back: it may still be carried out.
    WithdrawalFailed {
        /// Which step.
        step: StepPath,
        /// Which attempt.
        attempt: u32,
        /// Why not.
        failure: Failure,
    },
    /// A loop has begun.
    LoopStarted {
        /// Which step.
        step: StepPath,
        /// What it goes over, as it was computed once.
        items: Vec<Value>,
    },
    /// One item of a loop is done with.
    ItemEnded {
        /// Which loop.
        step: StepPath,
        /// Which item, from 0.
        item: usize,
        /// Why it failed, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
        /// The step that failed then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because_of: Option<StepPath>,
        /// What it gives.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        outputs: Map<String, Value>,
    },
    /// Another playbook's run has begun for this step. Written together with that run's own first event, both or neither.
    ChildStarted {
        /// Which step.
        step: StepPath,
        /// The other run.
        run: RunId,
    },
    /// The run that was begun for this step is over.
    ChildFinished {
        /// Which step.
        step: StepPath,
        /// The other run.
        run: RunId,
        /// Why the step failed, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
        /// The other playbook's outputs.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        outputs: Map<String, Value>,
    },
    /// A `wait` step has begun.
    TimerSet {
        /// Which step.
        step: StepPath,
        /// When it ends.
        fire_at: Timestamp,
    },
    /// A `wait` step has ended.
    TimerFired {
        /// Which step.
        step: StepPath,
    },
    /// A step that begins anew after a retry is again where it was given up before it: its call is in doubt, or accepted and not
    /// known to have ended.
    StepTakenUp {
        /// Which step.
        step: StepPath,
    },
    /// Somebody wants the run to end.
    CancelRequested {
        /// Who, or what, and why.
        by: String,
    },
    /// The run is over. The last event, unless the run is retried.
    RunFinished(RunFinished),
    /// A run that had failed goes on from its failed steps.
    RunRetried {
        /// Who wants that.
        by: String,
    },
}

impl EventBody {
    /// The kind's word, as it stands in the journal.
    pub fn kind(&self) -> &'static str {
        match self {
            EventBody::RunStarted(_) => "run_started",
            EventBody::StepSkipped { .. } => "step_skipped",
            EventBody::StepSucceeded { .. } => "step_succeeded",
            EventBody::StepFailed { .. } => "step_failed",
            EventBody::CallIntended(_) => "call_intended",
            EventBody::CallAccepted { .. } => "call_accepted",
            EventBody::CallSucceeded { .. } => "call_succeeded",
            EventBody::CallFailed { .. } => "call_failed",
            EventBody::OutcomeUnknown { .. } => "outcome_unknown",
            EventBody::Reconciled { .. } => "reconciled",
            EventBody::WithdrawalFailed { .. } => "withdrawal_failed",
            EventBody::LoopStarted { .. } => "loop_started",
            EventBody::ItemEnded { .. } => "item_ended",
            EventBody::ChildStarted { .. } => "child_started",
            EventBody::ChildFinished { .. } => "child_finished",
            EventBody::TimerSet { .. } => "timer_set",
            EventBody::TimerFired { .. } => "timer_fired",
            EventBody::StepTakenUp { .. } => "step_taken_up",
            EventBody::CancelRequested { .. } => "cancel_requested",
            EventBody::RunFinished(_) => "run_finished",
            EventBody::RunRetried { .. } => "run_retried",
        }
    }

    /// The provider's id of what was opened or found, if it is about that.
    pub fn provider_id(&self) -> Option<&str> {
        match self {
            EventBody::CallAccepted { provider_id, .. }
            | EventBody::Reconciled { finding: Finding::Adopted { provider_id, .. }, .. } => {
                Some(provider_id)
            }
            _ => None,
        }
    }

    /// The step it is about, if it is about one.
    pub fn step(&self) -> Option<&StepPath> {
        match self {
            EventBody::CallIntended(intent) => Some(&intent.step),
            EventBody::StepSkipped { step }
            | EventBody::StepSucceeded { step, .. }
            | EventBody::StepFailed { step, .. }
            | EventBody::CallAccepted { step, .. }
            | EventBody::CallSucceeded { step, .. }
            | EventBody::CallFailed { step, .. }
            | EventBody::OutcomeUnknown { step, .. }
            | EventBody::Reconciled { step, .. }
            | EventBody::WithdrawalFailed { step, .. }
            | EventBody::LoopStarted { step, .. }
            | EventBody::ItemEnded { step, .. }
            | EventBody::ChildStarted { step, .. }
            | EventBody::ChildFinished { step, .. }
            | EventBody::TimerSet { step, .. }
            | EventBody::TimerFired { step }
            | EventBody::StepTakenUp { step } => Some(step),
            EventBody::RunStarted(_)
            | EventBody::CancelRequested { .. }
            | EventBody::RunFinished(_)
            | EventBody::RunRetried { .. } => None,
        }
    }
}

/// How a run began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    /// The playbook's name.
    pub playbook: PlaybookName,
    /// The version of it that this run keeps.
    pub source: SourceHash,
    /// Its inputs, defaults filled in, checked.
    pub inputs: Map<String, Value>,
    /// What started it.
    pub trigger: Trigger,
    /// The run and the step that called this playbook, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// Where its calls go: what each connection is connected to that it uses, or a playbook that it calls. A run is driven on
    /// there and nowhere else.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub connections: Map<String, Value>,
}

/// Who waits for a run that was started by a `call`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The run that called.
    pub run: RunId,
    /// Its step.
    pub step: StepPath,
    /// How many calls deep the called run is: 1 below a run that nobody called.
    pub depth: usize,
}

/// What started a run; `trigger` in expressions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// `manual`, `webhook`, `schedule` or `call`.
    pub kind: String,
    /// The webhook's name, the schedule, the command, or the playbook that calls.
    pub name: String,
    /// What came with it; for a webhook its node of the body. Shared, because it may be large and never changes.
    pub body: Arc<Value>,
}

impl Trigger {
    /// What expressions see as `trigger`, for a run that starts at `at`; made when one of them reads it.
    pub fn late(&self, at: Timestamp) -> Late {
        let trigger = self.clone();
        Late::new(Box::new(move || trigger.as_value(at)))
    }

    fn as_value(&self, at: Timestamp) -> Value {
        let mut value = json!({ "kind": self.kind, "name": self.name, "at": at.to_string(), "body": null });
        // Copied and not serialised, as `json!` would: it may be large.
        value["body"] = Value::clone(&self.body);
        value
    }
}

/// A call that changes the world, as it will be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallIntended {
    /// Which step.
    pub step: StepPath,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// Which action.
    pub action: ActionName,
    /// Its arguments: evaluated, defaults filled in, checked.
    pub arguments: Map<String, Value>,
    /// What makes this very call recognisable at the provider.
    pub marker: Marker,
    /// What the attempts up to this one opened at the provider is known, from before the run was retried, and is not this
    /// call; 0: nothing is.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub known: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_nothing(known: &u32) -> bool {
    *known == 0
}

/// How an unknown outcome was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Finding {
    /// The provider has it: it counts as accepted.
    Adopted {
        /// The provider's id.
        provider_id: String,
        /// What was seen, for people.
        evidence: String,
    },
    /// The provider had carried it out and ended it before a handler's turn came again: that was another time, and the handler
    /// makes its call anew.
    Past {
        /// What was looked at, for people.
        evidence: String,
    },
    /// The provider does not have it, looked for after its visibility delay: nothing was done.
    Absent {
        /// What was looked at, for people.
        evidence: String,
    },
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFinished {
    /// Well or not.
    pub status: RunStatus,
    /// The step that decided it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepPath>,
    /// Why it failed or was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The message of a `stop` step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The playbook's outputs.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub outputs: Map<String, Value>,
}

/// A run's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Not over.
    Running,
    /// Every step ended well or was allowed not to, or a `stop` was reached.
    Succeeded,
    /// A step failed.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl RunStatus {
    /// The word used in the journal and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            RunStatus::Running => "running",
            RunStatus::Succeeded => "succeeded",
            RunStatus::Failed => "failed",
            RunStatus::Cancelled => "cancelled",
        }
    }
}

/// A step's status in expressions, once it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepStatus {
    /// Ended well.
    Succeeded,
    /// Failed.
    Failed,
    /// Its condition was false.
    Skipped,
}

impl StepStatus {
    /// The word used in expressions and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            StepStatus::Succeeded => "succeeded",
            StepStatus::Failed => "failed",
            StepStatus::Skipped => "skipped",
        }
    }
}
