//! From an authenticated body to the runs that it asks for, each recognisable when it comes again.

use super::bind::{BindProblem, Bound, bind};
use super::index::{Hook, Listener};
use riposte_engine::{Delivery, Trigger};
use riposte_executor::NewRun;
use riposte_expr::Bindings;
use riposte_model::Timestamp;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

/// Longest key of `dedupe`, as JSON, in bytes.
pub const MAX_KEY: usize = 1024;

/// For how long a `webhook-id` is remembered: senders repeat what was not acknowledged for days.
pub const WEBHOOK_ID_WINDOW: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What a request asks for.
pub struct Order {
    /// The runs.
    pub runs: Vec<(NewRun, Option<Delivery>)>,
    /// How many events no trigger wants.
    pub filtered: usize,
}

/// What all listeners of a webhook make of a body: all of it, or everything that is wrong. `id` is the signed
/// `webhook-id`, if there is one.
pub fn orders(
    hook: &Hook,
    body: &Arc<Value>,
    id: Option<&str>,
    now: Timestamp,
) -> Result<Order, Vec<String>> {
    let mut order = Order { runs: Vec::new(), filtered: 0 };
    let mut problems = Vec::new();
    for listener in &hook.listeners {
        let bound = match bind(&listener.playbook, &listener.webhook, body, now) {
            Ok(bound) => bound,
            Err(error) => {
                problems.extend(error.problems.iter().map(|problem| listener.say(problem)));
                continue;
            }
        };
        for (number, bound) in bound.into_iter().enumerate() {
            let node = listener.webhook.each.as_ref().map(|_| number);
            let Bound::Run { inputs, trigger } = bound else {
                order.filtered += 1;
                continue;
            };
            match listener.delivery(&inputs, &trigger, id, node, now) {
                Ok(delivery) => {
                    let playbook = listener.playbook.clone();
                    order.runs.push((NewRun { playbook, inputs, trigger }, delivery));
                }
                Err(message) => problems.push(listener.say(&BindProblem::new(node, message))),
            }
        }
    }
    if problems.is_empty() { Ok(order) } else { Err(problems) }
}

impl Listener {
    fn say(&self, problem: &BindProblem) -> String {
        format!("playbook `{}`: {}", self.playbook.name, problem.without_value())
    }

    fn delivery(
        &self,
        inputs: &Map<String, Value>,
        trigger: &Trigger,
        id: Option<&str>,
        node: Option<usize>,
        now: Timestamp,
    ) -> Result<Option<Delivery>, String> {
        let (key, window) = match (&self.webhook.dedupe, id) {
            (Some(dedupe), _) => {
                let (inputs, trigger) = (Value::Object(inputs.clone()), trigger.late(now));
                let bindings = Bindings::new().with("inputs", &inputs).with_late("trigger", &trigger);
                let key = dedupe.key.evaluate(&bindings);
                // Why it has none may quote the body.
                let key = key.map_err(|_| "the key of `dedupe` cannot be computed for it".to_owned())?;
                (text(&key)?, dedupe.window)
            }
            (None, Some(id)) => {
                (node.map_or_else(|| id.to_owned(), |node| format!("{id}#{node}")), WEBHOOK_ID_WINDOW)
            }
            (None, None) => return Ok(None),
        };
        let source = format!("webhook {} {}", self.webhook.name, self.playbook.name);
        let since = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        let since = Timestamp::from_millis(now.as_millis().saturating_sub(since));
        Ok(Some(Delivery { source, key, since }))
    }
}

/// A key as JSON, so that `1` and `"1"` are two.
fn text(key: &Value) -> Result<String, String> {
    match key {
        Value::String(text) if text.trim().is_empty() => {
            Err("the key of `dedupe` is empty, and would make different events the same".to_owned())
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) => match key.to_string() {
            text if text.len() > MAX_KEY => {
                Err(format!("the key of `dedupe` is longer than {MAX_KEY} bytes"))
            }
            text => Ok(text),
        },
        _ => Err("the key of `dedupe` is no text, number or boolean".to_owned()),
    }
}
