//! `defender.get_alert_files`

use crate::defender::entity::{Single, alert_id, both, documents, file};
use crate::defender::shape::{self, name, text};
use riposte_defender::GetAlertFiles;
use riposte_model::{ActionSpec, Schema};

/// Reads the files that an alert is about. Effect: `read`. Source: "Get alert related files information API".
pub(super) const ACTION: Single<GetAlertFiles> = Single {
    spec,
    operation: |arguments| Ok(GetAlertFiles { alert_id: text(arguments, "alert_id") }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_alert_files"),
        summary: "List the files that an alert is about",
        arguments: Schema::object().required("alert_id", alert_id()),
        output: Schema::array(file()),
        permissions: both(&["File.Read.All"]),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-files-info",
        ..shape::question()
    }
}
