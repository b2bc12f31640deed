//! `defender.isolate_machine`

use crate::defender::OnDevice;
use crate::defender::shape::{self, name, optional_text};
use riposte_defender::{ActionKind, Isolate, IsolationType};
use riposte_model::{ActionSpec, Permissions, Priority, Schema};
use serde_json::json;

/// Asks Defender to isolate one device. Effect: `once`.
///
/// Ends when the machine action does: the device is isolated when it ends as `Succeeded`, and an offline device may keep
/// it `Pending` for days. Source: "Isolate machine API".
pub(super) const ACTION: OnDevice<Isolate> = OnDevice {
    spec,
    kind: ActionKind::Isolate,
    operation: |machine_id, comment, arguments| Isolate {
        machine_id,
        comment,
        // Defender documents no default for the kind of isolation; the schema's is always among the arguments.
        isolation_type: optional_text(arguments, "isolation_type").and_then(IsolationType::parse),
    },
};

fn spec() -> ActionSpec {
    let kinds = Schema::choice(["Full", "Selective", "UnManagedDevice"])
        .described("Full and Selective for managed devices; UnManagedDevice contains an unmanaged one");
    ActionSpec {
        name: name("isolate_machine"),
        summary: "Cut a device off from the network, except from Defender itself",
        arguments: shape::on_device()
            .arguments
            .with_property("isolation_type", shape::defaulting(kinds, json!("Full"))),
        priority: Priority::Containment,
        inverse: Some(name("unisolate_machine")),
        permissions: Permissions { application: &["Machine.Isolate"], delegated: &["Machine.Isolate"] },
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/isolate-machine",
        ..shape::on_device()
    }
}
