//! `defender.list_library_files`

use crate::defender::shape::{self, name, without_annotations};
use crate::defender::{Arguments, Look};
use async_trait::async_trait;
use riposte_defender::{Client, Error};
use riposte_model::{ActionSpec, Permissions, Schema};
use serde_json::Value;
use std::time::Duration;

/// Who may look at the library and change it.
pub(super) const MANAGE: Permissions =
    Permissions { application: &["Library.Manage"], delegated: &["Library.Manage"] };

/// Reads the files of the library for live response. Effect: `read`. Source: "List library files".
pub(super) struct ListLibraryFiles;

#[async_trait]
impl Look for ListLibraryFiles {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("list_library_files"),
            summary: "List the files and scripts that live response can use",
            output: Schema::array(library_file()),
            permissions: MANAGE,
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/list-library-files",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, _: &Arguments, budget: Duration) -> Result<Value, Error> {
        let files = client.send(&riposte_defender::ListLibraryFiles, budget).await?;
        Ok(files.into_iter().map(|file| without_annotations(file.raw)).collect())
    }
}

/// What a file of the library looks like (resource type `LibraryFile`).
pub(super) fn library_file() -> Schema {
    let text = || Schema::string().or_null();
    Schema::object()
        .required("fileName", Schema::string())
        .optional("sha256", text())
        .optional("description", text())
        .optional("creationTime", text())
        .optional("lastUpdatedTime", text())
        .optional("createdBy", text())
        .optional("hasParameters", Schema::boolean().or_null())
        .optional("parametersDescription", text())
}
