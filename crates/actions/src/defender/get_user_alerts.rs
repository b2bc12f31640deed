//! `defender.get_user_alerts`

use crate::defender::entity::{ALERT_READ, Single, alert, documents, user_name};
use crate::defender::shape::{self, name, text};
use riposte_defender::GetUserAlerts;
use riposte_model::{ActionSpec, Schema};

/// Reads the alerts that a user is part of; none for a user that Defender does not know. Effect: `read`. Source: "Get
/// user related alerts API".
pub(super) const ACTION: Single<GetUserAlerts> = Single {
    spec,
    operation: |arguments| Ok(GetUserAlerts { user: text(arguments, "user_name") }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_user_alerts"),
        summary: "List the alerts that a user is part of",
        arguments: Schema::object().required("user_name", user_name()),
        output: Schema::array(alert()),
        permissions: ALERT_READ,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-user-related-alerts",
        ..shape::question()
    }
}
