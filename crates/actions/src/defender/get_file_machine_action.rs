//! `defender.get_file_machine_action`

use crate::defender::file_action::concerns_a_file;
use crate::defender::shape::{self, action_id, name, text, without_annotations};
use crate::defender::{Arguments, Look};
use async_trait::async_trait;
use riposte_defender::{Client, Error, GetMachineAction};
use riposte_model::{ActionSpec, ErrorKind, Failure, Schema};
use serde_json::Value;
use std::time::Duration;

/// Reads one machine action that concerns a file: a quarantine, or a live response session that gets a file. Effect:
/// `read`.
///
/// The retired `FileMachineAction` is no longer served; this is the machine action that corresponds to it, in today's
/// shape. Fails with `not_found` for a machine action of another kind. Source: "Get machineAction API".
pub(super) struct GetFileMachineAction;

#[async_trait]
impl Look for GetFileMachineAction {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("get_file_machine_action"),
            summary: "Look up a machine action that quarantines a file or gets one (today's shape of FileMachineAction)",
            arguments: Schema::object().required("action_id", action_id()),
            output: shape::machine_action(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineaction-object",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let request = GetMachineAction { action_id: text(arguments, "action_id") };
        Ok(without_annotations(client.send(&request, budget).await?.raw))
    }

    fn accept(&self, output: &Value) -> Result<(), Failure> {
        if concerns_a_file(output) {
            return Ok(());
        }
        let word = |name: &str| output[name].as_str().unwrap_or_default();
        let message =
            format!("machine action {} is of type {} and concerns no file", word("id"), word("type"));
        Err(Failure::new(ErrorKind::NotFound, message))
    }
}
