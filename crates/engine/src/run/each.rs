//! Loops: the same steps for each item of a list.

use super::next::{Progress, named_values, record_event, reject};
use super::place::Place;
use super::{Item, Items, Run, StepState};
use crate::command::{Command, Deadline};
use crate::event::EventBody;
use crate::outcome::within_bounds;
use riposte_model::{ErrorKind, Failure, StepPath, article, type_name};
use riposte_playbook::{ForEach, OnError, Section};
use serde_json::{Map, Value, json};

/// Most items of one loop.
const MAX_ITEMS: usize = 10_000;

impl Run {
    /// Computes what the loop goes over, once: what it reads may not change under it.
    pub(super) fn begin_loop(
        &self,
        each: &ForEach,
        path: &StepPath,
        place: &Place<'_>,
        commands: &mut Vec<Command>,
    ) -> Progress {
        let list = match each.items.evaluate(&self.bindings(place)) {
            Ok(list) => list,
            Err(problem) => return super::next::fail_step(commands, path, &problem, "for_each"),
        };
        if let Err(why) = within_bounds(&list) {
            return reject(commands, path, format!("the list of `for_each` takes {why}"));
        }
        match list {
            Value::Array(items) if items.len() > MAX_ITEMS => {
                let many = items.len();
                reject(
                    commands,
                    path,
                    format!("`for_each` has {many} items, over the limit of {MAX_ITEMS} items"),
                )
            }
            Value::Array(items) => {
                record_event(commands, EventBody::LoopStarted { step: path.clone(), items })
            }
            other => {
                let name = type_name(&other);
                reject(commands, path, format!("`for_each` gives {} {name}, not a list", article(name)))
            }
        }
    }

    /// Goes on with the items under way, begins others up to `max`, and ends the loop when all are done with. Once one has
    /// failed that must not, or a `stop` was reached, no other item begins.
    pub(super) fn go_through(
        &self,
        each: &ForEach,
        path: &StepPath,
        place: &Place<'_>,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        let Some(StepState::Looping { items, ended }) = self.record(path).map(|record| &record.state) else {
            return Progress::UnderWay;
        };
        let failed = ended.first_failed();
        let is_over =
            self.has_stopped_inside(path) || (failed.is_some() && each.on_item_error == OnError::Fail);
        let mut under_way = 0;
        for number in ended.still_open() {
            let Some(item) = items.get(number).filter(|_| under_way < each.max) else { break };
            let turn = path.turn(number);
            if is_over && !self.has_begun(&each.steps, &turn) {
                continue;
            }
            under_way += 1;
            let inside = place.within(Some(path), Section::Turn(number), deadline);
            let inside = inside.with_item(&each.name, item, self.scope.turn(&turn));
            let (failure, because_of, outputs) = match self.list(&each.steps, &inside, commands) {
                Progress::UnderWay => continue,
                Progress::Stopped => (None, None, Map::new()),
                Progress::Passed => match self.outputs_of_item(each, &inside) {
                    Ok(outputs) => (None, None, outputs),
                    Err(failure) => (Some(failure), None, Map::new()),
                },
                Progress::Failed(at, failure) => (Some(failure), Some(at), Map::new()),
            };
            let step = path.clone();
            commands.push(Command::Record(EventBody::ItemEnded {
                step,
                item: number,
                failure,
                because_of,
                outputs,
            }));
        }
        if under_way > 0 {
            return Progress::UnderWay;
        }
        let ended = match failed {
            Some(Item { failure: Some(failure), because_of, .. }) if each.on_item_error == OnError::Fail => {
                EventBody::StepFailed {
                    step: path.clone(),
                    failure: failure.clone(),
                    because_of: because_of.clone(),
                }
            }
            _ => {
                let output = output(items, ended);
                // What was done was done; only what is said of it is too much to keep.
                let output =
                    within_bounds(&output).map_or_else(|why| json!({ "left_out": why }), |()| output);
                EventBody::StepSucceeded { step: path.clone(), output }
            }
        };
        record_event(commands, ended)
    }

    fn outputs_of_item(&self, each: &ForEach, inside: &Place<'_>) -> Result<Map<String, Value>, Failure> {
        let outputs = named_values(&each.outputs, &self.bindings(inside)).map_err(|(name, problem)| {
            Failure::new(ErrorKind::Expression, format!("output `{name}`: {}", problem.message))
        })?;
        let outputs = Value::Object(outputs);
        within_bounds(&outputs)
            .map_err(|why| Failure::new(ErrorKind::Invalid, format!("the item's outputs take {why}")))?;
        match outputs {
            Value::Object(outputs) => Ok(outputs),
            _ => Ok(Map::new()),
        }
    }
}

/// What later steps see: each item with what came of it, in the items' order. Items that were not begun are left out.
fn output(items: &[Value], ended: &Items) -> Value {
    let shown = items.iter().zip(ended.all()).filter_map(|(item, ended)| {
        Some(match ended? {
            Item { failure: None, outputs, .. } => {
                json!({ "item": item, "status": "succeeded", "outputs": outputs })
            }
            Item { failure: Some(failure), .. } => {
                let error = json!({ "kind": failure.kind.as_str(), "message": failure.message });
                json!({ "item": item, "status": "failed", "error": error })
            }
        })
    });
    shown.collect()
}
