//! What steps that begin anew have left at the provider.
//!
//! A retry forgets how a step ended, and never what its calls may have done: attempts are counted on, so that no marker is
//! used twice, and what is in doubt stays so until it has been looked for.

use super::{Run, StepRecord, StepState};
use crate::event::{EventBody, Finding, StepStatus};
use riposte_model::{ErrorKind, Failure, StepPath, Timestamp};
use riposte_playbook::{OnError, StepKind};

/// What a step had left when it was forgotten.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Trace {
    /// How many attempts had been begun.
    pub(super) attempts: u32,
    /// The last attempt of which it is known what it opened.
    pub(super) known: u32,
    pub(super) left: Left,
    /// Whether what it had left has been taken up.
    taken_up: bool,
}

/// What nobody has looked at yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Left {
    /// Nothing.
    #[default]
    Nothing,
    /// It may have been done, and doing it again does no harm.
    MayBeDone,
    /// A call in doubt, or something that the provider may not have ended: the step's state when it was given up.
    Open(Box<StepState>),
    /// The same, where nobody can say whether what begins anew is still the same wish. The text says what is in doubt.
    Lost(String),
}

impl Run {
    /// The last attempt of a step from before the run was retried; 0 if there was none.
    pub(crate) fn attempts_before(&self, step: &StepPath) -> u32 {
        self.traces.get(step).map_or(0, |trace| trace.attempts)
    }

    /// The last attempt of a step of which it was known what it opened, when the run was retried.
    pub(super) fn known_before(&self, step: &StepPath) -> u32 {
        self.traces.get(step).map_or(0, |trace| trace.known)
    }

    /// Whether an attempt from before the run was retried may have been carried out, where repeating does no harm.
    pub(crate) fn may_be_done(&self, step: &StepPath) -> bool {
        self.traces.get(step).is_some_and(|trace| trace.left == Left::MayBeDone)
    }

    /// What has to be recorded before a step may begin that was forgotten and had left something. `None`: it may begin.
    pub(super) fn left_to_settle(&self, step: &StepPath) -> Option<EventBody> {
        let step = step.clone();
        match &self.traces.get(&step)?.left {
            Left::Nothing | Left::MayBeDone => None,
            Left::Open(_) => Some(EventBody::StepTakenUp { step }),
            Left::Lost(what) => {
                let message = format!(
                    "it is not begun again, since nobody can say what it did before the run was retried: {what}"
                );
                let failure = Failure::new(ErrorKind::UnknownOutcome, message);
                Some(EventBody::StepFailed { step, failure, because_of: None })
            }
        }
    }

    /// Puts a step that was forgotten back to where it was given up.
    pub(super) fn take_up_what_was_left(&mut self, step: &StepPath, at: Timestamp) {
        let Some(trace @ Trace { left: Left::Open(_), .. }) = self.traces.get_mut(step) else { return };
        let Left::Open(mut state) = std::mem::take(&mut trace.left) else { return };
        trace.taken_up = true;
        if let StepState::Accepted { since, .. } = &mut *state {
            *since = at;
        }
        self.enter(step, at, *state);
    }

    /// The event for what turns out to have ended well already when it is first looked at again; `None` if that is the step's
    /// own end, which it is but for a handler that begins anew: it is about what has happened since. A device that was
    /// released before it was isolated once more is not released.
    pub fn conclude_past(&self, step: &StepPath) -> Option<EventBody> {
        let (attempt, _) = self.attempt_under_way(step)?;
        if !self.may_be_past(step, attempt) || self.cancelled_by.is_some() {
            return None;
        }
        let evidence = "it had ended well before the step's turn came again".to_owned();
        Some(EventBody::Reconciled { step: step.clone(), attempt, finding: Finding::Past { evidence } })
    }

    /// Whether an attempt of a handler's step was made before the run was retried, and has been taken up.
    pub(super) fn may_be_past(&self, step: &StepPath, attempt: u32) -> bool {
        self.traces.get(step).is_some_and(|trace| trace.taken_up && attempt <= trace.attempts)
    }

    /// What a step had left is its own again.
    pub(super) fn leaves_nothing(&mut self, step: &StepPath) {
        if let Some(trace) = self.traces.get_mut(step) {
            trace.left = Left::Nothing;
        }
    }

    /// The provider has ended what an attempt from before the run was retried had opened.
    pub(super) fn is_known_now(&mut self, step: &StepPath, attempt: u32) {
        if let Some(trace) = self.traces.get_mut(step) {
            trace.known = trace.known.max(attempt);
        }
    }

    /// Keeps how a step stood that fails, if it has to go on from there.
    pub(super) fn keep_unfinished(&mut self, step: &StepPath, failure: &Failure, at: Timestamp) {
        let fails = self.step(step).is_some_and(|step| step.on_error == OnError::Fail);
        let Some(record) = self.steps.get(step) else { return };
        let in_doubt = failure.kind == ErrorKind::UnknownOutcome;
        let kept = match &record.state {
            StepState::Looping { .. } if fails => record.state.clone(),
            StepState::Calling { .. } => record.state.clone(),
            StepState::Unknown { .. } if in_doubt => record.state.clone(),
            StepState::Accepted { .. } if !is_end_at_provider(failure.kind) => record.state.clone(),
            StepState::Intended { intent, at: intended_at } if in_doubt => StepState::Unknown {
                intent: intent.clone(),
                intended_at: *intended_at,
                since: at,
                because: failure.clone(),
            },
            StepState::Open
            | StepState::Looping { .. }
            | StepState::Sleeping { .. }
            | StepState::Intended { .. }
            | StepState::Unknown { .. }
            | StepState::Accepted { .. }
            | StepState::LeftOpen { .. }
            | StepState::Backoff { .. }
            | StepState::Ended { .. } => return,
        };
        self.unfinished.insert(step.clone(), kept);
    }

    /// The items of loops inside are not gone through again. What is in doubt inside stays in doubt, since a handler around may
    /// be forgotten, and then begins anew.
    pub(super) fn forget_loops_inside(&mut self, path: &StepPath) {
        // Whatever is inside stands behind it in the order of paths, and most runs have nothing of that.
        let begins = |other: &&StepPath| other.as_str().starts_with(path.as_str());
        let behind = self.unfinished.range(path.clone()..).map(|(other, _)| other).take_while(begins);
        let inside: Vec<StepPath> = behind.filter(|other| other.is_inside(path)).cloned().collect();
        for other in inside {
            if matches!(self.unfinished.get(&other), Some(StepState::Looping { .. })) {
                self.unfinished.remove(&other);
            }
        }
        self.scope.forget_inside(path);
    }

    /// Writes down what a step has left that is about to be forgotten. `same`: what begins anew is the same wish; otherwise
    /// nothing that is in doubt may be taken for it.
    pub(super) fn leave_trace(&mut self, step: &StepPath, same: bool) {
        let Some(StepRecord { state, .. }) = self.steps.get(step) else { return };
        let kept = self.unfinished.get(step);
        match self.step(step).map(|step| &step.kind) {
            Some(StepKind::Action(_)) => {
                let Some((attempts, is_known, left)) = left_by(state, kept) else { return };
                let trace = self.traces.entry(step.clone()).or_default();
                trace.attempts = trace.attempts.max(attempts);
                trace.taken_up = false;
                if is_known {
                    trace.known = attempts;
                }
                trace.left = match left {
                    Left::Open(open) if !same => Left::Lost(describe(&open)),
                    left => left,
                };
            }
            Some(StepKind::Call(_)) => {
                if let (Some(StepState::Calling { run }), StepState::Ended { failure: Some(failure), .. }) =
                    (kept, state)
                    && matches!(failure.kind, ErrorKind::UnknownOutcome | ErrorKind::Timeout)
                {
                    let left = Left::Lost(format!("{run} ended with {failure}"));
                    self.traces.insert(step.clone(), Trace { left, ..Trace::default() });
                }
            }
            _ => {}
        }
    }
}

/// Attempts, whether it is known what the last one opened, and what it left. `None`: it has called nobody.
fn left_by(state: &StepState, kept: Option<&StepState>) -> Option<(u32, bool, Left)> {
    match state {
        StepState::Ended { attempts: 0, .. } => None,
        StepState::Ended { attempts, status, failure, .. } => {
            let kind = failure.as_ref().map(|failure| failure.kind);
            let left = match kept {
                Some(state) => Left::Open(Box::new(state.clone())),
                None if kind == Some(ErrorKind::UnknownOutcome) => Left::MayBeDone,
                None => Left::Nothing,
            };
            let is_known = *status == StepStatus::Succeeded || kind.is_some_and(is_end_at_provider);
            Some((*attempts, is_known && kept.is_none(), left))
        }
        StepState::Backoff { next_attempt, last, .. } => {
            let in_doubt = last.kind == ErrorKind::UnknownOutcome;
            Some((next_attempt - 1, false, if in_doubt { Left::MayBeDone } else { Left::Nothing }))
        }
        StepState::Unknown { intent, .. } => {
            Some((intent.attempt, false, Left::Open(Box::new(state.clone()))))
        }
        StepState::Accepted { attempt, .. } => Some((*attempt, false, Left::Open(Box::new(state.clone())))),
        StepState::LeftOpen { attempt, provider_id, since, claim } => {
            let (attempt, provider_id, since) = (*attempt, provider_id.clone(), *since);
            let state = StepState::Accepted { attempt, provider_id, since, claim: claim.clone() };
            Some((attempt, false, Left::Open(Box::new(state))))
        }
        // No run ends with one.
        StepState::Intended { intent, .. } => Some((intent.attempt, false, Left::Lost(describe(state)))),
        StepState::Open
        | StepState::Looping { .. }
        | StepState::Calling { .. }
        | StepState::Sleeping { .. } => None,
    }
}

/// Whether a failure says that the provider has ended what it accepted.
pub(crate) fn is_end_at_provider(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ProviderFailed | ErrorKind::Cancelled)
}

fn describe(state: &StepState) -> String {
    match state {
        StepState::Unknown { intent, .. } | StepState::Intended { intent, .. } => {
            format!("look in the provider's action log for the marker {}", intent.marker)
        }
        StepState::Accepted { provider_id, .. } | StepState::LeftOpen { provider_id, .. } => {
            format!("the provider's action {provider_id} had not ended")
        }
        other => format!("it was {}", other.as_str()),
    }
}
