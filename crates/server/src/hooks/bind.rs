//! Binding: JSONPath into the body, one node each, onto the inputs.

use riposte_engine::Trigger;
use riposte_expr::{Bindings, Path};
use riposte_model::{Timestamp, Violation, type_name};
use riposte_playbook::{Binding, Playbook, Webhook};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Most nodes of one body that start runs.
pub const MAX_NODES: usize = 1000;

/// Most keys that a message lists.
const MAX_KEYS: usize = 20;

/// What one node of a body asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// A run with these inputs.
    Run {
        /// Accepted by the playbook.
        inputs: Map<String, Value>,
        /// What started it.
        trigger: Trigger,
    },
    /// The trigger's condition is false: no run.
    Filtered,
}

/// A body that does not fit. Nothing was started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", list(.problems))]
pub struct BindError {
    /// Everything that is wrong.
    pub problems: Vec<BindProblem>,
}

/// One thing that is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindProblem {
    /// Which node of `each`, from 0; `None` without `each`.
    pub node: Option<usize>,
    /// Where and what, in one line. It may quote the value: for whoever has the body already.
    pub message: String,
    /// The same for the sender, and for the log: no value of the body, but the names of its keys.
    pub discreet: String,
}

impl std::fmt::Display for BindProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.at(&self.message))
    }
}

impl BindProblem {
    /// One that quotes no value.
    pub(super) fn new(node: Option<usize>, message: String) -> BindProblem {
        BindProblem { node, discreet: message.clone(), message }
    }

    /// Without any value of the body.
    pub(super) fn without_value(&self) -> String {
        self.at(&self.discreet)
    }

    fn at(&self, message: &str) -> String {
        match self.node {
            Some(node) => format!("item {node}: {message}"),
            None => message.to_owned(),
        }
    }
}

fn list(problems: &[BindProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Binds a body: one result for each node that `each` selects, or for the body; all of them or none.
pub fn bind(
    playbook: &Playbook,
    webhook: &Webhook,
    body: &Arc<Value>,
    at: Timestamp,
) -> Result<Vec<Bound>, BindError> {
    let Some(each) = &webhook.each else {
        let bound = bind_node(playbook, webhook, None, (body, || body.clone()), at);
        return bound.map(|bound| vec![bound]).map_err(|problems| BindError { problems });
    };
    let nodes = each.select(body).map_err(|wide| whole(wide.to_string()))?;
    if nodes.is_empty() {
        return Err(whole(format!("`each` selects nothing: {}", nothing_at(each, body))));
    }
    if nodes.len() > MAX_NODES {
        let message = format!("`each` selects {} nodes, over the limit of {MAX_NODES}", nodes.len());
        return Err(whole(message));
    }
    let mut bound = Vec::with_capacity(nodes.len());
    let mut problems = Vec::new();
    for (number, node) in nodes.into_iter().enumerate() {
        match bind_node(playbook, webhook, Some(number), (node, || node.clone().into()), at) {
            Ok(one) => bound.push(one),
            Err(wrong) => problems.extend(wrong),
        }
    }
    if problems.is_empty() { Ok(bound) } else { Err(BindError { problems }) }
}

/// That the body as a whole does not fit.
fn whole(message: String) -> BindError {
    BindError { problems: vec![BindProblem::new(None, message)] }
}

/// Binds one node. It comes with how the run is to keep it: the whole body is shared, a part of it copied.
fn bind_node(
    playbook: &Playbook,
    webhook: &Webhook,
    number: Option<usize>,
    (node, keep): (&Value, impl FnOnce() -> Arc<Value>),
    at: Timestamp,
) -> Result<Bound, Vec<BindProblem>> {
    let mut inputs = Map::new();
    let mut problems = Vec::new();
    for binding in &webhook.bind {
        match take(playbook, binding, node) {
            Ok(Some(value)) => drop(inputs.insert(binding.input.clone(), value.clone())),
            Ok(None) => {}
            Err(message) => {
                problems.push(BindProblem::new(number, format!("input `{}`: {message}", binding.input)));
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let inputs = playbook.inputs.accept(inputs).map_err(|violations| {
        let problem = |violation: &Violation| BindProblem {
            node: number,
            message: format!("input {violation}"),
            discreet: format!("input {}", violation.without_value()),
        };
        violations.iter().map(problem).collect::<Vec<_>>()
    })?;
    let trigger = Trigger { kind: "webhook".into(), name: webhook.name.clone(), body: keep() };
    let wanted = match &webhook.condition {
        None => true,
        Some(condition) => {
            let (inputs, trigger) = (Value::Object(inputs.clone()), trigger.late(at));
            let bindings = Bindings::new().with("inputs", &inputs).with_late("trigger", &trigger);
            condition.evaluate_bool(&bindings).map_err(|problem| {
                let discreet = "the trigger's `if` cannot be evaluated for it".to_owned();
                let message = format!("the trigger's `if` cannot be evaluated: {}", problem.message);
                vec![BindProblem { node: number, message, discreet }]
            })?
        }
    };
    Ok(if wanted { Bound::Run { inputs, trigger } } else { Bound::Filtered })
}

/// The one node that a binding selects; `None` if there is none and need not be.
fn take<'b>(playbook: &Playbook, binding: &Binding, node: &'b Value) -> Result<Option<&'b Value>, String> {
    let found = binding.path.select(node).map_err(|wide| wide.to_string())?;
    let has_default = || {
        let declared = playbook.inputs.declarations().properties.get(&binding.input);
        declared.is_some_and(|property| property.default.is_some())
    };
    match found.as_slice() {
        [one] => Ok(Some(one)),
        [] if binding.optional || has_default() => Ok(None),
        [] => Err(nothing_at(&binding.path, node)),
        several => {
            Err(format!("`{}` selects {} values, and one is wanted", binding.path.as_str(), several.len()))
        }
    }
}

/// Names the path and what was there instead, so that the sender's mapping can be mended.
fn nothing_at(path: &Path, node: &Value) -> String {
    let there = match node {
        Value::Object(map) if map.is_empty() => "the body is an empty object".to_owned(),
        Value::Object(map) => {
            let more = if map.len() > MAX_KEYS { ", …" } else { "" };
            let keys: Vec<String> = map.keys().take(MAX_KEYS).map(|key| format!("{key:?}")).collect();
            format!("the keys there are {}{more}", keys.join(", "))
        }
        other => format!("the body is of type {}", type_name(other)),
    };
    format!("nothing is at `{}`; {there}", path.as_str())
}
