//! What should happen now, given all that has happened.

use super::{Run, StepState};
use crate::command::{Call, Command, Deadline};
use crate::event::{EventBody, Marker, RunFinished, RunStatus, StepStatus};
use crate::outcome::within_bounds;
use riposte_expr::{Bindings, Problem};
use riposte_model::{ErrorKind, Failure, StepPath, Timestamp};
use riposte_playbook::{ActionStep, Computed, OnError, Step, StepKind, evaluate_entries};
use serde_json::{Map, Value};

/// How far a step, a list of steps or the whole run is.
pub(super) enum Progress {
    /// Something is under way or has been commanded.
    UnderWay,
    /// Ended; whatever follows may begin.
    Passed,
    /// A `stop` was reached, with this message.
    Stopped(String),
    /// Failed, at this step.
    Failed(StepPath, Failure),
}

/// What is kept for another attempt.
struct Again<'r> {
    attempt: u32,
    not_before: Timestamp,
    /// What the attempt before sent. Not computed anew: another attempt is the same call.
    arguments: Option<&'r Map<String, Value>>,
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
        let progress = self.list(&self.playbook.steps, None, Deadline::default(), &mut commands);
        let finished = match progress {
            Progress::UnderWay => return commands,
            Progress::Passed => self.succeeded(None),
            Progress::Stopped(message) => self.succeeded(Some(message)),
            Progress::Failed(step, failure) => ended(RunStatus::Failed, Some(step), Some(failure)),
        };
        commands.push(Command::Record(EventBody::RunFinished(finished)));
        commands
    }

    /// A cancelled run begins nothing and waits for nothing, but first learns what became of calls in flight: a record
    /// that says «cancelled» while an isolation may have gone out would be a lie.
    fn wind_down(&self, by: &str, commands: &mut Vec<Command>) {
        for (step, record) in &self.steps {
            if let StepState::Intended { .. } | StepState::Unknown { .. } = record.state
                && let Some(limit) = self.step(step).and_then(Step::time_limit)
            {
                let deadline = Deadline { at: Some(record.started_at.saturating_add(limit)), within: None };
                self.outstanding(step, &record.state, deadline, commands);
            }
        }
        if commands.is_empty() {
            let failure =
                Failure::new(ErrorKind::Cancelled, format!("cancelled by {by}{}", self.left_open()));
            let finished = ended(RunStatus::Cancelled, None, Some(failure));
            commands.push(Command::Record(EventBody::RunFinished(finished)));
        }
    }

    pub(super) fn list(
        &self,
        steps: &[Step],
        inside: Option<&StepPath>,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        for step in steps {
            let path = inside.map_or_else(|| StepPath::root(&step.id), |inside| inside.child(&step.id));
            match self.one(step, &path, deadline, commands) {
                Progress::Passed => {}
                progress => return progress,
            }
        }
        Progress::Passed
    }

    fn one(&self, step: &Step, path: &StepPath, outer: Deadline, commands: &mut Vec<Command>) -> Progress {
        let record = self.record(path);
        let own = match (step.time_limit(), record) {
            (None, _) => Deadline::default(),
            (Some(limit), Some(record)) => {
                Deadline { at: Some(record.started_at.saturating_add(limit)), within: None }
            }
            (Some(limit), None) => Deadline { at: None, within: Some(limit) },
        };
        let deadline = outer.and(own);
        match record.map(|record| &record.state) {
            None => match self.condition(step) {
                Ok(true) => self.begin(step, path, deadline, commands),
                Ok(false) => record_event(commands, EventBody::StepSkipped { step: path.clone() }),
                Err(problem) => fail_step(commands, path, &problem, "if"),
            },
            Some(StepState::Open) => self.inside(step, path, deadline, commands),
            Some(StepState::Ended { status: StepStatus::Skipped, .. }) => Progress::Passed,
            Some(StepState::Ended { status: StepStatus::Succeeded, .. }) => match step.kind {
                StepKind::Stop(_) => Progress::Stopped(self.message_of(path)),
                _ => self.stop_inside(step, path).unwrap_or(Progress::Passed),
            },
            Some(StepState::Ended { status: StepStatus::Failed, failure, .. }) => match step.on_error {
                // What failed may have reached a `stop` all the same, in another branch.
                OnError::Continue => self.stop_inside(step, path).unwrap_or(Progress::Passed),
                OnError::Fail => {
                    let failure =
                        failure.clone().unwrap_or_else(|| Failure::new(ErrorKind::Failed, "failed"));
                    Progress::Failed(path.clone(), failure)
                }
            },
            Some(StepState::Backoff { next_attempt, not_before, last, arguments }) => {
                let StepKind::Action(action) = &step.kind else { return Progress::UnderWay };
                if *next_attempt > action.retry.attempts() || !action.retry.covers(last.kind) {
                    let failure = last.clone();
                    return record_event(commands, EventBody::StepFailed { step: path.clone(), failure });
                }
                let again =
                    Again { attempt: *next_attempt, not_before: *not_before, arguments: arguments.as_ref() };
                self.call(action, path, Some(again), deadline, commands)
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
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        match &step.kind {
            StepKind::Action(action) => self.call(action, path, None, deadline, commands),
            StepKind::Block(_) | StepKind::Parallel { .. } => self.inside(step, path, deadline, commands),
            StepKind::Wait(after) => {
                commands.push(Command::SetTimer { step: path.clone(), after: *after });
                Progress::UnderWay
            }
            StepKind::Set(entries) => match evaluate_entries(entries, &self.bindings()) {
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
            StepKind::Stop(message) => match self.text(message) {
                Ok(message) => {
                    let output = Value::String(message);
                    record_event(commands, EventBody::StepSucceeded { step: path.clone(), output })
                }
                Err(problem) => fail_step(commands, path, &problem, "stop"),
            },
            StepKind::Fail(message) => match self.text(message) {
                Ok(message) => {
                    let failure = Failure::new(ErrorKind::Failed, message);
                    record_event(commands, EventBody::StepFailed { step: path.clone(), failure })
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
            StepState::Unknown { intent, intended_at, since } => commands.push(Command::Reconcile {
                intent: intent.clone(),
                intended_at: *intended_at,
                unknown_since: *since,
                deadline,
            }),
            StepState::Open
            | StepState::Sleeping { .. }
            | StepState::Accepted { .. }
            | StepState::Backoff { .. }
            | StepState::Ended { .. } => debug_assert!(false, "step `{path}` has no call outstanding"),
        }
        Progress::UnderWay
    }

    fn call(
        &self,
        action: &ActionStep,
        path: &StepPath,
        again: Option<Again<'_>>,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        let attempt = again.as_ref().map_or(1, |again| again.attempt);
        let not_before = again.as_ref().map(|again| again.not_before);
        let sent = again.and_then(|again| again.arguments.cloned());
        let mut arguments = match sent.map_or_else(|| evaluate_entries(&action.with, &self.bindings()), Ok) {
            Ok(arguments) => arguments,
            Err(problem) => return fail_step(commands, path, &problem, "with"),
        };
        action.spec.arguments.fill_in_defaults(&mut arguments);
        let arguments = Value::Object(arguments);
        if let Err(why) = within_bounds(&arguments) {
            return reject(commands, path, format!("the arguments of {} take {why}", action.spec.name));
        }
        let violations = action.spec.arguments.violations(&arguments);
        if !violations.is_empty() {
            let list = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            return reject(
                commands,
                path,
                format!("the arguments of {} do not fit: {list}", action.spec.name),
            );
        }
        let Value::Object(arguments) = arguments else { return Progress::UnderWay };
        commands.push(Command::Call(Call {
            step: path.clone(),
            attempt,
            action: action.spec.clone(),
            arguments,
            marker: Marker::new(self.id, path, attempt),
            not_before,
            deadline,
        }));
        Progress::UnderWay
    }

    fn condition(&self, step: &Step) -> Result<bool, Problem> {
        step.condition.as_ref().map_or(Ok(true), |condition| condition.evaluate_bool(&self.bindings()))
    }

    fn text(&self, message: &Computed) -> Result<String, Problem> {
        Ok(match message.evaluate(&self.bindings())? {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }

    /// What a `stop` step that was reached says.
    fn message_of(&self, path: &StepPath) -> String {
        self.stops.get(path).cloned().unwrap_or_default()
    }

    /// A run that ended well, with its outputs. After a `stop`, outputs that refer to what was not reached are left out;
    /// otherwise an output that cannot be computed fails the run, since someone relies on it.
    fn succeeded(&self, stopped: Option<String>) -> RunFinished {
        let mut outputs = Map::new();
        for (name, value) in &self.playbook.outputs {
            match value.evaluate(&self.bindings()) {
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

    fn bindings(&self) -> Bindings<'_> {
        Bindings::new()
            .with("inputs", &self.scope.inputs)
            .with("steps", &self.scope.steps)
            .with("trigger", &self.scope.trigger)
            .with("run", &self.scope.run)
    }
}

fn ended(status: RunStatus, step: Option<StepPath>, failure: Option<Failure>) -> RunFinished {
    RunFinished { status, step, failure, message: None, outputs: Map::new() }
}

pub(super) fn record_event(commands: &mut Vec<Command>, event: EventBody) -> Progress {
    commands.push(Command::Record(event));
    Progress::UnderWay
}

/// Something computed cannot be used.
fn reject(commands: &mut Vec<Command>, path: &StepPath, message: String) -> Progress {
    let failure = Failure::new(ErrorKind::Invalid, message);
    record_event(commands, EventBody::StepFailed { step: path.clone(), failure })
}

fn fail_step(commands: &mut Vec<Command>, path: &StepPath, problem: &Problem, key: &str) -> Progress {
    let failure = Failure::new(ErrorKind::Expression, format!("`{key}`: {}", problem.message));
    record_event(commands, EventBody::StepFailed { step: path.clone(), failure })
}
