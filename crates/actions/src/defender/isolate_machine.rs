//! `defender.isolate_machine`

use crate::defender::shape::{self, name, optional_text, text};
use crate::defender::{Arguments, Start};
use async_trait::async_trait;
use riposte_defender::{ActionKind, Client, Error, Isolate, IsolationType, MachineAction};
use riposte_model::{ActionSpec, Permissions, Priority, Schema};
use serde_json::json;
use std::time::Duration;

/// Asks Defender to isolate one device. Effect: `once`.
///
/// Ends when the machine action does: the device is isolated when it ends as `Succeeded`, and an offline device may keep
/// it `Pending` for days. Source: "Isolate machine API".
pub(super) struct IsolateMachine;

#[async_trait]
impl Start for IsolateMachine {
    fn spec(&self) -> ActionSpec {
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

    fn kind(&self) -> ActionKind {
        ActionKind::Isolate
    }

    async fn start(
        &self,
        client: &Client,
        arguments: &Arguments,
        comment: String,
        budget: Duration,
    ) -> Result<MachineAction, Error> {
        // Defender documents no default for the kind of isolation; the schema's is always among the arguments.
        let isolation_type = optional_text(arguments, "isolation_type").and_then(IsolationType::parse);
        let request = Isolate { machine_id: text(arguments, "machine_id"), comment, isolation_type };
        client.send(&request, budget).await
    }
}
