//! Calls of connectors: the first attempt, and those that follow a failed one.

use super::Run;
use super::next::{Progress, fail_step, record_event, reject};
use super::place::Place;
use crate::command::{Call, Command, Deadline};
use crate::event::EventBody;
use crate::marker::Marker;
use crate::outcome::within_bounds;
use riposte_model::{Effect, Failure, StepPath, Timestamp};
use riposte_playbook::{ActionStep, evaluate_entries};
use serde_json::{Map, Value};

/// What is kept for another attempt.
pub(super) struct Repeat<'r> {
    pub(super) attempt: u32,
    pub(super) not_before: Timestamp,
    /// Why the attempt before failed.
    pub(super) last: &'r Failure,
    /// What the attempt before sent. Not computed anew: another attempt is the same call.
    pub(super) arguments: Option<&'r Map<String, Value>>,
}

impl Run {
    /// How many attempts this one makes since the run began, or was retried: what a policy counts.
    pub(crate) fn counted(&self, step: &StepPath, attempt: u32) -> u32 {
        attempt.saturating_sub(self.attempts_before(step))
    }

    /// Another attempt follows a failed one, or none does.
    pub(super) fn call_again(
        &self,
        action: &ActionStep,
        path: &StepPath,
        repeat: Repeat<'_>,
        place: &Place<'_>,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        let counted = self.counted(path, repeat.attempt);
        // What may be repeated was decided when it failed. What was looked for and is not there is decided here. The first
        // attempt after a retry is what was asked for.
        let is_over =
            counted > 1 && (counted > action.retry.attempts() || !action.retry.covers(repeat.last.kind));
        if action.spec.effect == Effect::Once && is_over {
            let failure = repeat.last.clone();
            let (step, because_of) = (path.clone(), None);
            return record_event(commands, EventBody::StepFailed { step, failure, because_of });
        }
        self.call(action, path, Some(repeat), place, deadline, commands)
    }

    pub(super) fn call(
        &self,
        action: &ActionStep,
        path: &StepPath,
        repeat: Option<Repeat<'_>>,
        place: &Place<'_>,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        let attempt = repeat.as_ref().map_or(self.attempts_before(path) + 1, |repeat| repeat.attempt);
        let not_before = repeat.as_ref().map(|repeat| repeat.not_before);
        let sent = repeat.and_then(|repeat| repeat.arguments.cloned());
        let mut arguments =
            match sent.map_or_else(|| evaluate_entries(&action.with, &self.bindings(place)), Ok) {
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
            known: self.known_before(path),
            not_before,
            deadline,
        }));
        Progress::UnderWay
    }
}
