//! An automated investigation of a device.

use serde_json::{Map, Value};

use crate::{
    odata::Field,
    wire::{Fields, Malformed, Timestamp, provider_enum},
};

/// An automated investigation. Only the id is certain to be there.
///
/// Source: "Investigation resource type", <https://learn.microsoft.com/en-us/defender-endpoint/api/investigation>.
#[derive(Debug, Clone, PartialEq)]
pub struct Investigation {
    /// Id: digits.
    pub id: String,
    /// How far it is.
    pub state: InvestigationState,
    /// More about the state.
    pub status_details: Option<String>,
    /// When it began.
    pub start_time: Option<Timestamp>,
    /// When it ended.
    pub end_time: Option<Timestamp>,
    /// Who cancelled it.
    pub cancelled_by: Option<String>,
    /// The device.
    pub machine_id: Option<String>,
    /// Name of the device. Chosen by its owner: clean it before showing it.
    pub computer_dns_name: Option<String>,
    /// The alert that started it.
    pub triggering_alert_id: Option<String>,
    /// Fields that are not known here.
    pub other: Map<String, Value>,
    /// The provider's own document.
    pub raw: Value,
}

provider_enum! {
    /// How far an investigation is, or how it ended.
    pub enum InvestigationState {
        /// `Unknown`, the provider's own word; any other word is kept as [`Self::Unknown`].
        Undetermined = "Unknown",
        /// Ended before its end.
        Terminated = "Terminated",
        /// Threats were found and removed.
        SuccessfullyRemediated = "SuccessfullyRemediated",
        /// No threat was found.
        Benign = "Benign",
        /// Failed.
        Failed = "Failed",
        /// Threats were found, and not all could be removed.
        PartiallyRemediated = "PartiallyRemediated",
        /// Under way.
        Running = "Running",
        /// Waits for somebody's approval.
        PendingApproval = "PendingApproval",
        /// Waits for the device.
        PendingResource = "PendingResource",
        /// Could not look at everything.
        PartiallyInvestigated = "PartiallyInvestigated",
        /// Ended by a user.
        TerminatedByUser = "TerminatedByUser",
        /// Ended by Defender.
        TerminatedBySystem = "TerminatedBySystem",
        /// Not begun.
        Queued = "Queued",
        /// Failed inside Defender.
        InnerFailure = "InnerFailure",
        /// The alert had been there before.
        PreexistingAlert = "PreexistingAlert",
        /// Not for this operating system.
        UnsupportedOs = "UnsupportedOs",
        /// Not for this kind of alert.
        UnsupportedAlertType = "UnsupportedAlertType",
        /// The alert is suppressed.
        SuppressedAlert = "SuppressedAlert",
    }
}

/// The fields by which investigations can be filtered.
///
/// Source: "List investigations API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-investigation-collection>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvestigationField {
    /// `startTime`.
    StartTime,
    /// `id`.
    Id,
    /// `state`.
    State,
    /// `machineId`.
    MachineId,
    /// `triggeringAlertId`.
    TriggeringAlertId,
}

impl Field for InvestigationField {
    fn name(&self) -> &'static str {
        match self {
            InvestigationField::StartTime => "startTime",
            InvestigationField::Id => "id",
            InvestigationField::State => "state",
            InvestigationField::MachineId => "machineId",
            InvestigationField::TriggeringAlertId => "triggeringAlertId",
        }
    }
}

impl Investigation {
    pub(crate) fn read(raw: Value) -> Result<Investigation, Malformed> {
        const EXPECTED: &str = "an investigation with an id";
        let mut fields = Fields::of(&raw, EXPECTED)?;
        Ok(Investigation {
            id: fields.text("id").ok_or(Malformed { expected: EXPECTED })?,
            state: fields.text("state").into(),
            status_details: fields.text("statusDetails"),
            start_time: fields.timestamp("startTime"),
            end_time: fields.timestamp("endTime"),
            cancelled_by: fields.text("cancelledBy"),
            machine_id: fields.text("machineId"),
            computer_dns_name: fields.text("computerDnsName"),
            triggering_alert_id: fields.text("triggeringAlertId"),
            other: fields.rest(),
            raw,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_investigation_needs_nothing_but_its_id() {
        let odd = json!({"id": 63004, "state": "Paused", "startTime": null, "novelty": 1});
        let read = Investigation::read(odd.clone()).expect("an investigation");
        assert_eq!(read.id, "63004");
        assert_eq!(read.state, InvestigationState::Unknown("Paused".into()));
        assert_eq!((read.start_time, read.other.len(), read.raw), (None, 1, odd));
        assert_eq!(InvestigationState::from("Unknown"), InvestigationState::Undetermined);
        for odd in [json!(null), json!({}), json!({"id": ""})] {
            assert!(Investigation::read(odd).is_err());
        }
    }
}
