//! `defender.get_live_response_result`

use crate::defender::shape::{self, action_id, name, text};
use crate::defender::{Arguments, Look};
use async_trait::async_trait;
use riposte_defender::{Client, Error};
use riposte_model::{ActionSpec, Permissions, Priority, Schema, Type};
use serde_json::{Value, json};
use std::time::Duration;

/// Asks Defender for the download link of what one command of a live response session brought. Effect: `read`.
///
/// Whoever has the link has the file, so the link is a secret: the output says where the file is and that there is a link,
/// and leaves out the part that opens it. `defender.download_live_response_result` downloads it. Source: "Get live response results".
pub(super) struct GetLiveResponseResult;

#[async_trait]
impl Look for GetLiveResponseResult {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("get_live_response_result"),
            summary: "Ask for the download link, good for 30 minutes, of what a live response command brought",
            arguments: Schema::object().required("action_id", action_id()).required("index", index()),
            output: Schema::object()
                .required("location", Schema::string().described("the link without the part that opens it"))
                .required("available", Schema::boolean()),
            priority: Priority::Collection,
            permissions: Permissions {
                application: &["Machine.Read.All", "Machine.ReadWrite.All"],
                delegated: &["Machine.LiveResponse"],
            },
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-live-response-result",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let link = client.send(&request(arguments), budget).await?;
        Ok(json!({ "location": link.location(), "available": true }))
    }
}

/// The place of a command.
pub(super) fn index() -> Schema {
    let mut index = Schema::integer()
        .described("place of the command in the session, from 0: files put, scripts, files got");
    index.kind = Type::Integer { minimum: Some(0), maximum: Some(i64::from(u32::MAX)) };
    index
}

/// The operation that gives the link.
pub(super) fn request(arguments: &Arguments) -> riposte_defender::GetLiveResponseResult {
    let index = arguments.get("index").and_then(Value::as_u64).and_then(|index| u32::try_from(index).ok());
    riposte_defender::GetLiveResponseResult {
        action_id: text(arguments, "action_id"),
        index: index.unwrap_or_default(),
    }
}
