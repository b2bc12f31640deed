//! What expressions can read of a run, kept up to date event by event.

use crate::event::RunStarted;
use riposte_model::{RunId, StepPath, Timestamp};
use riposte_playbook::Playbook;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// `inputs`, `steps`, `trigger` and `run`. Shared with the copy on which events are tried before they are recorded.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) inputs: Arc<Value>,
    pub(super) trigger: Arc<Value>,
    pub(super) run: Arc<Value>,
    /// Every step, as one that was not reached: the lowest layer of `steps`.
    pub(super) unreached: Arc<Value>,
    /// The steps outside of loops that have ended.
    pub(super) steps: Arc<Value>,
    /// Those in loops, by the turn that they are in, while that is under way.
    turns: HashMap<String, Value>,
}

impl Scope {
    pub(super) fn new(id: RunId, playbook: &Playbook, started: &RunStarted, at: Timestamp) -> Self {
        let unreached =
            playbook.steps().into_iter().map(|step| (step.id.clone(), json!({ "status": "skipped" })));
        Scope {
            inputs: Value::Object(started.inputs.clone()).into(),
            trigger: started.trigger.as_value(at).into(),
            run: Arc::new(json!({
                "id": id.to_string(),
                "playbook": started.playbook.as_str(),
                "started_at": at.to_string(),
            })),
            unreached: Arc::new(Value::Object(unreached.collect())),
            steps: Arc::new(Value::Object(Map::new())),
            turns: HashMap::new(),
        }
    }

    /// What is seen outside of all loops.
    pub(super) fn values(&self) -> [(&'static str, &Value); 4] {
        [("inputs", &self.inputs), ("steps", &self.steps), ("trigger", &self.trigger), ("run", &self.run)]
    }

    /// Makes a step that has ended readable.
    pub(super) fn end(&mut self, playbook: &Playbook, path: &StepPath, entry: Map<String, Value>) {
        let Some(step) = playbook.step(path) else { return };
        let layer = match playbook.turns(path).last() {
            None => Arc::make_mut(&mut self.steps),
            Some(turn) => self.turns.entry((*turn).to_owned()).or_insert_with(|| Value::Object(Map::new())),
        };
        if let Value::Object(steps) = layer {
            steps.insert(step.id.clone(), Value::Object(entry));
        }
    }

    /// A step that had ended has not: what it left is not read any more.
    pub(super) fn reopen(&mut self, playbook: &Playbook, path: &StepPath) {
        let Some(step) = playbook.step(path) else { return };
        let layer = match playbook.turns(path).last() {
            None => Some(Arc::make_mut(&mut self.steps)),
            Some(turn) => self.turns.get_mut(*turn),
        };
        if let Some(Value::Object(steps)) = layer {
            steps.shift_remove(&step.id);
        }
    }

    /// The steps that have ended in one turn of a loop.
    pub(super) fn turn(&self, turn: &StepPath) -> Option<&Value> {
        self.turns.get(turn.as_str())
    }

    /// One turn of a loop is done with: what it did is not read any more.
    pub(super) fn forget_turn(&mut self, turn: &StepPath) {
        self.turns.retain(|path, _| path != turn.as_str() && !StepPath::root(path).is_inside(turn));
    }

    /// All turns of the loops in a step, or of the loop that it is, are done with.
    pub(super) fn forget_inside(&mut self, step: &StepPath) {
        self.turns.retain(|path, _| !StepPath::root(path).is_inside(step));
    }
}
