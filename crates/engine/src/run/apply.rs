//! Folding one event in: the only way a run ever changes.

use super::inside::ancestors;
use super::{IllegalEvent, Item, Items, Run, StepRecord, StepState};
use crate::event::{Event, EventBody, Finding, StepStatus};
use riposte_model::{ErrorKind, Failure, StepPath, Timestamp};
use riposte_playbook::{OnError, StepKind};
use serde_json::{Map, Value, json};

/// How a step ended.
#[derive(Clone, Copy)]
struct End<'e> {
    status: StepStatus,
    output: Option<&'e Value>,
    failure: Option<&'e Failure>,
    because_of: Option<&'e StepPath>,
    attempts: u32,
}

impl<'e> End<'e> {
    const SKIPPED: End<'static> =
        End { status: StepStatus::Skipped, output: None, failure: None, because_of: None, attempts: 0 };

    fn succeeded(output: &'e Value, attempts: u32) -> Self {
        End { status: StepStatus::Succeeded, output: Some(output), attempts, ..End::SKIPPED }
    }

    fn failed(failure: &'e Failure, attempts: u32) -> Self {
        End { status: StepStatus::Failed, failure: Some(failure), attempts, ..End::SKIPPED }
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
            EventBody::RunRetried { .. } => self.reopen(event.at),
            EventBody::StepSkipped { step } => {
                self.end(step, event.at, event.at, End::SKIPPED);
            }
            EventBody::StepSucceeded { step, output } => {
                if let (Some(StepKind::Stop(_)), Some(message)) =
                    (self.step(step).map(|step| &step.kind), output.as_str())
                {
                    self.stops.insert(step.clone(), message.to_owned());
                }
                self.end(step, event.at, event.at, End::succeeded(output, 0));
            }
            EventBody::StepFailed { step, failure, because_of } => {
                let attempts = match self.record(step).map(|record| &record.state) {
                    Some(StepState::Backoff { next_attempt, .. }) => next_attempt - 1,
                    _ => 0,
                };
                let end = End { because_of: because_of.as_ref(), ..End::failed(failure, attempts) };
                self.end(step, event.at, event.at, end);
            }
            EventBody::TimerFired { step } => {
                self.end(step, event.at, event.at, End::succeeded(&Value::Null, 0));
            }
            EventBody::LoopStarted { step, items } => {
                let ended = Items::open(items.len());
                self.enter(step, event.at, StepState::Looping { items: items.as_slice().into(), ended });
            }
            EventBody::ItemEnded { step, item, failure, because_of, outputs } => {
                let end = Item {
                    failure: failure.clone(),
                    because_of: because_of.clone(),
                    outputs: outputs.clone(),
                };
                if let Some(StepRecord { state: StepState::Looping { ended, .. }, .. }) =
                    self.steps.get_mut(step)
                {
                    ended.end(*item, end);
                }
                self.item_ended(step, *item, failure.is_some());
            }
            EventBody::ChildStarted { step, run } => {
                self.enter(step, event.at, StepState::Calling { run: *run });
            }
            EventBody::ChildFinished { step, failure, outputs, .. } => {
                let outputs = Value::Object(outputs.clone());
                let end = failure.as_ref().map_or_else(|| End::succeeded(&outputs, 0), |f| End::failed(f, 0));
                self.end(step, event.at, event.at, end);
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
                    claim: self.claim(step),
                };
                self.enter(step, event.at, state);
            }
            EventBody::CallSucceeded { step, attempt, started_at, output } => {
                self.end(step, *started_at, event.at, End::succeeded(output, *attempt));
            }
            EventBody::CallFailed { step, attempt, started_at, failure, retry_at: Some(retry_at) } => {
                if self.attempt_under_way(step).is_some() {
                    self.is_known_now(step, *attempt);
                }
                let state = StepState::Backoff {
                    next_attempt: attempt + 1,
                    not_before: *retry_at,
                    last: failure.clone(),
                    arguments: self.arguments_sent(step),
                };
                self.enter(step, *started_at, state);
            }
            EventBody::CallFailed { step, attempt, started_at, failure, retry_at: None } => {
                self.end(step, *started_at, event.at, End::failed(failure, *attempt));
            }
            EventBody::OutcomeUnknown { step, failure, .. } => self.doubt(step, failure, event.at),
            EventBody::Reconciled { step, attempt, finding } => {
                self.settle(step, *attempt, finding, event.at);
            }
            EventBody::WithdrawalFailed { step, .. } => self.leave_open(step),
            EventBody::StepTakenUp { step } => self.take_up_what_was_left(step, event.at),
        }
        Ok(())
    }

    /// Puts a step into a state that is not its end.
    pub(super) fn enter(&mut self, step: &StepPath, began: Timestamp, state: StepState) {
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
            ancestors(step).take_while(|path| !self.steps.contains_key(path)).collect();
        for path in missing.into_iter().rev() {
            self.steps.insert(path, StepRecord { started_at: began, state: StepState::Open });
        }
    }

    fn end(&mut self, step: &StepPath, began: Timestamp, at: Timestamp, end: End<'_>) {
        let End { status, output, failure, because_of, attempts } = end;
        if let Some(failure) = failure {
            self.keep_unfinished(step, failure, at);
        }
        self.close_inside(step, status);
        let state = StepState::Ended {
            status,
            at,
            failure: failure.cloned(),
            because_of: because_of.cloned(),
            attempts,
        };
        self.enter(step, began, state);
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
        self.scope.end(&self.playbook, step, entry);
    }

    /// What is inside of a step that has ended well, or was allowed not to, is not opened again by a retry.
    fn close_inside(&mut self, path: &StepPath, status: StepStatus) {
        let Some(step) = self.step(path) else { return };
        let is_settled = status != StepStatus::Failed || step.on_error == OnError::Continue;
        if is_settled && !step.lists().is_empty() {
            self.forget_loops_inside(path);
        }
    }

    /// What an item did is read again only if the item is: once it has failed the loop, by a retry.
    fn item_ended(&mut self, path: &StepPath, item: usize, has_failed: bool) {
        let turn = path.turn(item);
        let fails = match self.step(path).map(|step| &step.kind) {
            Some(StepKind::ForEach(each)) => each.on_item_error == OnError::Fail,
            _ => false,
        };
        if !(has_failed && fails) {
            self.scope.forget_turn(&turn);
            self.forget_loops_inside(&turn);
        }
    }

    /// The arguments of the call that is under way, if it was written down before it left.
    fn arguments_sent(&self, step: &StepPath) -> Option<Map<String, Value>> {
        match &self.record(step)?.state {
            StepState::Intended { intent, .. } | StepState::Unknown { intent, .. } => {
                Some(intent.arguments.clone())
            }
            StepState::Open
            | StepState::Looping { .. }
            | StepState::Calling { .. }
            | StepState::Sleeping { .. }
            | StepState::Accepted { .. }
            | StepState::LeftOpen { .. }
            | StepState::Backoff { .. }
            | StepState::Ended { .. } => None,
        }
    }

    fn doubt(&mut self, step: &StepPath, because: &Failure, at: Timestamp) {
        if let Some(record) = self.steps.get_mut(step)
            && let StepState::Intended { intent, at: intended_at } = &record.state
        {
            record.state = StepState::Unknown {
                intent: intent.clone(),
                intended_at: *intended_at,
                since: at,
                because: because.clone(),
            };
        }
    }

    fn leave_open(&mut self, step: &StepPath) {
        if let Some(record) = self.steps.get_mut(step)
            && let StepState::Accepted { attempt, provider_id, since, claim } = &record.state
        {
            let (attempt, provider_id, since) = (*attempt, provider_id.clone(), *since);
            record.state = StepState::LeftOpen { attempt, provider_id, since, claim: claim.clone() };
        }
    }

    fn settle(&mut self, step: &StepPath, attempt: u32, finding: &Finding, at: Timestamp) {
        let state = match finding {
            Finding::Adopted { provider_id, .. } => {
                let (provider_id, claim) = (provider_id.clone(), self.claim(step));
                StepState::Accepted { attempt, provider_id, since: at, claim }
            }
            Finding::Past { evidence } => {
                self.is_known_now(step, attempt);
                let last = Failure::new(ErrorKind::Timeout, evidence.clone());
                StepState::Backoff { next_attempt: attempt + 1, not_before: at, last, arguments: None }
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
