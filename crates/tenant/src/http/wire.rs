//! Devices and actions as Defender writes them, and as its filters see them.
//!
//! Written from the documentation alone: no type is shared with a client, or both would be wrong together.

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::collection::Columns;
use super::live;
use crate::clock::stamp;
use crate::odata::{Field, FieldType, Row, Value};
use crate::truth::{Action, Device, Phase, Status, Subject};

/// `ERROR_CANCELLED` as a signed HRESULT: it has been seen that a cancelled action carries an error too.
const CANCELLED: i32 = -2_147_023_673;
/// `E_FAIL`.
const FAILED: i32 = -2_147_467_259;
/// `ERROR_TIMEOUT` as a signed HRESULT.
const TIMED_OUT: i32 = -2_147_023_436;

/// The machine actions, with the documented `$filter` fields.
pub(super) const ACTIONS: Columns = Columns { fields: ACTION_FIELDS, properties: ACTION_PROPERTIES };
/// The machines, with the documented `$filter` fields.
pub(super) const MACHINES: Columns = Columns { fields: MACHINE_FIELDS, properties: MACHINE_PROPERTIES };

const ACTION_FIELDS: &[Field] = &[
    Field { name: "id", kind: FieldType::Guid },
    Field { name: "status", kind: FieldType::Text },
    Field { name: "machineId", kind: FieldType::Text },
    Field { name: "type", kind: FieldType::Text },
    Field { name: "requestor", kind: FieldType::Text },
    Field { name: "creationDateTimeUtc", kind: FieldType::Time },
];

const ACTION_PROPERTIES: &[&str] = &[
    "id",
    "type",
    "title",
    "requestor",
    "requestorComment",
    "requestSource",
    "externalID",
    "status",
    "machineId",
    "computerDnsName",
    "creationDateTimeUtc",
    "lastUpdateDateTimeUtc",
    "cancellationRequestor",
    "cancellationComment",
    "cancellationDateTimeUtc",
    "errorHResult",
    "scope",
    "commands",
    "relatedFileInfo",
];

const MACHINE_FIELDS: &[Field] = &[
    Field { name: "computerDnsName", kind: FieldType::Text },
    Field { name: "id", kind: FieldType::Text },
    Field { name: "version", kind: FieldType::Text },
    Field { name: "deviceValue", kind: FieldType::Text },
    Field { name: "aadDeviceId", kind: FieldType::Guid },
    Field { name: "lastSeen", kind: FieldType::Time },
    Field { name: "exposureLevel", kind: FieldType::Text },
    Field { name: "onboardingStatus", kind: FieldType::Text },
    Field { name: "lastIpAddress", kind: FieldType::Text },
    Field { name: "healthStatus", kind: FieldType::Text },
    Field { name: "osPlatform", kind: FieldType::Text },
    Field { name: "riskScore", kind: FieldType::Text },
    Field { name: "rbacGroupId", kind: FieldType::NumberOrText },
    Field { name: "machineTags", kind: FieldType::Texts },
];

const MACHINE_PROPERTIES: &[&str] = &[
    "id",
    "computerDnsName",
    "firstSeen",
    "lastSeen",
    "osPlatform",
    "onboardingStatus",
    "osProcessor",
    "osArchitecture",
    "version",
    "osBuild",
    "lastIpAddress",
    "lastExternalIpAddress",
    "healthStatus",
    "deviceValue",
    "rbacGroupId",
    "rbacGroupName",
    "riskScore",
    "exposureLevel",
    "isAadJoined",
    "aadDeviceId",
    "machineTags",
    "ipAddresses",
];

/// The first as real tenants spell it; the documentation's list of values has it in lower case.
fn onboarding(device: &Device) -> &'static str {
    if device.onboarded { "Onboarded" } else { "CanBeOnboarded" }
}

/// An action in a phase of its life.
pub(super) struct ActionRow<'a> {
    pub(super) action: &'a Action,
    pub(super) phase: Phase,
    /// When it is looked at; none: as it was born.
    now: Option<DateTime<Utc>>,
}

impl<'a> ActionRow<'a> {
    /// The action as it stands now.
    pub(super) fn at(action: &'a Action, now: DateTime<Utc>) -> Self {
        Self { action, phase: action.phase(now), now: Some(now) }
    }

    /// The action as the answer to its own request shows it: always Pending, even where it ends at once.
    pub(super) fn newborn(action: &'a Action) -> Self {
        Self { action, phase: action.newborn(), now: None }
    }
}

impl Row for ActionRow<'_> {
    fn value(&self, field: &str) -> Value {
        let action = self.action;
        match field {
            "id" => Value::Guid(action.id),
            "status" => text(self.phase.status.as_str()),
            "machineId" => text(&action.device),
            "type" => text(action.kind.as_str()),
            "requestor" => text(&action.requestor),
            "creationDateTimeUtc" => Value::Time(action.created),
            _ => Value::Null,
        }
    }
}

impl Row for &Device {
    fn value(&self, field: &str) -> Value {
        match field {
            "computerDnsName" => text(&self.name),
            "id" => text(&self.id),
            "version" => text(self.system.version),
            "deviceValue" => text(self.value),
            "aadDeviceId" => self.entra_id.map_or(Value::Null, Value::Guid),
            "lastSeen" => Value::Time(self.last_seen),
            "exposureLevel" => text(self.exposure),
            "onboardingStatus" => text(onboarding(self)),
            "lastIpAddress" => text(&self.address),
            "healthStatus" => text(self.health()),
            "osPlatform" => text(self.system.platform),
            "riskScore" => text(self.risk),
            "rbacGroupId" => Value::Number(self.group.0.into()),
            "machineTags" => Value::Texts(self.tags.clone()),
            _ => Value::Null,
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A machine action, without its context.
pub(super) fn action_json(row: &ActionRow<'_>) -> Json {
    let ActionRow { action, phase, now } = row;
    let cancelled = action.cancellation();
    json!({
        "id": action.id.to_string(),
        "type": action.kind.as_str(),
        "title": null,
        "requestor": action.requestor,
        "requestorComment": action.comment,
        "requestSource": action.requestor,
        "externalID": null,
        "status": phase.status.as_str(),
        "machineId": action.device,
        "computerDnsName": action.device_name,
        "creationDateTimeUtc": stamp(action.created),
        "lastUpdateDateTimeUtc": stamp(phase.since),
        "cancellationRequestor": cancelled.map(|cancelled| &cancelled.requestor),
        "cancellationComment": cancelled.map(|cancelled| &cancelled.comment),
        "cancellationDateTimeUtc": cancelled.map(|cancelled| stamp(cancelled.at)),
        "errorHResult": error_code(phase.status),
        "scope": action.scope,
        // Only live response has commands.
        "commands": action.commands(*now).map(|commands| live::written(&commands)),
        "relatedFileInfo": file_json(&action.subject),
    })
}

fn file_json(subject: &Subject) -> Json {
    match subject {
        Subject::Device | Subject::Session(_) => Json::Null,
        Subject::File(sha1) => json!({ "fileIdentifier": sha1, "fileIdentifierType": "Sha1" }),
    }
}

const fn error_code(status: Status) -> i32 {
    match status {
        Status::Pending | Status::InProgress | Status::Succeeded => 0,
        Status::Failed => FAILED,
        Status::TimeOut => TIMED_OUT,
        Status::Cancelled => CANCELLED,
    }
}

/// A machine, without its context.
pub(super) fn machine_json(device: &Device) -> Json {
    json!({
        "id": device.id,
        "computerDnsName": device.name,
        "firstSeen": stamp(device.first_seen),
        "lastSeen": stamp(device.last_seen),
        "osPlatform": device.system.platform,
        "onboardingStatus": onboarding(device),
        "osProcessor": "x64",
        "osArchitecture": "64-bit",
        "version": device.system.version,
        "osBuild": device.system.build,
        "lastIpAddress": device.address,
        "lastExternalIpAddress": device.external_address,
        "healthStatus": device.health(),
        "deviceValue": device.value,
        "rbacGroupId": device.group.0,
        "rbacGroupName": device.group.1,
        "riskScore": device.risk,
        "exposureLevel": device.exposure,
        "isAadJoined": device.entra_id.is_some(),
        "aadDeviceId": device.entra_id.map(|id| id.to_string()),
        "machineTags": device.tags,
        "ipAddresses": [
            {
                "ipAddress": device.address,
                "macAddress": device.hardware_address,
                "operationalStatus": "Up",
            },
        ],
    })
}

/// Puts the context in front, as every answer has it.
pub(super) fn with_context(base: &str, what: &str, body: Json) -> Json {
    let mut object = serde_json::Map::new();
    object.insert("@odata.context".into(), format!("{base}/api/$metadata#{what}").into());
    if let Json::Object(fields) = body {
        object.extend(fields);
    }
    Json::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Duplicates;
    use crate::truth::{ActionKind, Opened, Order, Pace, Subject, Truth};

    fn names(row: &Json) -> Vec<&str> {
        row.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn every_property_can_be_selected() {
        let now = DateTime::UNIX_EPOCH;
        let mut truth = Truth::new(1, Pace::instant(), now);
        assert_eq!(names(&machine_json(&truth.devices()[0])), MACHINE_PROPERTIES);
        let device = truth.devices()[0].id.clone();
        let order = Order {
            kind: ActionKind::Isolate,
            scope: None,
            subject: Subject::Device,
            requestor: String::new(),
            comment: String::new(),
        };
        let Ok(Opened::New(action)) = truth.open(&device, order, Duplicates::Refused, now) else {
            panic!("nothing was under way");
        };
        assert_eq!(names(&action_json(&ActionRow::newborn(action))), ACTION_PROPERTIES);
    }
}
