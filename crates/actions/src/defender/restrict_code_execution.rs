//! `defender.restrict_code_execution`

use crate::defender::OnDevice;
use crate::defender::shape::{self, name};
use riposte_defender::{ActionKind, RestrictCodeExecution};
use riposte_model::{ActionSpec, Permissions, Priority};

/// Asks Defender to let only a predefined set of applications run on one device. Effect: `once`. Source: "Restrict app execution API".
pub(super) const ACTION: OnDevice<RestrictCodeExecution> = OnDevice {
    spec,
    kind: ActionKind::RestrictCodeExecution,
    operation: |machine_id, comment, _| RestrictCodeExecution { machine_id, comment },
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("restrict_code_execution"),
        summary: "Let only a predefined set of applications run on a device",
        priority: Priority::Containment,
        inverse: Some(name("unrestrict_code_execution")),
        permissions: Permissions {
            application: &["Machine.RestrictExecution"],
            delegated: &["Machine.RestrictExecution"],
        },
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/restrict-code-execution",
        ..shape::on_device()
    }
}
