//! `/_tenant/`: what a real tenant does not have. Reads the log, moves devices, orders faults.
//!
//! Needs no token and is never logged, because it is about the simulation and not part of it.

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::HuntingAnswer;
use crate::fault::Fault;
use crate::http::{Reply, Shared};
use crate::log::EffectKind;
use crate::truth::{ActionKind, Device, DeviceRefused, NewDevice, Truth};

/// One route of the control API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ControlRoute {
    Log,
    Devices,
    AddFault,
    AddDevice,
    AddQuery,
    SetOnline { device: String },
}

impl ControlRoute {
    /// `segments` are those behind `/_tenant`, in lower case.
    pub(crate) fn of(method: &str, segments: &[&str]) -> Option<Self> {
        match (method, segments) {
            ("GET", ["log"]) => Some(Self::Log),
            ("GET", ["devices"]) => Some(Self::Devices),
            ("POST", ["faults"]) => Some(Self::AddFault),
            ("POST", ["devices"]) => Some(Self::AddDevice),
            ("POST", ["queries"]) => Some(Self::AddQuery),
            ("POST", ["devices", device, "online"]) => Some(Self::SetOnline { device: (*device).to_owned() }),
            _ => None,
        }
    }
}

/// Answers one request. `body` is `None` where it was too large to be read.
pub(crate) fn respond(shared: &Shared, route: &ControlRoute, body: Option<&Bytes>) -> Reply {
    let body = body.map(AsRef::as_ref).unwrap_or_default();
    match route {
        ControlRoute::Log => {
            let entries: Vec<_> = shared.state().log.entries().cloned().collect();
            match serde_json::to_value(entries) {
                Ok(entries) => Reply::json(200, &entries),
                Err(error) => refused(500, error),
            }
        }
        ControlRoute::Devices => {
            let now = shared.now();
            let truth = &shared.state().truth;
            let devices: Vec<_> =
                truth.devices().iter().map(|device| device_json(truth, device, now)).collect();
            Reply::json(200, &devices.into())
        }
        ControlRoute::AddFault => add_fault(shared, body),
        ControlRoute::AddDevice => add_device(shared, body),
        ControlRoute::AddQuery => add_query(shared, body),
        ControlRoute::SetOnline { device } => set_online(shared, device, body),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultBody {
    fault: String,
}

fn add_fault(shared: &Shared, body: &[u8]) -> Reply {
    let text = match serde_json::from_slice::<FaultBody>(body) {
        Ok(FaultBody { fault }) => fault,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let fault: Fault = match text.parse() {
        Ok(fault) => fault,
        Err(error) => return refused(400, error),
    };
    let answer = json!({ "fault": fault.to_string() });
    match shared.state().faults.push(fault) {
        Ok(()) => Reply::json(201, &answer),
        Err(error) => refused(409, error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceBody {
    id: String,
    name: String,
    #[serde(default = "yes")]
    online: bool,
}

const fn yes() -> bool {
    true
}

fn add_device(shared: &Shared, body: &[u8]) -> Reply {
    let DeviceBody { id, name, online } = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(error) => return refused(400, error),
    };
    let now = shared.now();
    let mut state = shared.state();
    match state.truth.add_device(NewDevice { id: id.clone(), name, online }, now) {
        Ok(_) => found(&state.truth, &id, 201, now),
        Err(error @ (DeviceRefused::Id | DeviceRefused::Name)) => refused(400, error),
        Err(error @ (DeviceRefused::Duplicate | DeviceRefused::Full(_))) => refused(409, error),
    }
}

/// In the words of the answer that it becomes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QueryBody {
    #[serde(rename = "Query")]
    query: String,
    #[serde(rename = "Schema")]
    schema: Vec<ColumnBody>,
    #[serde(rename = "Results")]
    results: Vec<serde_json::Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnBody {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Type")]
    kind: String,
}

fn add_query(shared: &Shared, body: &[u8]) -> Reply {
    let QueryBody { query, schema, results } = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(error) => return refused(400, error),
    };
    let columns = schema.into_iter().map(|column| (column.name, column.kind)).collect();
    let results = results.into_iter().map(Value::Object).collect();
    let answer = HuntingAnswer { query, columns, results };
    match shared.state().entities.hunting.teach(&answer.query, answer.schema(), answer.results.into()) {
        Ok(()) => Reply::json(201, &json!({ "Query": answer.query })),
        Err(error) => refused(409, error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnlineBody {
    online: bool,
}

fn set_online(shared: &Shared, device: &str, body: &[u8]) -> Reply {
    let OnlineBody { online } = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(error) => return refused(400, error),
    };
    let now = shared.now();
    let mut state = shared.state();
    state.truth.set_online(device, online, now);
    found(&state.truth, device, 200, now)
}

fn found(truth: &Truth, key: &str, status: u16, now: chrono::DateTime<chrono::Utc>) -> Reply {
    match truth.device(key) {
        Some(device) => Reply::json(status, &device_json(truth, device, now)),
        None => refused(404, "no such device"),
    }
}

/// A device as it truly is, and how often each kind of action was opened on it.
fn device_json(truth: &Truth, device: &Device, now: chrono::DateTime<chrono::Utc>) -> Value {
    let count = |kind: ActionKind| {
        truth.actions().filter(|action| action.device == device.id && action.kind == kind).count()
    };
    let effects: serde_json::Map<String, Value> = ActionKind::ALL
        .into_iter()
        .map(|kind| (EffectKind::from(kind).as_str().to_owned(), count(kind).into()))
        .collect();
    json!({
        "id": device.id,
        "name": device.name,
        "online": device.online,
        "isolated": truth.is_isolated(device, now),
        "restricted": truth.is_restricted(device, now),
        "quarantined": truth.quarantined(device, now),
        "offboarded": truth.left_at(device, now).is_some(),
        "effects": effects,
    })
}

fn refused(status: u16, error: impl std::fmt::Display) -> Reply {
    Reply::json(status, &json!({ "error": error.to_string() }))
}
