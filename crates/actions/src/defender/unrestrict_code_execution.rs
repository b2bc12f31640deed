//! `defender.unrestrict_code_execution`

use crate::defender::OnDevice;
use crate::defender::shape::{self, name};
use riposte_defender::{ActionKind, UnrestrictCodeExecution};
use riposte_model::{ActionSpec, Permissions, Priority};

/// Asks Defender to let all applications run again on one device. Effect: `once`. Source: "Remove app restriction API".
pub(super) const ACTION: OnDevice<UnrestrictCodeExecution> = OnDevice {
    spec,
    kind: ActionKind::UnrestrictCodeExecution,
    operation: |machine_id, comment, _| UnrestrictCodeExecution { machine_id, comment },
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("unrestrict_code_execution"),
        summary: "Let all applications run again on a device",
        priority: Priority::Containment,
        inverse: Some(name("restrict_code_execution")),
        permissions: Permissions {
            application: &["Machine.RestrictExecution"],
            delegated: &["Machine.RestrictExecution"],
        },
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/unrestrict-code-execution",
        ..shape::on_device()
    }
}
