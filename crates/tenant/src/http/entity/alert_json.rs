//! Alerts as Defender writes them, and as its filters see them.

use serde_json::{Map, Value as Json, json};

use super::{optional_text, text};
use crate::clock::stamp;
use crate::http::collection::Columns;
use crate::odata::{Field, FieldType, Row, Value};
use crate::truth::{Alert, Entities, Evidence, Truth};

/// The alerts, with the documented `$filter` fields.
pub(super) const ALERTS: Columns = Columns { fields: FIELDS, properties: PROPERTIES };

const FIELDS: &[Field] = &[
    Field { name: "alertCreationTime", kind: FieldType::Time },
    Field { name: "lastUpdateTime", kind: FieldType::Time },
    Field { name: "incidentId", kind: FieldType::NumberOrText },
    Field { name: "InvestigationId", kind: FieldType::NumberOrText },
    Field { name: "id", kind: FieldType::Text },
    Field { name: "assignedTo", kind: FieldType::Text },
    Field { name: "detectionSource", kind: FieldType::Text },
    Field { name: "lastEventTime", kind: FieldType::Time },
    Field { name: "status", kind: FieldType::Text },
    Field { name: "severity", kind: FieldType::Text },
    Field { name: "category", kind: FieldType::Text },
];

const PROPERTIES: &[&str] = &[
    "id",
    "incidentId",
    "investigationId",
    "assignedTo",
    "severity",
    "status",
    "classification",
    "determination",
    "investigationState",
    "detectionSource",
    "detectorId",
    "category",
    "threatFamilyName",
    "title",
    "description",
    "alertCreationTime",
    "firstEventTime",
    "lastEventTime",
    "lastUpdateTime",
    "resolvedTime",
    "machineId",
    "computerDnsName",
    "rbacGroupName",
    "aadTenantId",
    "threatName",
    "mitreTechniques",
    "relatedUser",
    "comments",
    "evidence",
];

/// Every field that a piece of evidence has, filled or not.
const EVIDENCE: [&str; 25] = [
    "entityType",
    "evidenceCreationTime",
    "sha1",
    "sha256",
    "fileName",
    "filePath",
    "processId",
    "processCommandLine",
    "processCreationTime",
    "parentProcessId",
    "parentProcessCreationTime",
    "parentProcessFileName",
    "parentProcessFilePath",
    "ipAddress",
    "url",
    "registryKey",
    "registryHive",
    "registryValueType",
    "registryValue",
    "accountName",
    "domainName",
    "userSid",
    "aadUserId",
    "userPrincipalName",
    "detectionStatus",
];

impl Row for &Alert {
    fn value(&self, field: &str) -> Value {
        match field {
            "alertCreationTime" => Value::Time(self.created),
            "lastUpdateTime" => Value::Time(self.updated),
            "incidentId" => Value::Number(self.incident.into()),
            "id" => text(&self.id),
            "assignedTo" => optional_text(self.assigned_to.as_deref()),
            "detectionSource" => text(self.source),
            "lastEventTime" => Value::Time(self.last_event),
            "status" => text(self.status),
            "severity" => text(self.severity),
            "category" => text(self.category),
            _ => Value::Null,
        }
    }
}

/// What an alert is written with: what it is about is kept elsewhere.
pub(super) struct World<'a> {
    pub(super) truth: &'a Truth,
    pub(super) entities: &'a Entities,
    pub(super) tenant_id: &'a str,
}

impl World<'_> {
    /// An alert, without its context. Lists leave the evidence out unless it is asked for.
    pub(super) fn alert(&self, alert: &Alert, evidence: bool) -> Json {
        let device = self.truth.device(&alert.device);
        let user = alert.user.as_deref().and_then(|name| self.entities.user(name));
        let evidence: Vec<Json> =
            alert.evidence.iter().filter(|_| evidence).map(|piece| self.evidence(piece, alert)).collect();
        let comments: Vec<Json> = alert
            .comments
            .iter()
            .map(|comment| {
                json!({
                    "comment": comment.text,
                    "createdBy": comment.author,
                    "createdTime": stamp(comment.at),
                })
            })
            .collect();
        json!({
            "id": alert.id,
            "incidentId": alert.incident,
            "investigationId": null,
            "assignedTo": alert.assigned_to,
            "severity": alert.severity,
            "status": alert.status,
            "classification": alert.classification.map(as_read),
            "determination": alert.determination,
            "investigationState": "Queued",
            "detectionSource": alert.source,
            "detectorId": alert.detector,
            "category": alert.category,
            "threatFamilyName": alert.family,
            "title": alert.title,
            "description": alert.description,
            "alertCreationTime": stamp(alert.created),
            "firstEventTime": stamp(alert.first_event),
            "lastEventTime": stamp(alert.last_event),
            "lastUpdateTime": stamp(alert.updated),
            "resolvedTime": alert.resolved.map(stamp),
            "machineId": alert.device,
            "computerDnsName": device.map(|device| &device.name),
            "rbacGroupName": device.map(|device| &device.group.1),
            "aadTenantId": self.tenant_id,
            "threatName": null,
            "mitreTechniques": alert.techniques,
            "relatedUser": user.map(|user| json!({ "userName": user.name, "domainName": user.domain })),
            "comments": comments,
            "evidence": evidence,
        })
    }

    fn evidence(&self, evidence: &Evidence, alert: &Alert) -> Json {
        let mut piece: Map<String, Json> =
            EVIDENCE.iter().map(|name| ((*name).to_owned(), Json::Null)).collect();
        let mut set = |name: &str, value: Json| piece.insert(name.to_owned(), value);
        set("evidenceCreationTime", stamp(alert.created).into());
        let mut file = |sha1: &str, folder: &str| {
            set("sha1", sha1.into());
            set("filePath", folder.into());
            if let Some(file) = self.entities.file(sha1) {
                set("sha256", file.sha256.as_str().into());
                set("fileName", file.name.as_str().into());
            }
            set("detectionStatus", "Detected".into());
        };
        match evidence {
            Evidence::User { account } => {
                set("entityType", "User".into());
                set("accountName", account.as_str().into());
                if let Some(user) = self.entities.user(account) {
                    set("domainName", user.domain.as_str().into());
                    set("userSid", user.sid.as_str().into());
                    set("userPrincipalName", format!("{}@{}.example", user.name, user.domain).into());
                }
            }
            Evidence::Process { sha1, folder, id, command_line } => {
                file(sha1, folder);
                set("entityType", "Process".into());
                set("processId", (*id).into());
                set("processCommandLine", command_line.as_str().into());
                set("processCreationTime", stamp(alert.first_event).into());
            }
            Evidence::File { sha1, folder } => {
                file(sha1, folder);
                set("entityType", "File".into());
            }
            Evidence::Ip(address) => {
                set("entityType", "Ip".into());
                set("ipAddress", address.as_str().into());
            }
            Evidence::Url(url) => {
                set("entityType", "Url".into());
                set("url", url.as_str().into());
            }
        }
        Json::Object(piece)
    }
}

/// Answers spell the middle verdict differently from requests.
fn as_read(classification: &'static str) -> &'static str {
    match classification {
        "InformationalExpectedActivity" => "Informational, expected activity",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::Pace;
    use chrono::DateTime;

    #[test]
    fn every_property_can_be_selected() {
        let now = DateTime::UNIX_EPOCH;
        let truth = Truth::new(1, Pace::instant(), now);
        let entities = Entities::new(truth.devices(), now);
        let world = World { truth: &truth, entities: &entities, tenant_id: "t" };
        for alert in entities.alerts() {
            let row = world.alert(alert, true);
            let names: Vec<_> = row.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(names, PROPERTIES);
            for piece in row["evidence"].as_array().unwrap() {
                let names: Vec<_> = piece.as_object().unwrap().keys().map(String::as_str).collect();
                assert_eq!(names, EVIDENCE);
            }
        }
    }
}
