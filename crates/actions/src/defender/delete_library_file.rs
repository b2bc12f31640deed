//! `defender.delete_library_file`

use crate::defender::list_library_files::MANAGE;
use crate::defender::run_live_response::named;
use crate::defender::shape::{self, name, text};
use crate::defender::{Arguments, Change};
use async_trait::async_trait;
use riposte_defender::{Client, Error, Refusal};
use riposte_model::{ActionSpec, Effect, Priority, Schema};
use serde_json::{Value, json};
use std::time::Duration;

/// Deletes a file from the library for live response. Effect: `idempotent`. Source: "Delete a file from the library".
///
/// One that is not there is as good as deleted, for an earlier attempt may have done it; the output says so.
pub(super) struct DeleteLibraryFile;

#[async_trait]
impl Change for DeleteLibraryFile {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("delete_library_file"),
            summary: "Delete a file from the live response library; one that is not there counts as deleted",
            arguments: Schema::object()
                .required("file_name", named().described("its name as stored, with extension")),
            output: Schema::object()
                .required("fileName", Schema::string())
                .required("deleted", Schema::boolean().described("false: it was not there (any more)")),
            effect: Effect::Idempotent,
            priority: Priority::Collection,
            permissions: MANAGE,
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/delete-library",
            ..shape::question()
        }
    }

    async fn change(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let file_name = text(arguments, "file_name");
        let request = riposte_defender::DeleteLibraryFile { file_name: file_name.clone() };
        let deleted = match client.send(&request, budget).await {
            Ok(()) => true,
            Err(Error::Refused { kind: Refusal::NotFound, .. }) => false,
            Err(error) => return Err(error),
        };
        Ok(json!({ "fileName": file_name, "deleted": deleted }))
    }
}
