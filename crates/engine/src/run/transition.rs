//! What may follow what.

use super::{Run, StepState};
use crate::event::{Event, EventBody, Finding, RunStatus};
use riposte_model::Effect;
use riposte_playbook::StepKind;

/// An event that cannot happen in this state. Never the outside world's fault: a bug of ours or a damaged journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event `{event}` cannot happen to {state}")]
pub struct IllegalEvent {
    event: String,
    state: String,
}

impl IllegalEvent {
    pub(super) fn new(event: &str, state: impl Into<String>) -> Self {
        IllegalEvent { event: event.to_owned(), state: state.into() }
    }
}

impl Run {
    /// Whether the event may happen now.
    pub fn permits(&self, event: &Event) -> Result<(), IllegalEvent> {
        let kind = event.body.kind();
        if event.seq != self.next_seq() {
            return Err(IllegalEvent::new(
                kind,
                format!("event number {} as number {}", self.next_seq(), event.seq),
            ));
        }
        if matches!(event.body, EventBody::RunRetried { .. }) {
            return self.may_be_retried().map_err(|why| IllegalEvent::new(kind, why));
        }
        if self.finished.is_some() {
            return Err(IllegalEvent::new(kind, "a run that is over"));
        }
        if matches!(event.body, EventBody::RunStarted(_)) {
            return Err(IllegalEvent::new(kind, "a run that has started"));
        }
        let Some(path) = event.body.step() else { return self.may_end(&event.body) };
        let Some(step) = self.step(path) else {
            return Err(IllegalEvent::new(kind, format!("step `{path}`, which the playbook does not have")));
        };
        if self.is_abandoned(path) {
            return Err(IllegalEvent::new(kind, format!("step `{path}`, around which all has ended")));
        }
        if matches!(event.body, EventBody::WithdrawalFailed { .. }) && self.cancelled_by.is_none() {
            return Err(IllegalEvent::new(kind, "a run that nobody has cancelled"));
        }
        let once = matches!(&step.kind, StepKind::Action(action) if action.spec.effect == Effect::Once);
        let state = self.record(path).map(|record| &record.state);
        let before = Before {
            attempts: self.attempts_before(path),
            has_left: state.is_none() && self.left_to_settle(path).is_some(),
            is_open: state.is_none()
                && matches!(self.left_to_settle(path), Some(EventBody::StepTakenUp { .. })),
            may_be_past: self
                .attempt_under_way(path)
                .is_some_and(|(attempt, _)| self.may_be_past(path, attempt)),
        };
        if transition_is_legal(state, &event.body, once, before) {
            Ok(())
        } else {
            let state = state.map_or("not begun", StepState::as_str);
            Err(IllegalEvent::new(kind, format!("step `{path}`, which is {state}")))
        }
    }

    /// A run that has failed at a step, or a called one that was cancelled by its caller's time, may go on from there.
    fn may_be_retried(&self) -> Result<(), &'static str> {
        match self.status() {
            RunStatus::Failed if self.reopening().again.is_empty() => {
                Err("a run of which no step has failed")
            }
            RunStatus::Failed => Ok(()),
            RunStatus::Cancelled if self.started.parent.is_some() => Ok(()),
            RunStatus::Cancelled => Err("a run that was cancelled"),
            RunStatus::Succeeded => Err("a run that has succeeded"),
            RunStatus::Running => Err("a run that is not over"),
        }
    }

    /// A run does not end while nobody knows what became of a call.
    fn may_end(&self, event: &EventBody) -> Result<(), IllegalEvent> {
        let in_doubt = self.steps.iter().find(|(_, record)| {
            matches!(
                record.state,
                StepState::Intended { .. } | StepState::Unknown { .. } | StepState::Calling { .. }
            )
        });
        match (event, in_doubt) {
            (EventBody::RunFinished(_), Some((step, _))) => Err(IllegalEvent::new(
                event.kind(),
                format!("a run whose step `{step}` has a call outstanding"),
            )),
            _ => Ok(()),
        }
    }
}

/// What there was of a step before the run was retried.
#[derive(Clone, Copy)]
struct Before {
    /// Attempts.
    attempts: u32,
    /// Whether it has left something that comes first.
    has_left: bool,
    /// Whether it can be taken up where it was left.
    is_open: bool,
    /// Whether that has happened, and the provider works on it.
    may_be_past: bool,
}

/// The whole table of what may follow what, for one step. `once`: the step's call may not be repeated, so nothing can come
/// of it that was not written down before, and no other attempt follows an unknown outcome that was not reconciled.
fn transition_is_legal(state: Option<&StepState>, event: &EventBody, once: bool, before: Before) -> bool {
    use StepState as S;
    let is_first = |attempt: u32| !before.has_left && attempt == before.attempts + 1;
    match event {
        EventBody::StepSkipped { .. } | EventBody::TimerSet { .. } => state.is_none(),
        EventBody::LoopStarted { .. } => state.is_none(),
        EventBody::ChildStarted { .. } => state.is_none() && !before.has_left,
        EventBody::ItemEnded { item, .. } => {
            matches!(state, Some(S::Looping { ended, .. }) if ended.is_open(*item))
        }
        EventBody::ChildFinished { run, .. } => {
            matches!(state, Some(S::Calling { run: under_way }) if under_way == run)
        }
        EventBody::StepSucceeded { .. } => matches!(state, None | Some(S::Open | S::Looping { .. })),
        EventBody::StepFailed { .. } => {
            matches!(state, None | Some(S::Open | S::Looping { .. } | S::Sleeping { .. } | S::Backoff { .. }))
        }
        EventBody::TimerFired { .. } => matches!(state, Some(S::Sleeping { .. })),
        EventBody::CallIntended(intent) => match state {
            None => is_first(intent.attempt),
            Some(S::Backoff { next_attempt, .. }) => intent.attempt == *next_attempt,
            Some(_) => false,
        },
        EventBody::CallAccepted { attempt, .. } => match state {
            None => !once && is_first(*attempt),
            Some(S::Intended { intent, .. }) => intent.attempt == *attempt,
            Some(S::Backoff { next_attempt, .. }) => !once && next_attempt == attempt,
            Some(_) => false,
        },
        EventBody::CallSucceeded { attempt, .. } => match state {
            None => !once && is_first(*attempt),
            Some(S::Intended { intent, .. }) => intent.attempt == *attempt,
            Some(S::Accepted { attempt: under_way, .. }) => under_way == attempt,
            Some(S::Backoff { next_attempt, .. }) => !once && next_attempt == attempt,
            Some(
                S::Open
                | S::Looping { .. }
                | S::Calling { .. }
                | S::Sleeping { .. }
                | S::Unknown { .. }
                | S::LeftOpen { .. }
                | S::Ended { .. },
            ) => false,
        },
        EventBody::CallFailed { attempt, retry_at, .. } => match state {
            None => !once && is_first(*attempt),
            Some(S::Intended { intent, .. }) => intent.attempt == *attempt,
            Some(S::Unknown { intent, .. }) => intent.attempt == *attempt && retry_at.is_none(),
            // Another attempt follows what was accepted only if that was before a retry, which asks for one.
            Some(S::Accepted { attempt: under_way, .. }) => {
                under_way == attempt && (retry_at.is_none() || *attempt <= before.attempts)
            }
            Some(S::Backoff { next_attempt, .. }) => !once && next_attempt == attempt,
            Some(
                S::Open
                | S::Looping { .. }
                | S::Calling { .. }
                | S::Sleeping { .. }
                | S::LeftOpen { .. }
                | S::Ended { .. },
            ) => false,
        },
        EventBody::OutcomeUnknown { attempt, .. } => {
            matches!(state, Some(S::Intended { intent, .. }) if intent.attempt == *attempt)
        }
        EventBody::Reconciled { attempt, finding: Finding::Past { .. }, .. } => {
            matches!(state, Some(S::Accepted { attempt: under_way, .. })
                if under_way == attempt && before.may_be_past)
        }
        EventBody::Reconciled {
            attempt, finding: Finding::Adopted { .. } | Finding::Absent { .. }, ..
        } => {
            matches!(state, Some(S::Unknown { intent, .. }) if intent.attempt == *attempt)
        }
        EventBody::WithdrawalFailed { attempt, .. } => {
            matches!(state, Some(S::Accepted { attempt: under_way, .. }) if under_way == attempt)
        }
        EventBody::StepTakenUp { .. } => before.is_open,
        EventBody::RunStarted(_)
        | EventBody::CancelRequested { .. }
        | EventBody::RunFinished(_)
        | EventBody::RunRetried { .. } => true,
    }
}
