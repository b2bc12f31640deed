//! `defender.unisolate_machine`

use crate::defender::OnDevice;
use crate::defender::shape::{self, name};
use riposte_defender::{ActionKind, Unisolate};
use riposte_model::{ActionSpec, Permissions, Priority};

/// Asks Defender to release one device from isolation. Effect: `once`. Source: "Release device from isolation API".
pub(super) const ACTION: OnDevice<Unisolate> = OnDevice {
    spec,
    kind: ActionKind::Unisolate,
    operation: |machine_id, comment, _| Unisolate { machine_id, comment },
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("unisolate_machine"),
        summary: "Release a device from isolation",
        priority: Priority::Containment,
        inverse: Some(name("isolate_machine")),
        permissions: Permissions { application: &["Machine.Isolate"], delegated: &["Machine.Isolate"] },
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/unisolate-machine",
        ..shape::on_device()
    }
}
