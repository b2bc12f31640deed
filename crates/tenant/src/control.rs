//! `/_tenant/`: what a real tenant does not have. Reads the log, adds devices and alerts, moves devices, orders faults.
//!
//! Needs no token and is never logged, because it is about the simulation and not part of it.

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::stamp;
use crate::config::HuntingAnswer;
use crate::fault::Fault;
use crate::http::{Reply, Shared};
use crate::log::EffectKind;
use crate::scenario::{AlertSeed, DeviceSeed};
use crate::truth::{ActionKind, Device, DeviceRefused, Truth};

/// One route of the control API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ControlRoute {
    Log,
    Devices,
    AddFault,
    AddDevice,
    AddAlert,
    AddQuery,
    ExpireTokens,
    Limits,
    SetOnline { device: String },
    History { device: String },
}

impl ControlRoute {
    /// `segments` are those behind `/_tenant`, in lower case.
    pub(crate) fn of(method: &str, segments: &[&str]) -> Option<Self> {
        match (method, segments) {
            ("GET", ["log"]) => Some(Self::Log),
            ("GET", ["devices"]) => Some(Self::Devices),
            ("POST", ["faults"]) => Some(Self::AddFault),
            ("POST", ["devices"]) => Some(Self::AddDevice),
            ("POST", ["alerts"]) => Some(Self::AddAlert),
            ("POST", ["queries"]) => Some(Self::AddQuery),
            ("POST", ["tokens", "expire"]) => Some(Self::ExpireTokens),
            ("GET", ["limits"]) => Some(Self::Limits),
            ("GET", ["devices", device, "history"]) => Some(Self::History { device: (*device).to_owned() }),
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
            let state = shared.state();
            let (truth, now) = (&state.truth, shared.now());
            let devices: Vec<_> =
                truth.devices().iter().map(|device| device_json(truth, device, now)).collect();
            Reply::json(200, &devices.into())
        }
        ControlRoute::AddFault => add_fault(shared, body),
        ControlRoute::AddDevice => add_device(shared, body),
        ControlRoute::AddAlert => add_alert(shared, body),
        ControlRoute::AddQuery => add_query(shared, body),
        ControlRoute::ExpireTokens => {
            let expired = shared.state().tokens.expire_all();
            Reply::json(200, &json!({ "expired": expired }))
        }
        ControlRoute::Limits => Reply::json(200, &shared.state().limits.written(shared.now())),
        ControlRoute::History { device } => history(shared, device),
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

/// A device, as a scenario has it.
fn add_device(shared: &Shared, body: &[u8]) -> Reply {
    let seed: DeviceSeed = match serde_json::from_slice(body) {
        Ok(seed) => seed,
        Err(error) => return refused(400, error),
    };
    let mut state = shared.state();
    let now = shared.now();
    let added = state.change(now, |state| {
        let device = state.truth.add_device(&seed, now)?;
        state.entities.log_on(device, &seed.users, now);
        Ok(device.id.clone())
    });
    match added {
        Ok(id) => found(&state.truth, &id, 201, now),
        Err(error @ (DeviceRefused::Id | DeviceRefused::Name)) => refused(400, error),
        Err(error @ (DeviceRefused::Duplicate | DeviceRefused::Full(_))) => refused(409, error),
    }
}

/// An alert, as a scenario has it.
fn add_alert(shared: &Shared, body: &[u8]) -> Reply {
    let seed: AlertSeed = match serde_json::from_slice(body) {
        Ok(seed) => seed,
        Err(error) => return refused(400, error),
    };
    let mut state = shared.state();
    let now = shared.now();
    match state.change(now, |state| state.entities.add_alert(&seed, &state.truth, now)) {
        Ok(id) => Reply::json(201, &json!({ "id": id })),
        Err(why) => refused(400, why),
    }
}

/// What was done to one device since the start, in order, and what became of it.
fn history(shared: &Shared, key: &str) -> Reply {
    let state = shared.state();
    let (truth, now) = (&state.truth, shared.now());
    let Some(device) = truth.device(key) else { return refused(404, "no such device") };
    let steps: Vec<Value> = state
        .effects()
        .iter()
        .filter(|effect| effect.device == device.id)
        .map(|effect| {
            let mut step = json!({
                "at": stamp(effect.at), "kind": effect.kind.as_str(), "action": effect.action,
            });
            let action = Uuid::parse_str(&effect.action).ok().and_then(|id| truth.action(id));
            if let Some(action) = action {
                let phase = action.phase(now);
                step["status"] = phase.status.as_str().into();
                step["since"] = stamp(phase.since).into();
                step["requestor"] = action.requestor.as_str().into();
                step["comment"] = action.comment.as_str().into();
            }
            step
        })
        .collect();
    let mut body = device_json(truth, device, now);
    body["history"] = steps.into();
    Reply::json(200, &body)
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
    let mut state = shared.state();
    let now = shared.now();
    state.change(now, |state| state.truth.set_online(device, online, now).is_some());
    found(&state.truth, device, 200, now)
}

fn found(truth: &Truth, key: &str, status: u16, now: chrono::DateTime<chrono::Utc>) -> Reply {
    match truth.device(key) {
        Some(device) => Reply::json(status, &device_json(truth, device, now)),
        None => refused(404, "no such device"),
    }
}

/// A device as it truly is, and how often each kind of action was opened on it since the start.
fn device_json(truth: &Truth, device: &Device, now: chrono::DateTime<chrono::Utc>) -> Value {
    let count = |kind: ActionKind| {
        let of_device =
            truth.actions().filter(|action| action.device == device.id && truth.is_effect(action));
        of_device.filter(|action| action.kind == kind).count()
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
