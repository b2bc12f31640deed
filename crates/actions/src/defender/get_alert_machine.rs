//! `defender.get_alert_machine`

use crate::defender::entity::{Single, alert_id, machine};
use crate::defender::shape::{self, name, text, without_annotations};
use riposte_defender::GetAlertMachine;
use riposte_model::{ActionSpec, Schema};

/// Reads the device that an alert is about. Effect: `read`. Source: "Get alert related machine information API".
pub(super) const ACTION: Single<GetAlertMachine> = Single {
    spec,
    operation: |arguments| Ok(GetAlertMachine { alert_id: text(arguments, "alert_id") }),
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_alert_machine"),
        summary: "Look up the device that an alert is about",
        arguments: Schema::object().required("alert_id", alert_id()),
        output: machine(),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-related-machine-info",
        ..shape::question()
    }
}
