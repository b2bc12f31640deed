//! `defender.offboard_machine`

use crate::defender::OnDevice;
use crate::defender::shape::{self, name};
use riposte_defender::{ActionKind, Offboard};
use riposte_model::{ActionSpec, Permissions};

/// Asks Defender to remove one device from the service. Effect: `once`.
///
/// The device is no longer watched, and no other action reaches it; only a person can onboard it again. Source:
/// "Offboard machine API".
pub(super) const ACTION: OnDevice<Offboard> = OnDevice {
    spec,
    kind: ActionKind::Offboard,
    operation: |machine_id, comment, _| Offboard { machine_id, comment },
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("offboard_machine"),
        summary: "Remove a device from Defender; no action takes it back",
        permissions: Permissions { application: &["Machine.Offboard"], delegated: &["Machine.Offboard"] },
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/offboard-machine-api",
        ..shape::on_device()
    }
}
