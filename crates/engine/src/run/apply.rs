//! Folding one event in: the only way a run ever changes.

use super::{Run, StepRecord, StepState, locate};
use crate::event::{CallIntended, Event, EventBody, Finding, StepStatus};
use riposte_model::{Effect, ErrorKind, Failure, StepPath, Timestamp};
use riposte_playbook::StepKind;
use serde_json::{Map, Value, json};

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
    /// Folds one event in, or says why it cannot be; then nothing has changed.
    pub fn apply(&mut self, event: &Event) -> Result<(), IllegalEvent> {
        self.permits(event)?;
        self.last_seq = event.seq;
        self.last_at = event.at;
        match &event.body {
            EventBody::RunStarted(_) => {}
            EventBody::CancelRequested { by } => self.cancelled_by = Some(by.clone()),
            EventBody::RunFinished(finished) => self.finished = Some(finished.clone()),
            EventBody::StepSkipped { step } => {
                self.end(step, event.at, event.at, StepStatus::Skipped, None, None, 0);
            }
            EventBody::StepSucceeded { step, output } => {
                if let (Some(StepKind::Stop(_)), Some(message)) =
                    (self.step(step).map(|step| &step.kind), output.as_str())
                {
                    self.stops.insert(step.clone(), message.to_owned());
                }
                self.end(step, event.at, event.at, StepStatus::Succeeded, Some(output), None, 0);
            }
            EventBody::StepFailed { step, failure } => {
                let attempts = match self.record(step).map(|record| &record.state) {
                    Some(StepState::Backoff { next_attempt, .. }) => next_attempt - 1,
                    _ => 0,
                };
                self.end(step, event.at, event.at, StepStatus::Failed, None, Some(failure), attempts);
            }
            EventBody::TimerFired { step } => {
                self.end(step, event.at, event.at, StepStatus::Succeeded, Some(&Value::Null), None, 0);
            }
            EventBody::TimerSet { step, fire_at } => {
                self.enter(step, event.at, StepState::Sleeping { fire_at: *fire_at });
            }
            EventBody::CallIntended(intent) => {
                let state = StepState::Intended { intent: intent.clone(), at: event.at };
                self.enter(&intent.step, event.at, state);
            }
            EventBody::CallAccepted { step, attempt, provider_id } => {
                let state = StepState::Accepted {
                    attempt: *attempt,
                    provider_id: provider_id.clone(),
                    since: event.at,
                };
                self.enter(step, event.at, state);
            }
            EventBody::CallSucceeded { step, attempt, started_at, output } => {
                self.end(step, *started_at, event.at, StepStatus::Succeeded, Some(output), None, *attempt);
            }
            EventBody::CallFailed { step, attempt, started_at, failure, retry_at: Some(retry_at) } => {
                let state = StepState::Backoff {
                    next_attempt: attempt + 1,
                    not_before: *retry_at,
                    last: failure.clone(),
                    arguments: self.arguments_sent(step),
                };
                self.enter(step, *started_at, state);
            }
            EventBody::CallFailed { step, attempt, started_at, failure, retry_at: None } => {
                self.end(step, *started_at, event.at, StepStatus::Failed, None, Some(failure), *attempt);
            }
            EventBody::OutcomeUnknown { step, .. } => self.doubt(step, event.at),
            EventBody::Reconciled { step, attempt, finding } => {
                self.settle(step, *attempt, finding, event.at);
            }
        }
        Ok(())
    }

    /// Whether the event may happen now.
    pub fn permits(&self, event: &Event) -> Result<(), IllegalEvent> {
        let kind = event.body.kind();
        if event.seq != self.next_seq() {
            return Err(IllegalEvent::new(
                kind,
                format!("event number {} as number {}", self.next_seq(), event.seq),
            ));
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
        let once = matches!(&step.kind, StepKind::Action(action) if action.spec.effect == Effect::Once);
        let state = self.record(path).map(|record| &record.state);
        if transition_is_legal(state, &event.body, once) {
            Ok(())
        } else {
            let state = state.map_or("not begun", StepState::as_str);
            Err(IllegalEvent::new(kind, format!("step `{path}`, which is {state}")))
        }
    }

    /// A run does not end while nobody knows what became of a call.
    fn may_end(&self, event: &EventBody) -> Result<(), IllegalEvent> {
        let in_doubt = self.steps.iter().find(|(_, record)| {
            matches!(record.state, StepState::Intended { .. } | StepState::Unknown { .. })
        });
        match (event, in_doubt) {
            (EventBody::RunFinished(_), Some((step, _))) => Err(IllegalEvent::new(
                event.kind(),
                format!("a run whose step `{step}` has a call outstanding"),
            )),
            _ => Ok(()),
        }
    }

    /// Puts a step into a state that is not its end.
    fn enter(&mut self, step: &StepPath, began: Timestamp, state: StepState) {
        self.open_ancestors(step, began);
        let record = self
            .steps
            .entry(step.clone())
            .or_insert(StepRecord { started_at: began, state: StepState::Open });
        record.state = state;
    }

    /// A block has begun as soon as something inside it has.
    fn open_ancestors(&mut self, step: &StepPath, began: Timestamp) {
        let missing: Vec<StepPath> =
            locate::ancestors(step).take_while(|path| !self.steps.contains_key(path)).collect();
        for path in missing.into_iter().rev() {
            self.steps.insert(path, StepRecord { started_at: began, state: StepState::Open });
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one private function for every way in which a step ends")]
    fn end(
        &mut self,
        step: &StepPath,
        began: Timestamp,
        at: Timestamp,
        status: StepStatus,
        output: Option<&Value>,
        failure: Option<&Failure>,
        attempts: u32,
    ) {
        let failure = failure.cloned();
        self.enter(step, began, StepState::Ended { status, at, failure: failure.clone(), attempts });
        let started_at = self.steps.get(step).map_or(began, |record| record.started_at);
        let mut entry = Map::new();
        entry.insert("status".into(), json!(status.as_str()));
        if let Some(output) = output {
            entry.insert("output".into(), output.clone());
        }
        if let Some(failure) = failure {
            entry
                .insert("error".into(), json!({ "kind": failure.kind.as_str(), "message": failure.message }));
        }
        entry.insert("started_at".into(), json!(started_at.to_string()));
        entry.insert("finished_at".into(), json!(at.to_string()));
        if let (Some(id), Value::Object(steps)) =
            (self.step(step).map(|step| step.id.clone()), &mut self.scope.steps)
        {
            steps.insert(id, Value::Object(entry));
        }
    }

    /// The arguments of the call that is under way, if it was written down before it left.
    fn arguments_sent(&self, step: &StepPath) -> Option<Map<String, Value>> {
        match &self.record(step)?.state {
            StepState::Intended { intent, .. } | StepState::Unknown { intent, .. } => {
                Some(intent.arguments.clone())
            }
            StepState::Open
            | StepState::Sleeping { .. }
            | StepState::Accepted { .. }
            | StepState::Backoff { .. }
            | StepState::Ended { .. } => None,
        }
    }

    fn doubt(&mut self, step: &StepPath, at: Timestamp) {
        if let Some(record) = self.steps.get_mut(step)
            && let StepState::Intended { intent, at: intended_at } = &record.state
        {
            record.state =
                StepState::Unknown { intent: intent.clone(), intended_at: *intended_at, since: at };
        }
    }

    fn settle(&mut self, step: &StepPath, attempt: u32, finding: &Finding, at: Timestamp) {
        let state = match finding {
            Finding::Adopted { provider_id, .. } => {
                StepState::Accepted { attempt, provider_id: provider_id.clone(), since: at }
            }
            Finding::Absent { evidence } => StepState::Backoff {
                next_attempt: attempt + 1,
                not_before: at,
                last: Failure::new(
                    ErrorKind::Unavailable,
                    format!("the call was lost on its way and nothing was done: {evidence}"),
                ),
                arguments: self.arguments_sent(step),
            },
        };
        self.enter(step, at, state);
    }
}

/// The whole table of what may follow what, for one step. `once`: the step's call may not be repeated, so nothing can come
/// of it that was not written down before, and no other attempt follows an unknown outcome that was not reconciled.
fn transition_is_legal(state: Option<&StepState>, event: &EventBody, once: bool) -> bool {
    use StepState as S;
    match event {
        EventBody::StepSkipped { .. } | EventBody::TimerSet { .. } => state.is_none(),
        EventBody::StepSucceeded { .. } => matches!(state, None | Some(S::Open)),
        EventBody::StepFailed { .. } => {
            matches!(state, None | Some(S::Open | S::Sleeping { .. } | S::Backoff { .. }))
        }
        EventBody::TimerFired { .. } => matches!(state, Some(S::Sleeping { .. })),
        EventBody::CallIntended(CallIntended { attempt, .. }) => match state {
            None => *attempt == 1,
            Some(S::Backoff { next_attempt, .. }) => attempt == next_attempt,
            Some(_) => false,
        },
        EventBody::CallAccepted { attempt, .. } => match state {
            None => !once && *attempt == 1,
            Some(S::Intended { intent, .. }) => intent.attempt == *attempt,
            Some(S::Backoff { next_attempt, .. }) => !once && next_attempt == attempt,
            Some(_) => false,
        },
        EventBody::CallSucceeded { attempt, .. } => match state {
            None => !once && *attempt == 1,
            Some(S::Intended { intent, .. }) => intent.attempt == *attempt,
            Some(S::Accepted { attempt: under_way, .. }) => under_way == attempt,
            Some(S::Backoff { next_attempt, .. }) => !once && next_attempt == attempt,
            Some(S::Open | S::Sleeping { .. } | S::Unknown { .. } | S::Ended { .. }) => false,
        },
        EventBody::CallFailed { attempt, retry_at, .. } => match state {
            None => !once && *attempt == 1,
            Some(S::Intended { intent, .. }) => intent.attempt == *attempt,
            Some(S::Unknown { intent, .. }) => intent.attempt == *attempt && retry_at.is_none(),
            Some(S::Accepted { attempt: under_way, .. }) => under_way == attempt && retry_at.is_none(),
            Some(S::Backoff { next_attempt, .. }) => !once && next_attempt == attempt,
            Some(S::Open | S::Sleeping { .. } | S::Ended { .. }) => false,
        },
        EventBody::OutcomeUnknown { attempt, .. } => {
            matches!(state, Some(S::Intended { intent, .. }) if intent.attempt == *attempt)
        }
        EventBody::Reconciled { attempt, .. } => {
            matches!(state, Some(S::Unknown { intent, .. }) if intent.attempt == *attempt)
        }
        EventBody::RunStarted(_) | EventBody::CancelRequested { .. } | EventBody::RunFinished(_) => true,
    }
}
