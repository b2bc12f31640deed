//! A plan as the file that says all of it.

use riposte_model::{ErrorKind, format_duration};
use riposte_playbook::{
    ActionStep, Auth, Await, Block, Computed, ForEach, Missed, OnError, Overlap, Playbook, Schedule, Step,
    StepKind, Trigger, Wait, Webhook, WhenFull, retry,
};
use serde_json::{Map, Value, json};
use std::time::Duration;

pub(super) fn playbook(playbook: &Playbook) -> Value {
    let mut file = json!({
        "name": playbook.name.as_str(),
        "inputs": playbook.inputs.schema().to_json()["properties"],
        "triggers": playbook.triggers.iter().map(trigger).collect::<Vec<_>>(),
        "outputs": values(&playbook.outputs),
    });
    if let Some(description) = &playbook.description {
        file["description"] = json!(description);
    }
    if let Some(concurrency) = &playbook.concurrency {
        let when_full = match concurrency.when_full {
            WhenFull::Queue => "queue",
            WhenFull::Skip => "skip",
        };
        let (key, limit) = (concurrency.key.source(), concurrency.limit);
        file["concurrency"] = json!({ "key": key, "limit": limit, "when_full": when_full });
    }
    block(&playbook.body, &mut file);
    file
}

fn duration(duration: Duration) -> Value {
    json!(format_duration(duration))
}

fn trigger(trigger: &Trigger) -> Value {
    match trigger {
        Trigger::Webhook(trigger) => webhook(trigger),
        Trigger::Schedule(trigger) => schedule(trigger),
    }
}

fn webhook(webhook: &Webhook) -> Value {
    let credential = |name: &str| json!({ "credential": name });
    let auth = match &webhook.auth {
        Auth::HmacSha256 { secret, header } => {
            json!({ "hmac_sha256": { "secret": credential(&secret.0), "header": header } })
        }
        Auth::StandardWebhooks { secret } => {
            json!({ "standard_webhooks": { "secret": credential(&secret.0) } })
        }
        Auth::Bearer { token } => json!({ "bearer": { "token": credential(&token.0) } }),
        Auth::None => json!("none"),
    };
    let bind: Map<String, Value> = webhook
        .bind
        .iter()
        .map(|bind| {
            let path = match bind.optional {
                true => json!({ "path": bind.path.as_str(), "optional": true }),
                false => json!(bind.path.as_str()),
            };
            (bind.input.clone(), path)
        })
        .collect();
    let mut trigger = json!({ "webhook": webhook.name, "auth": auth, "bind": bind });
    if let Some(each) = &webhook.each {
        trigger["each"] = json!(each.as_str());
    }
    if let Some(condition) = &webhook.condition {
        trigger["if"] = json!(condition.source());
    }
    if let Some(dedupe) = &webhook.dedupe {
        trigger["dedupe"] = json!({ "key": dedupe.key.source(), "window": duration(dedupe.window) });
    }
    trigger
}

fn schedule(schedule: &Schedule) -> Value {
    let missed = match schedule.missed {
        Missed::Skip => "skip",
        Missed::Once => "once",
        Missed::All => "all",
    };
    let overlap = match schedule.overlap {
        Overlap::Skip => "skip",
        Overlap::Queue => "queue",
        Overlap::Allow => "allow",
    };
    let mut trigger = json!({
        "schedule": schedule.cron.as_str(),
        "timezone": schedule.zone.name(),
        "missed": missed,
        "overlap": overlap,
        "inputs": schedule.inputs,
    });
    if let Some(jitter) = schedule.jitter {
        trigger["jitter"] = duration(jitter);
    }
    trigger
}

fn block(block: &Block, into: &mut Value) {
    into["steps"] = steps(&block.steps);
    for (handler, list) in [("on_failure", &block.on_failure), ("always", &block.always)] {
        if !list.is_empty() {
            into[handler] = steps(list);
        }
    }
}

fn steps(list: &[Step]) -> Value {
    list.iter().map(step).collect()
}

fn step(step: &Step) -> Value {
    let mut printed = match &step.kind {
        StepKind::Action(step) => action(step),
        StepKind::Block(inside) => {
            let mut printed = json!({});
            block(inside, &mut printed);
            printed
        }
        StepKind::Parallel { branches, max } => {
            let branches: Vec<Value> =
                branches.iter().map(|branch| json!({ "steps": steps(branch) })).collect();
            json!({ "parallel": branches, "max": max })
        }
        StepKind::ForEach(each) => for_each(each),
        StepKind::Call(call) => json!({ "call": call.playbook.as_str(), "with": values(&call.with) }),
        StepKind::Wait(Wait::For(pause)) => json!({ "wait": duration(*pause) }),
        StepKind::Wait(Wait::Until(at)) => json!({ "wait": { "until": at.source() } }),
        StepKind::Stop(message) => json!({ "stop": computed(message) }),
        StepKind::Fail(message) => json!({ "fail": computed(message) }),
        StepKind::Set(set) => json!({ "set": values(set) }),
    };
    // Those that the loader gave are unique in their list only, and so cannot be written.
    if !step.id.contains('_') {
        printed["id"] = json!(step.id);
    }
    printed["on_error"] = json!(match step.on_error {
        OnError::Fail => "fail",
        OnError::Continue => "continue",
    });
    if let Some(condition) = &step.condition {
        printed["if"] = match condition.source() {
            "true" => json!(true),
            source => json!(source),
        };
    }
    if let Some(timeout) = step.timeout {
        printed["timeout"] = duration(timeout);
    }
    printed
}

fn action(step: &ActionStep) -> Value {
    let mut printed = json!({
        "action": step.spec.name.as_str(),
        "with": values(&step.with),
        "retry": retry(&step.retry),
    });
    // An action that is done at once has nothing to wait for, and no `await`.
    if step.spec.completion == riposte_model::Completion::Followed {
        printed["await"] = json!(match step.until {
            Await::Completed => "completed",
            Await::Accepted => "accepted",
        });
    }
    if let Some(select) = &step.select {
        printed["select"] = json!(select.as_str());
    }
    printed
}

fn retry(policy: &retry::Policy) -> Value {
    let mut printed = json!({
        "attempts": policy.attempts(),
        "initial": duration(policy.initial()),
        "factor": policy.factor(),
        "max": duration(policy.max()),
        "jitter": match policy.jitter() {
            retry::Jitter::Equal => "equal",
            retry::Jitter::None => "none",
        },
    });
    let may_repeat: Vec<ErrorKind> =
        ErrorKind::ALL.into_iter().filter(|kind| retry::Policy::may_repeat(*kind)).collect();
    let on: Vec<&str> =
        may_repeat.iter().filter(|kind| policy.covers(**kind)).map(|kind| kind.as_str()).collect();
    if on.len() < may_repeat.len() {
        printed["on"] = json!(on);
    }
    printed
}

fn for_each(each: &ForEach) -> Value {
    json!({
        "for_each": each.items.source(),
        "as": each.name,
        "steps": steps(&each.steps),
        "outputs": values(&each.outputs),
        "max": each.max,
        "on_item_error": match each.on_item_error {
            OnError::Fail => "stop",
            OnError::Continue => "continue",
        },
    })
}

fn values(values: &[(String, Computed)]) -> Value {
    Value::Object(values.iter().map(|(name, value)| (name.clone(), computed(value))).collect())
}

fn computed(value: &Computed) -> Value {
    match value {
        Computed::Literal(value) => literal(value),
        Computed::Template(template) => json!(template.to_string()),
        Computed::List(items) => items.iter().map(computed).collect(),
        Computed::Map(entries) => values(entries),
    }
}

/// Text that looks like an expression, and is none.
fn literal(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.replace("${{", "$${{")),
        Value::Array(items) => items.iter().map(literal).collect(),
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), literal(value))).collect(),
        value => value.clone(),
    }
}
