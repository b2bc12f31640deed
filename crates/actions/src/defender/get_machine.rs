//! `defender.get_machine`

use crate::defender::entity::machine;
use crate::defender::shape::{self, name, text, without_annotations};
use crate::defender::{Arguments, Look};
use async_trait::async_trait;
use riposte_defender::{Client, Error};
use riposte_model::{ActionSpec, Schema};
use serde_json::Value;
use std::time::Duration;

/// Reads one device. Effect: `read`. Source: "Get machine by ID API".
pub(super) struct GetMachine;

#[async_trait]
impl Look for GetMachine {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("get_machine"),
            summary: "Look up one device: its name, health, risk, groups and tags",
            arguments: Schema::object().required(
                "machine_id",
                shape::like("^[0-9A-Za-z][0-9A-Za-z._-]{0,254}$")
                    .described("Defender's device id, or the computer's full DNS name"),
            ),
            output: machine(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-by-id",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let request = riposte_defender::GetMachine { machine_id: text(arguments, "machine_id") };
        Ok(without_annotations(client.send(&request, budget).await?.raw))
    }
}
