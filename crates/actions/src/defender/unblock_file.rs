//! `defender.unblock_file`

use crate::defender::block_file::indicators_of;
use crate::defender::delete_indicator::delete;
use crate::defender::entity::{file_hash, indicator_permissions};
use crate::defender::shape::{self, name, text};
use crate::defender::{Arguments, Change};
use async_trait::async_trait;
use riposte_defender::{Client, Error};
use riposte_model::{ActionSpec, Effect, Priority, Schema};
use serde_json::{Value, json};
use std::time::Duration;

/// Lifts the block of a file. Effect: `idempotent`. Source: "Delete Indicator API".
///
/// Deletes the blocking indicators of the hash; one that allows or audits the file stays. No block is as good as lifted,
/// and the output says so. With `Ti.ReadWrite` alone only blocks that this application set are seen.
pub(super) struct UnblockFile;

#[async_trait]
impl Change for UnblockFile {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("unblock_file"),
            summary: "Lift the block of a file, by deleting the blocking indicator of its hash",
            arguments: Schema::object().required("file_hash", file_hash()),
            output: Schema::object()
                .required("unblocked", Schema::boolean().described("false: no block of it was seen"))
                .required("deleted", Schema::array(Schema::string()).described("ids of the indicators")),
            effect: Effect::Idempotent,
            priority: Priority::Containment,
            inverse: Some(name("block_file")),
            permissions: indicator_permissions(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/delete-ti-indicator-by-id",
            ..shape::question()
        }
    }

    async fn change(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        // A look and, at most, two spellings of one hash.
        let each = budget / 3;
        let mut deleted = Vec::new();
        for known in indicators_of(client, &text(arguments, "file_hash"), each).await? {
            if known.action.blocks() && delete(client, known.id.clone(), each).await? {
                deleted.push(known.id);
            }
        }
        Ok(json!({ "unblocked": !deleted.is_empty(), "deleted": deleted }))
    }
}
