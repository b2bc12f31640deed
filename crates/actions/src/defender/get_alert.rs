//! `defender.get_alert`

use crate::defender::entity::{ALERT_READ, Single, alert, alert_id};
use crate::defender::shape::{self, name, text, without_annotations};
use riposte_defender::GetAlert;
use riposte_model::{ActionSpec, Schema};

/// Reads one alert with its evidence. Effect: `read`. Source: "Get alert information by ID API".
pub(super) const ACTION: Single<GetAlert> = Single {
    spec,
    operation: |arguments| Ok(GetAlert { alert_id: text(arguments, "alert_id") }),
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_alert"),
        summary: "Look up one alert and its evidence",
        arguments: Schema::object().required("alert_id", alert_id()),
        output: alert(),
        permissions: ALERT_READ,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-info-by-id",
        ..shape::question()
    }
}
