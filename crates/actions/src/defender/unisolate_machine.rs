//! `defender.unisolate_machine`

use crate::defender::shape::{self, name, text};
use crate::defender::{Arguments, Start};
use async_trait::async_trait;
use riposte_defender::{ActionKind, Client, Error, MachineAction, Unisolate};
use riposte_model::{ActionSpec, Permissions, Priority};
use std::time::Duration;

/// Asks Defender to release one device from isolation. Effect: `once`. Source: "Release device from isolation API".
pub(super) struct UnisolateMachine;

#[async_trait]
impl Start for UnisolateMachine {
    fn spec(&self) -> ActionSpec {
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

    fn kind(&self) -> ActionKind {
        ActionKind::Unisolate
    }

    async fn start(
        &self,
        client: &Client,
        arguments: &Arguments,
        comment: String,
        budget: Duration,
    ) -> Result<MachineAction, Error> {
        client.send(&Unisolate { machine_id: text(arguments, "machine_id"), comment }, budget).await
    }
}
