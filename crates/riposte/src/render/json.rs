//! Lines of an export as JSON. This shape is a promise to scripts.

use riposte_engine::Event;
use riposte_journal::Record;
use riposte_model::RunId;
use serde_json::{Value, json};

pub(crate) use riposte_server::document::{run, summaries};

/// The line of an export that begins a run.
pub(crate) fn export_run(record: &Record) -> Value {
    json!({
        "type": "run",
        "run": record.run,
        "playbook": record.playbook,
        "hash": record.source,
        "trigger": record.trigger,
        "status": record.status,
        "started": record.started_at.to_string(),
        "finished": record.finished_at.map(|at| at.to_string()),
    })
}

/// The line of an export that tells one event.
pub(crate) fn export_event(run: RunId, event: &Event) -> Value {
    json!({
        "type": "event",
        "run": run.to_string(),
        "seq": event.seq,
        "time": event.at.to_string(),
        "kind": event.body.kind(),
        "step": event.body.step().map(riposte_model::StepPath::as_str),
        "payload": event.body,
    })
}
