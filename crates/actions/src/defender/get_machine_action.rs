//! `defender.get_machine_action`

use crate::defender::shape::{self, action_id, name, text, without_annotations};
use crate::defender::{Arguments, Look};
use async_trait::async_trait;
use riposte_defender::{Client, Error};
use riposte_model::{ActionSpec, Schema};
use serde_json::Value;
use std::time::Duration;

/// Reads one machine action. Effect: `read`. Source: "Get machineAction API".
pub(super) struct GetMachineAction;

#[async_trait]
impl Look for GetMachineAction {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("get_machine_action"),
            summary: "Look up one machine action: its kind, its device and how far it is",
            arguments: Schema::object().required("action_id", action_id()),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineaction-object",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let request = riposte_defender::GetMachineAction { action_id: text(arguments, "action_id") };
        Ok(without_annotations(client.send(&request, budget).await?.raw))
    }
}
