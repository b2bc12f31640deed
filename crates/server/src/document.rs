//! Runs as JSON. This shape is a promise to scripts and to whoever asks the API.

pub mod read;

use riposte_engine::{Event, EventBody, RunStatus, RunSummary};
use riposte_model::RunId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RunStatus)]
pub enum Status {
    /// It is not over.
    Running,
    /// Every step ended well or was allowed not to.
    Succeeded,
    /// A step failed.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl From<RunStatus> for Status {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Running => Status::Running,
            RunStatus::Succeeded => Status::Succeeded,
            RunStatus::Failed => Status::Failed,
            RunStatus::Cancelled => Status::Cancelled,
        }
    }
}

impl From<Status> for RunStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Running => RunStatus::Running,
            Status::Succeeded => RunStatus::Succeeded,
            Status::Failed => RunStatus::Failed,
            Status::Cancelled => RunStatus::Cancelled,
        }
    }
}

/// One run with all its events.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Run)]
pub struct RunView {
    /// Its id.
    #[schema(pattern = "^run_[0-9a-f]{32}$")]
    run_id: String,
    /// Its playbook.
    #[schema(required)]
    playbook: Option<String>,
    /// SHA-256 of the playbook's file: the version that the run keeps.
    #[schema(required)]
    source_hash: Option<String>,
    /// How it stands.
    status: Status,
    /// When it began.
    #[schema(required, format = DateTime)]
    started_at: Option<String>,
    /// When it ended.
    #[schema(required, format = DateTime)]
    finished_at: Option<String>,
    /// The run and the step that called it, if one did.
    #[schema(required, value_type = Option<Object>)]
    parent: Value,
    /// Its inputs, defaults filled in.
    #[schema(required)]
    inputs: Option<Map<String, Value>>,
    /// Where its calls go, by connection.
    #[schema(required)]
    connections: Option<Map<String, Value>>,
    /// What started it.
    #[schema(required)]
    trigger: Option<TriggerView>,
    /// What it gave back.
    #[schema(required)]
    outputs: Option<Map<String, Value>>,
    /// The message of the `stop` that ended it.
    #[schema(required)]
    message: Option<String>,
    /// Why it failed or was cancelled: `kind`, `message`, and what the provider said.
    #[schema(required, value_type = Option<Object>)]
    failure: Value,
    /// The step that decided it.
    #[schema(required)]
    failed_step: Option<String>,
    /// Everything that has happened, in order.
    events: Vec<EventView>,
}

/// What started a run.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = RunTrigger)]
pub struct TriggerView {
    /// `manual`, `webhook`, `schedule` or `call`.
    kind: String,
    /// Who or what of that kind.
    name: String,
}

/// Something that has happened in a run. What else there is depends on its kind.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView {
    /// Its number in the run, from 1, without gaps.
    #[schema(minimum = 1)]
    seq: u64,
    /// When it was recorded.
    #[schema(format = DateTime)]
    at: String,
    /// What happened, like `run_started`, `call_accepted` or `run_finished`.
    kind: String,
    #[serde(flatten)]
    #[schema(value_type = BTreeMap<String, Value>)]
    more: Map<String, Value>,
}

impl EventView {
    /// Of this event.
    pub fn of(event: &Event) -> EventView {
        let mut more = match serde_json::to_value(&event.body) {
            Ok(Value::Object(body)) => body,
            // An event's body is always an object.
            _ => Map::new(),
        };
        more.shift_remove("kind");
        EventView { seq: event.seq, at: event.at.to_string(), kind: event.body.kind().to_owned(), more }
    }
}

impl RunView {
    /// Of a run with these events.
    pub fn of(run: RunId, events: &[Event]) -> RunView {
        let started = events.first().and_then(|event| match &event.body {
            EventBody::RunStarted(started) => Some((started, event.at)),
            _ => None,
        });
        let finished = events.last().and_then(|event| match &event.body {
            EventBody::RunFinished(finished) => Some((finished, event.at)),
            _ => None,
        });
        let (started, started_at) = started.unzip();
        let (finished, finished_at) = finished.unzip();
        RunView {
            run_id: run.to_string(),
            playbook: started.map(|started| started.playbook.to_string()),
            source_hash: started.map(|started| started.source.to_string()),
            status: finished.map_or(RunStatus::Running, |finished| finished.status).into(),
            started_at: started_at.map(|at| at.to_string()),
            finished_at: finished_at.map(|at| at.to_string()),
            parent: value(started.and_then(|started| started.parent.as_ref())),
            inputs: started.map(|started| started.inputs.clone()),
            connections: started.map(|started| started.connections.clone()),
            trigger: started.map(|started| TriggerView {
                kind: started.trigger.kind.clone(),
                name: started.trigger.name.clone(),
            }),
            outputs: finished.map(|finished| finished.outputs.clone()),
            message: finished.and_then(|finished| finished.message.clone()),
            failure: value(finished.and_then(|finished| finished.failure.as_ref())),
            failed_step: finished.and_then(|finished| finished.step.as_ref()).map(ToString::to_string),
            events: events.iter().map(EventView::of).collect(),
        }
    }
}

/// What the journal keeps has a JSON: it came from there.
fn value(kept: Option<&impl Serialize>) -> Value {
    serde_json::to_value(kept).unwrap_or_default()
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RunSummary)]
pub struct SummaryView {
    /// The run's id.
    #[schema(pattern = "^run_[0-9a-f]{32}$")]
    run_id: String,
    /// Its playbook.
    playbook: String,
    /// How it stands.
    status: Status,
    /// When it began.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it ended.
    #[schema(required, format = DateTime)]
    finished_at: Option<String>,
    /// What started it: kind and name.
    trigger: String,
}

impl SummaryView {
    /// Of this run.
    pub fn of(run: &RunSummary) -> SummaryView {
        SummaryView {
            run_id: run.id.to_string(),
            playbook: run.playbook.to_string(),
            status: run.status.into(),
            started_at: run.started_at.to_string(),
            finished_at: run.finished_at.map(|at| at.to_string()),
            trigger: run.trigger.clone(),
        }
    }
}

/// One run with all its events, as a value.
pub fn run(run: RunId, events: &[Event]) -> Value {
    value(Some(&RunView::of(run, events)))
}

/// A listing, as a value.
pub fn summaries(runs: &[RunSummary]) -> Value {
    value(Some(&runs.iter().map(SummaryView::of).collect::<Vec<_>>()))
}
