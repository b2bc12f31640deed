//! What should happen now, given all that has happened.

use super::call::Repeat;
use super::inside::Handled;
use super::place::Place;
use super::{Run, StepState};
use crate::command::{Command, Deadline};
use crate::event::{EventBody, RunFinished, RunStatus, StepStatus};
use crate::outcome::within_bounds;
use riposte_expr::{Bindings, Problem};
use riposte_model::{ErrorKind, Failure, StepPath, Timestamp, article, type_name};
use riposte_playbook::{Computed, OnError, Step, StepKind, Wait, evaluate_entries};
use serde_json::{Map, Value};

/// How far a step, a list of steps or the whole run is.
pub(super) enum Progress {
    /// Something is under way or has been commanded.
    UnderWay,
    /// Ended; whatever follows may begin.
    Passed,
    /// A `stop` was reached.
    Stopped,
    /// Failed, at this step, which has none inside.
    Failed(StepPath, Failure),
}

impl Run {
    /// Everything that should happen now. Commands repeat until an event answers them; a run that is over has none.
    pub fn next(&self) -> Vec<Command> {
        if self.finished.is_some() {
            return Vec::new();
        }
        let mut commands = Vec::new();
        if let Some(by) = &self.cancelled_by {
            self.wind_down(by, &mut commands);
            return commands;
        }
        let (body, top) = (&self.playbook.body, Place::top());
        let progress = self.block(body, None, &top, top.deadline, Handled::Told, &mut commands);
        let finished = match progress {
            Progress::UnderWay => return commands,
            Progress::Passed => self.succeeded(None),
            // The first one that was reached.
            Progress::Stopped => {
                self.succeeded(Some(self.stops.values().next().cloned().unwrap_or_default()))
            }
            Progress::Failed(step, failure) => ended(RunStatus::Failed, Some(step), Some(failure)),
        };
        commands.push(Command::Record(EventBody::RunFinished(finished)));
        commands
    }

    /// A cancelled run begins nothing and waits for nothing, but first learns what became of calls in flight, and takes back
    /// what the provider has not ended: a record that says «cancelled» while an isolation may go out would be a lie.
    fn wind_down(&self, by: &str, commands: &mut Vec<Command>) {
        for (step, record) in &self.steps {
            match &record.state {
                StepState::Calling { run } => {
                    let (step, deadline) = (step.clone(), Deadline::default());
                    commands.push(Command::AwaitChild { step, run: *run, deadline });
                }
                StepState::Intended { .. } | StepState::Unknown { .. } => {
                    if let Some(limit) = self.step(step).and_then(Step::time_limit) {
                        let at = Some(record.started_at.saturating_add(limit));
                        self.outstanding(step, &record.state, Deadline { at, within: None }, commands);
                    }
                }
                StepState::Accepted { attempt, provider_id, .. } => {
                    commands.extend(self.withdraw(step, *attempt, provider_id, by));
                }
                StepState::Open
                | StepState::Looping { .. }
                | StepState::Sleeping { .. }
                | StepState::LeftOpen { .. }
                | StepState::Backoff { .. }
                | StepState::Ended { .. } => {}
            }
        }
        if commands.is_empty() {
            let failure =
                Failure::new(ErrorKind::Cancelled, format!("cancelled by {by}{}", self.left_open()));
            let finished = ended(RunStatus::Cancelled, None, Some(failure));
            commands.push(Command::Record(EventBody::RunFinished(finished)));
        }
    }

    pub(super) fn list(&self, steps: &[Step], place: &Place<'_>, commands: &mut Vec<Command>) -> Progress {
        for step in steps {
            match self.one(step, &place.path(&step.id), place, commands) {
                Progress::Passed => {}
                progress => return progress,
            }
        }
        Progress::Passed
    }

    fn one(&self, step: &Step, path: &StepPath, place: &Place<'_>, commands: &mut Vec<Command>) -> Progress {
        let record = self.record(path);
        let own = match (step.time_limit(), record) {
            (None, _) => Deadline::default(),
            (Some(limit), Some(record)) => {
                Deadline { at: Some(record.started_at.saturating_add(limit)), within: None }
            }
            (Some(limit), None) => Deadline { at: None, within: Some(limit) },
        };
        let deadline = place.deadline.and(own);
        match record.map(|record| &record.state) {
            None => match self.condition(step, place) {
                Ok(true) => self.begin(step, path, place, deadline, commands),
                Ok(false) => record_event(commands, EventBody::StepSkipped { step: path.clone() }),
                Err(problem) => fail_step(commands, path, &problem, "if"),
            },
            Some(StepState::Open) => self.inside(step, path, place, deadline, commands),
            Some(StepState::Looping { .. }) => {
                let StepKind::ForEach(each) = &step.kind else { return Progress::UnderWay };
                self.go_through(each, path, place, deadline, commands)
            }
            Some(StepState::Calling { run }) => {
                commands.push(Command::AwaitChild { step: path.clone(), run: *run, deadline });
                Progress::UnderWay
            }
            Some(StepState::Ended { status: StepStatus::Skipped, .. }) => Progress::Passed,
            // Whatever became of the step: a `stop` was reached, at it or inside of it.
            Some(StepState::Ended { .. })
                if self.stops.contains_key(path) || self.has_stopped_inside(path) =>
            {
                match (&record.map(|record| &record.state), step.on_error) {
                    (
                        Some(StepState::Ended { status: StepStatus::Failed, failure, because_of, .. }),
                        OnError::Fail,
                    ) => failed(path, failure.as_ref(), because_of.as_ref()),
                    _ => Progress::Stopped,
                }
            }
            Some(StepState::Ended { status: StepStatus::Succeeded, .. }) => Progress::Passed,
            Some(StepState::Ended { status: StepStatus::Failed, failure, because_of, .. }) => {
                match step.on_error {
                    OnError::Continue => Progress::Passed,
                    OnError::Fail => failed(path, failure.as_ref(), because_of.as_ref()),
                }
            }
            Some(StepState::Backoff { next_attempt, not_before, last, arguments }) => {
                let StepKind::Action(action) = &step.kind else { return Progress::UnderWay };
                let (attempt, arguments) = (*next_attempt, arguments.as_ref());
                let repeat = Repeat { attempt, not_before: *not_before, last, arguments };
                self.call_again(action, path, repeat, place, deadline, commands)
            }
            Some(state @ (StepState::Intended { .. } | StepState::Unknown { .. })) => {
                self.outstanding(path, state, deadline, commands)
            }
            Some(StepState::Accepted { provider_id, since, .. }) => {
                if let StepKind::Action(action) = &step.kind {
                    commands.push(Command::Follow {
                        step: path.clone(),
                        action: action.spec.clone(),
                        provider_id: provider_id.clone(),
                        since: *since,
                        deadline,
                    });
                }
                Progress::UnderWay
            }
            // Only a cancelled run has such a step, and it is not walked.
            Some(StepState::LeftOpen { .. }) => Progress::UnderWay,
            Some(StepState::Sleeping { fire_at }) => {
                commands.push(Command::Sleep { step: path.clone(), until: *fire_at, deadline });
                Progress::UnderWay
            }
        }
    }

    /// The condition held: the step begins.
    fn begin(
        &self,
        step: &Step,
        path: &StepPath,
        place: &Place<'_>,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        if let Some(event) = self.left_to_settle(path) {
            return record_event(commands, event);
        }
        match &step.kind {
            StepKind::Action(action) => self.call(action, path, None, place, deadline, commands),
            StepKind::Block(_) | StepKind::Parallel { .. } => {
                self.inside(step, path, place, deadline, commands)
            }
            StepKind::ForEach(each) => self.begin_loop(each, path, place, commands),
            StepKind::Call(call) => self.begin_child(call, path, place, deadline, commands),
            StepKind::Wait(Wait::For(after)) => {
                commands.push(Command::SetTimer { step: path.clone(), after: *after });
                Progress::UnderWay
            }
            StepKind::Wait(Wait::Until(moment)) => match moment.evaluate(&self.bindings(place)) {
                Ok(Value::String(text)) => match Timestamp::try_from(text) {
                    Ok(fire_at) => {
                        record_event(commands, EventBody::TimerSet { step: path.clone(), fire_at })
                    }
                    Err(error) => reject(commands, path, format!("`until`: {error}")),
                },
                Ok(other) => {
                    let name = type_name(&other);
                    reject(commands, path, format!("`until` gives {} {name}, not a time", article(name)))
                }
                Err(problem) => fail_step(commands, path, &problem, "until"),
            },
            StepKind::Set(entries) => match evaluate_entries(entries, &self.bindings(place)) {
                Ok(values) => {
                    let output = Value::Object(values);
                    match within_bounds(&output) {
                        Ok(()) => {
                            record_event(commands, EventBody::StepSucceeded { step: path.clone(), output })
                        }
                        Err(why) => reject(commands, path, format!("`set` computes {why}")),
                    }
                }
                Err(problem) => fail_step(commands, path, &problem, "set"),
            },
            StepKind::Stop(message) => match self.text(message, place) {
                Ok(message) => {
                    let output = Value::String(message);
                    record_event(commands, EventBody::StepSucceeded { step: path.clone(), output })
                }
                Err(problem) => fail_step(commands, path, &problem, "stop"),
            },
            StepKind::Fail(message) => match self.text(message, place) {
                Ok(message) => {
                    let failure = Failure::new(ErrorKind::Failed, message);
                    let step = path.clone();
                    record_event(commands, EventBody::StepFailed { step, failure, because_of: None })
                }
                Err(problem) => fail_step(commands, path, &problem, "fail"),
            },
        }
    }

    /// A call without an outcome, or with an unknown one.
    fn outstanding(
        &self,
        path: &StepPath,
        state: &StepState,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        match state {
            StepState::Intended { intent, .. } => commands.push(Command::Settle { intent: intent.clone() }),
            StepState::Unknown { intent, intended_at, since, .. } => commands.push(Command::Reconcile {
                intent: intent.clone(),
                intended_at: *intended_at,
                unknown_since: *since,
                deadline,
            }),
            StepState::Open
            | StepState::Looping { .. }
            | StepState::Calling { .. }
            | StepState::Sleeping { .. }
            | StepState::Accepted { .. }
            | StepState::LeftOpen { .. }
            | StepState::Backoff { .. }
            | StepState::Ended { .. } => debug_assert!(false, "step `{path}` has no call outstanding"),
        }
        Progress::UnderWay
    }

    fn condition(&self, step: &Step, place: &Place<'_>) -> Result<bool, Problem> {
        step.condition.as_ref().map_or(Ok(true), |condition| condition.evaluate_bool(&self.bindings(place)))
    }

    fn text(&self, message: &Computed, place: &Place<'_>) -> Result<String, Problem> {
        Ok(match message.evaluate(&self.bindings(place))? {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }

    /// A run that ended well, with its outputs. After a `stop`, outputs that refer to what was not reached are left out;
    /// otherwise an output that cannot be computed fails the run, since someone relies on it.
    fn succeeded(&self, stopped: Option<String>) -> RunFinished {
        let (top, mut outputs) = (Place::top(), Map::new());
        for (name, value) in &self.playbook.outputs {
            match value.evaluate(&self.bindings(&top)) {
                Ok(value) => drop(outputs.insert(name.clone(), value)),
                Err(_) if stopped.is_some() => {}
                Err(problem) => {
                    let message = format!("output `{name}`: {}", problem.message);
                    return ended(
                        RunStatus::Failed,
                        None,
                        Some(Failure::new(ErrorKind::Expression, message)),
                    );
                }
            }
        }
        let outputs = Value::Object(outputs);
        if let Err(why) = within_bounds(&outputs) {
            let failure = Failure::new(ErrorKind::Invalid, format!("the outputs take {why}"));
            return ended(RunStatus::Failed, None, Some(failure));
        }
        let Value::Object(outputs) = outputs else { return ended(RunStatus::Succeeded, None, None) };
        RunFinished { message: stopped, outputs, ..ended(RunStatus::Succeeded, None, None) }
    }
}

fn ended(status: RunStatus, step: Option<StepPath>, failure: Option<Failure>) -> RunFinished {
    RunFinished { status, step, failure, message: None, outputs: Map::new() }
}

pub(super) fn record_event(commands: &mut Vec<Command>, event: EventBody) -> Progress {
    commands.push(Command::Record(event));
    Progress::UnderWay
}

/// A step that has failed, told by the one inside that did, if it has steps inside.
fn failed(path: &StepPath, failure: Option<&Failure>, because_of: Option<&StepPath>) -> Progress {
    let failure = failure.cloned().unwrap_or_else(|| Failure::new(ErrorKind::Failed, "failed"));
    Progress::Failed(because_of.unwrap_or(path).clone(), failure)
}

/// Something computed cannot be used.
pub(super) fn reject(commands: &mut Vec<Command>, path: &StepPath, message: String) -> Progress {
    let failure = Failure::new(ErrorKind::Invalid, message);
    record_event(commands, EventBody::StepFailed { step: path.clone(), failure, because_of: None })
}

pub(super) fn fail_step(
    commands: &mut Vec<Command>,
    path: &StepPath,
    problem: &Problem,
    key: &str,
) -> Progress {
    let failure = Failure::new(ErrorKind::Expression, format!("`{key}`: {}", problem.message));
    record_event(commands, EventBody::StepFailed { step: path.clone(), failure, because_of: None })
}

/// Evaluates named values in order; the first problem wins, with the name it is about.
pub(super) fn named_values<'v>(
    values: &'v [(String, Computed)],
    bindings: &Bindings<'_>,
) -> Result<Map<String, Value>, (&'v str, Problem)> {
    let evaluated = values.iter().map(|(name, value)| match value.evaluate(bindings) {
        Ok(value) => Ok((name.clone(), value)),
        Err(problem) => Err((name.as_str(), problem)),
    });
    evaluated.collect()
}
