//! `defender.get_alert_user`

use crate::defender::entity::{Single, alert_id, both, user};
use crate::defender::shape::{self, name, text, without_annotations};
use riposte_defender::GetAlertUser;
use riposte_model::{ActionSpec, Schema};

/// Reads the user that an alert is about. Effect: `read`. Source: "Get alert related user information API".
pub(super) const ACTION: Single<GetAlertUser> = Single {
    spec,
    operation: |arguments| Ok(GetAlertUser { alert_id: text(arguments, "alert_id") }),
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_alert_user"),
        summary: "Look up the user that an alert is about",
        arguments: Schema::object().required("alert_id", alert_id()),
        output: user(),
        permissions: both(&["User.Read.All"]),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-user-info",
        ..shape::question()
    }
}
