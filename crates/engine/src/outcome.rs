//! What the world answered, and what it means for a run.

use crate::event::{EventBody, Finding};
use crate::run::{Run, StepState, is_end_at_provider};
use crate::{CallIntended, pause_before_retry};
use riposte_model::{Effect, ErrorKind, Failure, MAX_DEPTH, StepPath, Timestamp, is_deeper_than, size_over};
use riposte_playbook::{ActionStep, Await, StepKind};
use serde_json::{Value, json};

/// Most bytes of one recorded value: an output, arguments, inputs.
pub const MAX_OUTPUT: usize = 1 << 20;

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Carried out, with this output.
    Done(Value),
    /// Taken by the provider, which now works on it.
    Accepted {
        /// The provider's id of it.
        provider_id: String,
        /// The answer, as the output of a step that does not wait for the end.
        output: Value,
    },
    /// Certainly not carried out.
    Failed(Failure),
    /// Perhaps carried out: the request may have arrived and no answer came.
    Unknown(Failure),
}

/// Where something that the provider accepted stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Not at its end.
    Open {
        /// The provider's own word for it.
        status: String,
    },
    /// At its end, well.
    Succeeded(Value),
    /// At its end, not well.
    Failed(Failure),
}

impl Standing {
    /// Whether it is at its end.
    pub fn is_end(&self) -> bool {
        !matches!(self, Standing::Open { .. })
    }
}

/// What one look into the provider's log showed.
#[derive(Clone, Debug, PartialEq)]
pub enum Sighting {
    /// The call is there.
    Found {
        /// The provider's id of it.
        provider_id: String,
        /// What the provider shows of it, as the output of a step that does not wait for the end.
        output: Value,
        /// What was seen, for people.
        evidence: String,
    },
    /// The call is not there (yet).
    NotSeen {
        /// What was looked at, for people.
        evidence: String,
    },
    /// The provider keeps no log of such calls, so that no look, now or later, can tell.
    CannotTell {
        /// What a person has to look at, as what follows «nobody can say whether it was carried out: ».
        hint: String,
    },
}

impl Run {
    /// The events that record what came of a call; none if nobody waits for it any more. `draw` is a random number in `0.0..1.0` for the retry's jitter.
    pub fn conclude_call(
        &self,
        step: &StepPath,
        attempt: u32,
        started_at: Timestamp,
        outcome: Outcome,
        now: Timestamp,
        draw: f64,
    ) -> Vec<EventBody> {
        let Some(action) = self.action(step).filter(|_| !self.is_abandoned(step)) else { return Vec::new() };
        let is_doubted = matches!(
            self.record(step).map(|record| &record.state),
            Some(StepState::Backoff { last, .. }) if last.kind == ErrorKind::UnknownOutcome
        ) || self.may_be_done(step)
            || self.is_perhaps_sent(step);
        let step = step.clone();
        let (failure, may_be_done) = match outcome {
            Outcome::Done(output) => return vec![succeed(action, step, attempt, started_at, output)],
            Outcome::Accepted { provider_id, output } => {
                let accepted = EventBody::CallAccepted { step: step.clone(), attempt, provider_id };
                return if ends_when_taken(action) {
                    vec![accepted, succeed(action, step, attempt, started_at, output)]
                } else {
                    vec![accepted]
                };
            }
            Outcome::Failed(failure) => (failure, is_doubted),
            Outcome::Unknown(failure) => match action.spec.effect {
                Effect::Once => return vec![EventBody::OutcomeUnknown { step, attempt, failure }],
                // Repeating does no harm, so it is repeated as if nothing had been done; but nobody knows that.
                Effect::Idempotent => (failure, true),
                Effect::Read => (failure, false),
            },
        };
        let counted = self.counted(&step, attempt);
        let again = counted < action.retry.attempts() && action.retry.covers(failure.kind);
        let retry_at =
            again.then(|| now.saturating_add(pause_before_retry(&action.retry, counted, &failure, draw)));
        let failure = if may_be_done { in_doubt(failure) } else { failure };
        vec![EventBody::CallFailed { step, attempt, started_at, failure, retry_at }]
    }

    /// The event that records the end of something the provider had accepted; `None` while it is open.
    pub fn conclude_follow(&self, step: &StepPath, standing: Standing) -> Option<EventBody> {
        let (attempt, started_at) = self.attempt_under_way(step)?;
        let action = self.action(step)?;
        match standing {
            Standing::Open { .. } => None,
            Standing::Succeeded(output) => Some(succeed(action, step.clone(), attempt, started_at, output)),
            Standing::Failed(failure) => {
                // Opened before the run was retried, and failed: what was asked for is another attempt.
                let again = attempt <= self.attempts_before(step)
                    && is_end_at_provider(failure.kind)
                    && self.cancelled_by().is_none();
                let (step, retry_at) = (step.clone(), again.then(|| self.last_at()));
                Some(EventBody::CallFailed { step, attempt, started_at, failure, retry_at })
            }
        }
    }

    /// The events that record one look into the provider's log; none: look again later.
    ///
    /// Absence counts only if `settled`: the look began after the visibility delay had passed since the outcome became
    /// unknown. Where nothing can be looked into, the step has failed, and its call is not sent again.
    pub fn conclude_reconcile(
        &self,
        intent: &CallIntended,
        sighting: Sighting,
        settled: bool,
    ) -> Vec<EventBody> {
        let (step, attempt) = (&intent.step, intent.attempt);
        let reconciled = |finding| EventBody::Reconciled { step: step.clone(), attempt, finding };
        match sighting {
            Sighting::Found { provider_id, output, evidence } => {
                let adopted = reconciled(Finding::Adopted { provider_id, evidence });
                let started_at = self.record(step).map(|record| record.started_at);
                match (self.action(step), started_at) {
                    // Who wanted to know only that the provider has it knows it now.
                    (Some(action), Some(started_at)) if ends_when_taken(action) => {
                        vec![adopted, succeed(action, step.clone(), attempt, started_at, output)]
                    }
                    _ => vec![adopted],
                }
            }
            Sighting::NotSeen { evidence } if settled => vec![reconciled(Finding::Absent { evidence })],
            Sighting::NotSeen { .. } => vec![],
            Sighting::CannotTell { hint } => self.leave_to_a_person(intent, &hint).into_iter().collect(),
        }
    }

    /// The end of a call of which nobody but a person can find out what became of it.
    fn leave_to_a_person(&self, intent: &CallIntended, hint: &str) -> Option<EventBody> {
        let record = self.record(&intent.step)?;
        let StepState::Unknown { because, .. } = &record.state else { return None };
        let failure = Failure {
            kind: ErrorKind::UnknownOutcome,
            message: format!(
                "{}; nobody can say whether {} was carried out: {hint}",
                because.message, intent.action
            ),
            // Nothing is tried again.
            retry_after_ms: None,
            ..because.clone()
        };
        let (step, attempt, started_at) = (intent.step.clone(), intent.attempt, record.started_at);
        Some(EventBody::CallFailed { step, attempt, started_at, failure, retry_at: None })
    }

    /// The event that records that a step's time is over. `last_seen` is what the provider last said of it, or what it was
    /// waiting for.
    pub fn expire(&self, step: &StepPath, now: Timestamp, last_seen: Option<&str>) -> EventBody {
        let timeout =
            |what: String| Failure::new(ErrorKind::Timeout, format!("the step's time is over {what}"));
        let ended = |failure| EventBody::StepFailed { step: step.clone(), failure, because_of: None };
        let record = self.record(step);
        let started_at = record.map_or(now, |record| record.started_at);
        let (attempt, failure) = match record.map(|record| &record.state) {
            Some(StepState::Sleeping { fire_at }) => {
                return ended(timeout(format!("before its wait until {fire_at}")));
            }
            Some(StepState::Accepted { attempt, provider_id, .. }) => {
                let status = last_seen.map_or_else(String::new, |status| format!(", last seen as {status}"));
                let what = format!("while the provider's action {provider_id} had not ended{status}");
                (*attempt, timeout(what))
            }
            Some(StepState::Intended { intent, .. } | StepState::Unknown { intent, .. }) => {
                let failure = Failure::new(
                    ErrorKind::UnknownOutcome,
                    format!(
                        "nobody can say whether {} was carried out: look in the provider's action log for the \
                         marker {}",
                        intent.action, intent.marker
                    ),
                );
                (intent.attempt, failure)
            }
            // Why it was still trying says more than that it ran out of time, and decides the same.
            Some(StepState::Backoff { next_attempt, last, .. }) => {
                let message =
                    format!("{}; the step's time was over before attempt {next_attempt}", last.message);
                let failure = Failure { message, ..last.clone() };
                return ended(if self.is_perhaps_sent(step) { in_doubt(failure) } else { failure });
            }
            Some(
                StepState::Open
                | StepState::Looping { .. }
                | StepState::Calling { .. }
                | StepState::LeftOpen { .. }
                | StepState::Ended { .. },
            ) => return ended(timeout("before an answer came".into())),
            None if self.is_perhaps_sent(step) => {
                return ended(in_doubt(timeout("before an answer came".into())));
            }
            // Once a call has left, it is waited for: nothing has.
            None => {
                let why = last_seen.map_or_else(String::new, |why| format!(": {why}"));
                return ended(timeout(format!("before it began{why}")));
            }
        };
        EventBody::CallFailed { step: step.clone(), attempt, started_at, failure, retry_at: None }
    }

    /// The action step at this path.
    pub(crate) fn action(&self, step: &StepPath) -> Option<&ActionStep> {
        match &self.step(step)?.kind {
            StepKind::Action(action) => Some(action),
            StepKind::Block(_)
            | StepKind::Parallel { .. }
            | StepKind::ForEach(_)
            | StepKind::Call(_)
            | StepKind::Wait(_)
            | StepKind::Stop(_)
            | StepKind::Fail(_)
            | StepKind::Set(_) => None,
        }
    }
}

/// Whether nothing is left to wait for once the provider has the call.
fn ends_when_taken(action: &ActionStep) -> bool {
    action.spec.completion.is_answer() || action.until == Await::Accepted
}

/// The event of a call that was carried out.
fn succeed(
    action: &ActionStep,
    step: StepPath,
    attempt: u32,
    started_at: Timestamp,
    output: Value,
) -> EventBody {
    let kept = match &action.select {
        Some(path) => path
            .select(&output)
            .map(|found| Value::Array(found.into_iter().cloned().collect()))
            .map_err(|wide| wide.to_string()),
        None => Ok(output),
    };
    let kept = kept.and_then(|output| within_bounds(&output).map(|()| output));
    match (kept, action.spec.effect) {
        (Ok(output), _) => EventBody::CallSucceeded { step, attempt, started_at, output },
        // Nothing was done, so nothing is misreported by calling it a failure.
        (Err(why), Effect::Read) => {
            let message =
                format!("{} answered with {why}: keep the part you need with `select`", action.spec.name);
            let failure = Failure::new(ErrorKind::Invalid, message);
            EventBody::CallFailed { step, attempt, started_at, failure, retry_at: None }
        }
        // What was done was done; only what was said of it is too much to keep.
        (Err(why), Effect::Idempotent | Effect::Once) => {
            EventBody::CallSucceeded { step, attempt, started_at, output: json!({ "left_out": why }) }
        }
    }
}

/// Whether a value may be recorded: at most [`MAX_OUTPUT`] bytes, at most [`MAX_DEPTH`] deep. The error says what it is
/// instead.
pub(crate) fn within_bounds(value: &Value) -> Result<(), String> {
    if let Some(size) = size_over(value, MAX_OUTPUT) {
        Err(format!("{size} bytes, over the limit of {MAX_OUTPUT} bytes"))
    } else if is_deeper_than(value, MAX_DEPTH) {
        Err(format!("more than {MAX_DEPTH} levels of nesting"))
    } else {
        Ok(())
    }
}

/// The failure of a call that may be repeated, when this attempt or an earlier one may have been carried out. Only a success
/// ends the doubt.
fn in_doubt(failure: Failure) -> Failure {
    let message =
        format!("{}; it may have been done all the same, and doing it again does no harm", failure.message);
    Failure { kind: ErrorKind::UnknownOutcome, message, ..failure }
}
