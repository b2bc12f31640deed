//! Calls of other playbooks: each is a run of its own, which this one waits for.

use super::Run;
use super::inside::open_part;
use super::next::{Progress, fail_step, reject};
use super::place::Place;
use crate::command::{Command, Deadline};
use crate::event::{EventBody, RunFinished, RunStatus};
use crate::outcome::within_bounds;
use riposte_model::{ErrorKind, Failure, RunId, StepPath};
use riposte_playbook::{CallStep, StepKind, evaluate_entries};
use serde_json::{Map, Value};

impl Run {
    pub(super) fn begin_child(
        &self,
        call: &CallStep,
        path: &StepPath,
        place: &Place<'_>,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        let inputs = match evaluate_entries(&call.with, &self.bindings(place)) {
            Ok(inputs) => Value::Object(inputs),
            Err(problem) => return fail_step(commands, path, &problem, "with"),
        };
        if let Err(why) = within_bounds(&inputs) {
            return reject(commands, path, format!("the inputs of {} take {why}", call.playbook));
        }
        if let Value::Object(inputs) = inputs {
            let (step, playbook) = (path.clone(), call.playbook.clone());
            commands.push(Command::StartChild { step, playbook, inputs, deadline });
        }
        Progress::UnderWay
    }

    /// The event that records the end of the run that was begun for a step. `out_of_time`: it was cancelled because the
    /// step's time was over.
    pub fn conclude_child(
        &self,
        step: &StepPath,
        run: RunId,
        finished: &RunFinished,
        out_of_time: bool,
    ) -> EventBody {
        let called = match self.step(step).map(|step| &step.kind) {
            Some(StepKind::Call(call)) => call.playbook.to_string(),
            _ => String::new(),
        };
        let open = finished.failure.as_ref().and_then(|failure| open_part(&failure.message)).unwrap_or("");
        let failure = match finished.status {
            RunStatus::Succeeded => None,
            RunStatus::Cancelled | RunStatus::Running if out_of_time => Some(Failure::new(
                ErrorKind::Timeout,
                format!("the step's time is over: {called} was cancelled as {run}{open}"),
            )),
            RunStatus::Cancelled | RunStatus::Running => {
                Some(Failure::new(ErrorKind::Cancelled, format!("{called} was cancelled as {run}{open}")))
            }
            RunStatus::Failed => {
                let at = finished.step.as_ref().map_or_else(String::new, |step| format!(" at `{step}`"));
                let cause = finished.failure.clone();
                let cause = cause.unwrap_or_else(|| Failure::new(ErrorKind::Failed, "it failed"));
                Some(Failure { message: format!("{called} failed{at}: {} ({run})", cause.message), ..cause })
            }
        };
        let outputs = if failure.is_none() { finished.outputs.clone() } else { Map::new() };
        EventBody::ChildFinished { step: step.clone(), run, failure, outputs }
    }
}
