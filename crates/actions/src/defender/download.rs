//! What actions that fetch a file have in common.

use crate::defender::shape::{self, name};
use crate::defender::{Arguments, Fetch};
use async_trait::async_trait;
use riposte_defender::{Client, DownloadError, Linked, Saved};
use riposte_model::{ActionSpec, Completion, Permissions, Priority, Schema};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Where downloads go, and how large one may be.
#[derive(Clone, Debug)]
pub struct Downloads {
    /// The folder in which `downloads` is, made when it is needed.
    pub data_dir: PathBuf,
    /// Most bytes of one file.
    pub limit: u64,
}

/// The folder of all downloads.
const FOLDER: &str = "downloads";

/// An action that fetches what an operation's link leads to.
///
/// Effect `read`: nothing is changed at Defender, and what is written here is written once. Called again, it goes on where
/// it ended, and gives the same output for a file that is there already.
pub(crate) struct Download<O> {
    /// What the catalogue says of it.
    pub(crate) spec: fn() -> ActionSpec,
    /// The operation that gives the link.
    pub(crate) operation: fn(&Arguments) -> O,
}

#[async_trait]
impl<O: Linked> Fetch for Download<O> {
    fn spec(&self) -> ActionSpec {
        (self.spec)()
    }

    async fn fetch(
        &self,
        client: &Client,
        downloads: &Downloads,
        arguments: &Arguments,
        budget: Duration,
    ) -> Result<Value, DownloadError> {
        let operation = (self.operation)(arguments);
        let folder = downloads.data_dir.join(FOLDER);
        let Saved { file, bytes, sha256 } =
            client.download(&operation, &folder, downloads.limit, budget).await?;
        Ok(json!({ "file": format!("{FOLDER}/{file}"), "bytes": bytes, "sha256": sha256 }))
    }
}

/// What the catalogue says of all of them; each says the rest of itself.
pub(super) fn fetching(operation: &str) -> ActionSpec {
    ActionSpec {
        name: name(operation),
        output: Schema::object()
            .required("file", Schema::string().described("where it is, relative to the data directory"))
            .required("bytes", Schema::integer().described("how long it is"))
            .required(
                "sha256",
                Schema::string().described("its SHA-256, in 64 lower-case hexadecimal digits"),
            ),
        completion: Completion::Fetched,
        priority: Priority::Collection,
        permissions: Permissions {
            application: &["Machine.Read.All", "Machine.ReadWrite.All"],
            delegated: &[],
        },
        // A gigabyte at two megabits a second.
        default_timeout: shape::QUESTION * 60,
        ..shape::question()
    }
}
