//! What an automated investigation looks like, and who may read it.

use riposte_model::{Permissions, Schema};

/// Every documented state.
pub(super) const STATES: [&str; 18] = [
    "Unknown",
    "Terminated",
    "SuccessfullyRemediated",
    "Benign",
    "Failed",
    "PartiallyRemediated",
    "Running",
    "PendingApproval",
    "PendingResource",
    "PartiallyInvestigated",
    "TerminatedByUser",
    "TerminatedBySystem",
    "Queued",
    "InnerFailure",
    "PreexistingAlert",
    "UnsupportedOs",
    "UnsupportedAlertType",
    "SuppressedAlert",
];

/// Any of these reads investigations.
pub(super) const READ: Permissions = Permissions {
    application: &["Alert.Read.All", "Alert.ReadWrite.All"],
    delegated: &["Alert.Read", "Alert.ReadWrite"],
};

/// Resource type `Investigation`.
pub(super) fn schema() -> Schema {
    let text = || Schema::string().or_null();
    Schema::object()
        .required("id", Schema::string())
        .optional("startTime", text())
        .optional("endTime", text())
        .required("state", Schema::choice(STATES))
        .optional("cancelledBy", text())
        .optional("statusDetails", text())
        .optional("machineId", text())
        .optional("computerDnsName", text())
        .optional("triggeringAlertId", text())
}
