//! `defender.get_machine_alerts`

use crate::defender::entity::{ALERT_READ, Single, alert, documents};
use crate::defender::shape::{self, machine_id, name, text};
use riposte_defender::GetMachineAlerts;
use riposte_model::{ActionSpec, Schema};

/// Reads the alerts of one device. Effect: `read`. Source: "Get machine related alerts API".
pub(super) const ACTION: Single<GetMachineAlerts> = Single {
    spec,
    operation: |arguments| Ok(GetMachineAlerts { machine_id: text(arguments, "machine_id") }),
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_machine_alerts"),
        summary: "List the alerts of a device",
        arguments: Schema::object().required("machine_id", machine_id()),
        output: Schema::array(alert()),
        permissions: ALERT_READ,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-related-alerts",
        ..shape::question()
    }
}
