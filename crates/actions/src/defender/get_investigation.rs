//! `defender.get_investigation`

use crate::defender::shape::{self, name, text, without_annotations};
use crate::defender::{Arguments, Look, investigation};
use async_trait::async_trait;
use riposte_defender::{Client, Error};
use riposte_model::{ActionSpec, Schema};
use serde_json::Value;
use std::time::Duration;

/// Reads one automated investigation. Effect: `read`. Source: "Get investigation API".
pub(super) struct GetInvestigation;

#[async_trait]
impl Look for GetInvestigation {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("get_investigation"),
            summary: "Look up one automated investigation: its device, its alert and how far it is",
            arguments: Schema::object().required(
                "investigation_id",
                shape::like("^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$")
                    .described("id of an investigation, or of the alert that triggered it"),
            ),
            output: investigation::schema(),
            permissions: investigation::READ,
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-investigation-object",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let request =
            riposte_defender::GetInvestigation { investigation_id: text(arguments, "investigation_id") };
        Ok(without_annotations(client.send(&request, budget).await?.raw))
    }
}
