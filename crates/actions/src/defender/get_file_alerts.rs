//! `defender.get_file_alerts`

use crate::defender::entity::{ALERT_READ, Single, alert, documents, sha1};
use crate::defender::shape::{self, name, text};
use riposte_defender::GetFileAlerts;
use riposte_model::{ActionSpec, Schema};

/// Reads the alerts that a file is part of; none for a file that Defender does not know. Effect: `read`. Source: "Get
/// file related alerts API".
pub(super) const ACTION: Single<GetFileAlerts> = Single {
    spec,
    operation: |arguments| Ok(GetFileAlerts { sha1: text(arguments, "sha1") }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_file_alerts"),
        summary: "List the alerts that a file is part of",
        arguments: Schema::object().required("sha1", sha1()),
        output: Schema::array(alert()),
        permissions: ALERT_READ,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-related-alerts",
        ..shape::question()
    }
}
