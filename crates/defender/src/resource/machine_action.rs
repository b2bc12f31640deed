//! A response action on a device, as Defender keeps it.

use serde_json::{Map, Value};

use super::LiveResponseCommandResult;
use crate::{
    odata::Field,
    wire::{Fields, Malformed, Timestamp, provider_enum},
};

/// A response action on a device. Only the id is certain to be there.
///
/// Source: "MachineAction resource type", <https://learn.microsoft.com/en-us/defender-endpoint/api/machineaction>.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineAction {
    /// Id of the action (GUID).
    pub id: String,
    /// What is done; the provider calls it `type`.
    pub kind: ActionKind,
    /// How far it is.
    pub status: ActionStatus,
    /// `Full` or `Selective` for isolation, `Quick` or `Full` for a scan.
    pub scope: Option<String>,
    /// Who asked: a user's name, a GUID, the name of an application or service.
    pub requestor: Option<String>,
    /// The comment of the request.
    pub requestor_comment: Option<String>,
    /// The device. May be absent: correlate by one's own request.
    pub machine_id: Option<String>,
    /// Name of the device. Chosen by its owner: clean it before showing it.
    pub computer_dns_name: Option<String>,
    /// When the action was created.
    pub creation_date_time_utc: Option<Timestamp>,
    /// When the status last changed; also read from `lastUpdateTimeUtc`, which older examples show.
    pub last_update_date_time_utc: Option<Timestamp>,
    /// Who cancelled it.
    pub cancellation_requestor: Option<String>,
    /// The comment of the cancellation.
    pub cancellation_comment: Option<String>,
    /// When it was cancelled.
    pub cancellation_date_time_utc: Option<Timestamp>,
    /// Correlation id that the caller chose.
    pub external_id: Option<String>,
    /// Name of the user or application that submitted the action.
    pub request_source: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Windows result code, signed. Not zero after a failure, and after a cancellation too.
    pub error_h_result: Option<i64>,
    /// The file concerned, for `StopAndQuarantineFile`.
    pub related_file_info: Option<RelatedFileInfo>,
    /// The commands of a live response.
    pub commands: Vec<LiveResponseCommandResult>,
    /// Fields that are not known here.
    pub other: Map<String, Value>,
    /// The provider's own document.
    pub raw: Value,
}

/// The file that an action concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedFileInfo {
    /// Hash of the file.
    pub file_identifier: Option<String>,
    /// `Sha1`, `Sha256` or `Md5`.
    pub file_identifier_type: Option<String>,
}

provider_enum! {
    /// What a machine action does. More kinds exist than are documented.
    pub enum ActionKind {
        /// Antivirus scan.
        RunAntiVirusScan = "RunAntiVirusScan",
        /// Removal from the service.
        Offboard = "Offboard",
        /// Live response session.
        LiveResponse = "LiveResponse",
        /// Collection of an investigation package.
        CollectInvestigationPackage = "CollectInvestigationPackage",
        /// Isolation.
        Isolate = "Isolate",
        /// Release from isolation.
        Unisolate = "Unisolate",
        /// Stop and quarantine of a file.
        StopAndQuarantineFile = "StopAndQuarantineFile",
        /// Restriction to a predefined set of applications.
        RestrictCodeExecution = "RestrictCodeExecution",
        /// End of that restriction.
        UnrestrictCodeExecution = "UnrestrictCodeExecution",
    }
}

provider_enum! {
    /// How far a machine action is.
    pub enum ActionStatus {
        /// Waiting for the device; an offline device keeps it here for up to three days.
        Pending = "Pending",
        /// The device works on it.
        InProgress = "InProgress",
        /// Done. Final.
        Succeeded = "Succeeded",
        /// Failed on the device. Final.
        Failed = "Failed",
        /// The device did not answer in time. Final.
        TimeOut = "TimeOut",
        /// Cancelled; older pages spell it `Canceled`. Final.
        Cancelled = "Cancelled" | "Canceled",
    }
}

impl ActionStatus {
    /// Whether the status will not change any more. An unknown status is not final: waiting too long is found by a deadline,
    /// stopping too early by nobody.
    pub fn is_final(&self) -> bool {
        match self {
            ActionStatus::Succeeded
            | ActionStatus::Failed
            | ActionStatus::TimeOut
            | ActionStatus::Cancelled => true,
            ActionStatus::Pending | ActionStatus::InProgress | ActionStatus::Unknown(_) => false,
        }
    }
}

/// The fields by which machine actions can be filtered.
///
/// Source: "List machine actions API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineActionField {
    /// `id`.
    Id,
    /// `status`.
    Status,
    /// `machineId`.
    MachineId,
    /// `type`.
    Kind,
    /// `requestor`.
    Requestor,
    /// `creationDateTimeUtc`.
    CreationDateTimeUtc,
}

impl Field for MachineActionField {
    fn name(&self) -> &'static str {
        match self {
            MachineActionField::Id => "id",
            MachineActionField::Status => "status",
            MachineActionField::MachineId => "machineId",
            MachineActionField::Kind => "type",
            MachineActionField::Requestor => "requestor",
            MachineActionField::CreationDateTimeUtc => "creationDateTimeUtc",
        }
    }
}

impl MachineAction {
    pub(crate) fn read(raw: Value) -> Result<MachineAction, Malformed> {
        const EXPECTED: &str = "a machine action with an id";
        let mut fields = Fields::of(&raw, EXPECTED)?;
        Ok(MachineAction {
            id: fields.text("id").ok_or(Malformed { expected: EXPECTED })?,
            kind: fields.text("type").into(),
            status: fields.text("status").into(),
            scope: fields.text("scope"),
            requestor: fields.text("requestor"),
            requestor_comment: fields.text("requestorComment"),
            machine_id: fields.text("machineId"),
            computer_dns_name: fields.text("computerDnsName"),
            creation_date_time_utc: fields.timestamp("creationDateTimeUtc"),
            last_update_date_time_utc: fields
                .text_of_any(&["lastUpdateDateTimeUtc", "lastUpdateTimeUtc"])
                .map(Timestamp::from),
            cancellation_requestor: fields.text("cancellationRequestor"),
            cancellation_comment: fields.text("cancellationComment"),
            cancellation_date_time_utc: fields.timestamp("cancellationDateTimeUtc"),
            // The property table spells it with a capital D, against the habit of all other fields.
            external_id: fields.text_of_any(&["externalID", "externalId"]),
            request_source: fields.text("requestSource"),
            title: fields.text("title"),
            error_h_result: fields.integer("errorHResult"),
            related_file_info: fields.object("relatedFileInfo").map(RelatedFileInfo::read),
            commands: fields.list("commands").iter().filter_map(LiveResponseCommandResult::read).collect(),
            other: fields.rest(),
            raw,
        })
    }
}

impl RelatedFileInfo {
    fn read(mut fields: Fields) -> RelatedFileInfo {
        RelatedFileInfo {
            file_identifier: fields.text("fileIdentifier"),
            file_identifier_type: fields.text("fileIdentifierType"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_action_is_read_from_odd_values() {
        let action = MachineAction::read(json!({
            "@odata.context": "https://api.example.com/api/$metadata#Machines/$entity",
            "id": 7,
            "type": "LogsCollection",
            "status": "Canceled",
            "machineId": null,
            "errorHResult": "-2147024891",
            "externalId": "ours",
            "creationDateTimeUtc": "yesterday",
            "lastUpdateDateTimeUtc": null,
            "lastUpdateTimeUtc": "2018-12-04T12:12:18.9Z",
            "relatedFileInfo": "odd",
            "commands": null,
            "error": "None",
        }))
        .expect("an action");
        assert_eq!(action.id, "7");
        assert_eq!(action.kind, ActionKind::Unknown("LogsCollection".into()));
        assert_eq!(action.status, ActionStatus::Cancelled);
        assert_eq!(action.machine_id, None);
        assert_eq!(action.error_h_result, Some(-2_147_024_891));
        assert_eq!(action.external_id.as_deref(), Some("ours"));
        assert_eq!(action.creation_date_time_utc.as_ref().map(Timestamp::as_str), Some("yesterday"));
        assert_eq!(action.creation_date_time_utc.and_then(|stamp| stamp.moment()), None);
        assert!(action.last_update_date_time_utc.and_then(|stamp| stamp.moment()).is_some());
        assert_eq!((action.related_file_info, action.commands.len()), (None, 0));
        assert_eq!(action.other.keys().collect::<Vec<_>>(), ["error"]);
        assert_eq!(action.raw["id"], 7);
    }

    #[test]
    fn an_action_needs_nothing_but_its_id() {
        let action = MachineAction::read(json!({"id": "a"})).expect("an action");
        assert_eq!(action.status, ActionStatus::Unknown(String::new()));
        assert!(!action.status.is_final());
        for odd in [json!(null), json!("a"), json!({}), json!({"id": null}), json!({"id": []})] {
            assert!(MachineAction::read(odd).is_err());
        }
    }

    #[test]
    fn four_states_are_final_and_an_unknown_one_is_not() {
        for (text, is_final) in [
            ("Pending", false),
            ("InProgress", false),
            ("Succeeded", true),
            ("Failed", true),
            ("TimeOut", true),
            ("Timeout", true),
            ("Cancelled", true),
            ("Canceled", true),
            ("Paused", false),
            ("", false),
        ] {
            assert_eq!(ActionStatus::from(text).is_final(), is_final, "{text}");
        }
        assert_eq!(ActionStatus::from("Canceled").to_string(), "Cancelled");
    }
}
