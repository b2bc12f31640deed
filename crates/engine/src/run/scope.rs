//! What expressions can read of a run, kept up to date event by event.

use crate::event::RunStarted;
use riposte_expr::Late;
use riposte_model::{RunId, StepPath, Timestamp};
use riposte_playbook::Playbook;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Layers of ended steps that are read one after the other. With more they are put together.
const MOST_LAYERS: usize = 8;

/// `inputs`, `steps`, `trigger` and `run`. Shared with the copy on which events are tried before they are recorded.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) fixed: Arc<Fixed>,
    /// The steps outside of loops that have ended, in layers: no layer is changed that a copy shares.
    pub(super) steps: Vec<Arc<Value>>,
    /// Those in loops, by the turn that they are in, while that is under way.
    turns: HashMap<String, Value>,
}

/// What stays as it is from the run's first event on. Made when an expression first reads it: an alert is large, and few
/// playbooks read the whole of it again after their inputs have been taken out of it.
pub(super) struct Fixed {
    pub(super) inputs: Late,
    pub(super) trigger: Late,
    pub(super) run: Late,
    /// Every step, as one that was not reached: the lowest layer of `steps`.
    pub(super) unreached: Late,
}

/// What was fixed at the beginning follows from the first event, and the layers are of no importance.
impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (steps, turns) = (merged(&self.steps), &self.turns);
        f.debug_struct("Scope").field("steps", &steps).field("turns", turns).finish_non_exhaustive()
    }
}

impl Scope {
    pub(super) fn new(id: RunId, playbook: Arc<Playbook>, started: &Arc<RunStarted>, at: Timestamp) -> Self {
        let (of_inputs, of_run) = (started.clone(), started.clone());
        let fixed = Fixed {
            inputs: Late::new(Box::new(move || Value::Object(of_inputs.inputs.clone()))),
            trigger: started.trigger.late(at),
            run: Late::new(Box::new(move || {
                json!({
                    "id": id.to_string(),
                    "playbook": of_run.playbook.as_str(),
                    "started_at": at.to_string(),
                })
            })),
            unreached: Late::new(Box::new(move || {
                let steps = playbook.steps().into_iter();
                Value::Object(steps.map(|step| (step.id.clone(), json!({ "status": "skipped" }))).collect())
            })),
        };
        Scope { fixed: Arc::new(fixed), steps: Vec::new(), turns: HashMap::new() }
    }

    /// What is seen outside of all loops.
    pub(super) fn values(&self) -> [(&'static str, Value); 4] {
        let Fixed { inputs, trigger, run, .. } = &*self.fixed;
        let value = |late: &Late| Value::clone(late);
        [
            ("inputs", value(inputs)),
            ("steps", merged(&self.steps)),
            ("trigger", value(trigger)),
            ("run", value(run)),
        ]
    }

    /// Makes a step that has ended readable.
    pub(super) fn end(&mut self, playbook: &Playbook, path: &StepPath, entry: Map<String, Value>) {
        let Some(step) = playbook.step(path) else { return };
        let layer = match playbook.turns(path).last() {
            None => self.top(),
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
            None => {
                self.steps = vec![Arc::new(merged(&self.steps))];
                Some(self.top())
            }
            Some(turn) => self.turns.get_mut(*turn),
        };
        if let Some(Value::Object(steps)) = layer {
            steps.shift_remove(&step.id);
        }
    }

    /// The layer for a step that ends now.
    fn top(&mut self) -> &mut Value {
        if self.steps.last_mut().is_none_or(|layer| Arc::get_mut(layer).is_none()) {
            if self.steps.len() >= MOST_LAYERS {
                self.steps = vec![Arc::new(merged(&self.steps))];
            } else {
                self.steps.push(Arc::new(Value::Object(Map::new())));
            }
        }
        let at = self.steps.len() - 1;
        Arc::make_mut(&mut self.steps[at])
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

/// What is read through layers, in one.
fn merged(layers: &[Arc<Value>]) -> Value {
    let entries = layers.iter().filter_map(|layer| layer.as_object()).flatten();
    Value::Object(entries.map(|(name, value)| (name.clone(), value.clone())).collect())
}
