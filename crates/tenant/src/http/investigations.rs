//! The automated investigations: starting, listing and looking at them, and how they are written.

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::body::Fields;
use super::call::{Answered, Call, Done};
use super::collection::{Columns, Query};
use super::error::ApiError;
use super::machines::{no_device, only_windows};
use super::wire::with_context;
use crate::odata::{Field, FieldType, Row, Value};
use crate::truth::{Investigation, OrderRefused, investigation_effect};

const WRITE: &[&str] = &["Alert.ReadWrite.All"];
const READ: &[&str] = &["Alert.Read.All", "Alert.ReadWrite.All"];

/// The investigations, with the documented `$filter` fields.
const COLUMNS: Columns = Columns { fields: FIELDS, properties: PROPERTIES };

const FIELDS: &[Field] = &[
    Field { name: "startTime", kind: FieldType::Time },
    Field { name: "id", kind: FieldType::NumberOrText },
    Field { name: "state", kind: FieldType::Text },
    Field { name: "machineId", kind: FieldType::Text },
    Field { name: "triggeringAlertId", kind: FieldType::Text },
];

const PROPERTIES: &[&str] = &[
    "id",
    "startTime",
    "endTime",
    "state",
    "cancelledBy",
    "statusDetails",
    "machineId",
    "computerDnsName",
    "triggeringAlertId",
];

/// `POST /machines/{id}/startInvestigation`
pub(super) fn start(call: &mut Call<'_>, key: &str) -> Answered {
    call.admit(WRITE)?;
    let device = call.state.truth.device(key).ok_or_else(|| no_device(key))?;
    only_windows(device)?;
    Fields::required(call.request.body.as_ref())?.required_text("Comment")?;
    let (base, now) = (call.base(), call.now);
    match call.state.truth.investigate(key, now) {
        Ok(investigation) => {
            let effect = Some(investigation_effect(investigation));
            let body = with_context(
                base,
                "Investigations/$entity",
                written(&InvestigationRow::at(investigation, now)),
            );
            Ok(Done { status: 201, body, effect })
        }
        Err(OrderRefused::NoSuchDevice) => Err(no_device(key)),
        Err(OrderRefused::AlreadyActive) => Err(ApiError::already_active()),
        Err(error @ OrderRefused::Full) => Err(ApiError::internal(error.to_string())),
    }
}

/// `GET /investigations`, newest first. Its page shows no `@odata.nextLink`, so there is none.
pub(super) fn list(call: &mut Call<'_>) -> Answered {
    call.admit(READ)?;
    let query = Query::parse(call.query(), &COLUMNS)?;
    let rows = call.state.truth.investigations().map(|one| InvestigationRow::at(one, call.view));
    let page = query.page(rows, call.page_size());
    Ok(Done::read(with_context(call.base(), "Investigations", query.body(&page, written))))
}

/// `GET /investigations/{id}`
pub(super) fn get(call: &mut Call<'_>, key: &str) -> Answered {
    call.admit(READ)?;
    let investigation = call.state.truth.investigation(key).ok_or_else(|| {
        ApiError::no_resource(format!("Investigation {} was not found.", crate::text::cut(key, 256)))
    })?;
    let body = written(&InvestigationRow::at(investigation, call.now));
    Ok(Done::read(with_context(call.base(), "Investigations/$entity", body)))
}

/// An investigation as it stands now.
struct InvestigationRow<'a> {
    investigation: &'a Investigation,
    state: &'static str,
    ended: Option<DateTime<Utc>>,
}

impl<'a> InvestigationRow<'a> {
    fn at(investigation: &'a Investigation, now: DateTime<Utc>) -> Self {
        let (state, ended) = investigation.at(now);
        Self { investigation, state: state.as_str(), ended }
    }
}

impl Row for InvestigationRow<'_> {
    fn value(&self, field: &str) -> Value {
        let one = self.investigation;
        match field {
            "startTime" => Value::Time(one.start_time()),
            "id" => Value::Text(one.id.clone()),
            "state" => Value::Text(self.state.to_owned()),
            "machineId" => Value::Text(one.device.clone()),
            "triggeringAlertId" => Value::Text(one.alert.clone()),
            _ => Value::Null,
        }
    }
}

/// An investigation, without its context.
fn written(row: &InvestigationRow<'_>) -> Json {
    let InvestigationRow { investigation, state, ended } = row;
    json!({
        "id": investigation.id,
        "startTime": seconds(investigation.start_time()),
        "endTime": ended.map(seconds),
        "state": state,
        "cancelledBy": null,
        "statusDetails": null,
        "machineId": investigation.device,
        "computerDnsName": investigation.device_name,
        "triggeringAlertId": investigation.alert,
    })
}

/// A time stamp as the documented examples of this resource have it: without a fraction.
fn seconds(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
