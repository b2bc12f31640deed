//! Runs as JSON. This shape is a promise to scripts and to whoever asks the API.

pub mod read;

use riposte_engine::{Event, EventBody, RunStatus, RunSummary};
use riposte_model::RunId;
use serde_json::{Value, json};

/// One run with all its events.
pub fn run(run: RunId, events: &[Event]) -> Value {
    let started = events.first().and_then(|event| match &event.body {
        EventBody::RunStarted(started) => Some((started, event.at)),
        _ => None,
    });
    let finished = events.last().and_then(|event| match &event.body {
        EventBody::RunFinished(finished) => Some((finished, event.at)),
        _ => None,
    });
    let status = finished.map_or(RunStatus::Running, |(finished, _)| finished.status);
    json!({
        "run_id": run.to_string(),
        "playbook": started.map(|(started, _)| started.playbook.as_str()),
        "source_hash": started.map(|(started, _)| started.source.as_str()),
        "status": status.as_str(),
        "started_at": started.map(|(_, at)| at.to_string()),
        "finished_at": finished.map(|(_, at)| at.to_string()),
        "parent": started.and_then(|(started, _)| started.parent.as_ref()),
        "inputs": started.map(|(started, _)| &started.inputs),
        "connections": started.map(|(started, _)| &started.connections),
        "trigger": started.map(|(started, _)| json!({ "kind": started.trigger.kind, "name": started.trigger.name })),
        "outputs": finished.map(|(finished, _)| &finished.outputs),
        "message": finished.and_then(|(finished, _)| finished.message.as_ref()),
        "failure": finished.and_then(|(finished, _)| finished.failure.as_ref()),
        "failed_step": finished.and_then(|(finished, _)| finished.step.as_ref()),
        "events": events.iter().map(event).collect::<Vec<_>>(),
    })
}

fn event(event: &Event) -> Value {
    let mut value = json!({ "seq": event.seq, "at": event.at.to_string() });
    if let (Some(map), Ok(Value::Object(body))) = (value.as_object_mut(), serde_json::to_value(&event.body)) {
        map.extend(body);
    }
    value
}

/// A listing.
pub fn summaries(runs: &[RunSummary]) -> Value {
    runs.iter()
        .map(|run| {
            json!({
                "run_id": run.id.to_string(),
                "playbook": run.playbook.as_str(),
                "status": run.status.as_str(),
                "started_at": run.started_at.to_string(),
                "finished_at": run.finished_at.map(|at| at.to_string()),
                "trigger": run.trigger,
            })
        })
        .collect()
}
