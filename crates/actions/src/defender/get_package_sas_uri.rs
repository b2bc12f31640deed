//! `defender.get_package_sas_uri`

use crate::defender::shape::{self, action_id, name, text};
use crate::defender::{Arguments, Look};
use async_trait::async_trait;
use riposte_defender::{Client, Error, GetPackageUri};
use riposte_model::{ActionSpec, Permissions, Priority, Schema};
use serde_json::{Value, json};
use std::time::Duration;

/// Asks Defender for the download link of an investigation package. Effect: `read`.
///
/// Whoever has the link has the package, so the link is a secret: the output says where the package is and that there is
/// a link, and leaves out the part that opens it. `defender.download_investigation_package` downloads it. Fails with `not_found` while the collection has not ended. Source: "Get
/// package SAS URI API".
pub(super) struct GetPackageSasUri;

#[async_trait]
impl Look for GetPackageSasUri {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("get_package_sas_uri"),
            summary: "Ask for the short-lived download link of an investigation package",
            arguments: Schema::object().required("action_id", action_id()),
            output: Schema::object()
                .required("location", Schema::string().described("the link without the part that opens it"))
                .required("available", Schema::boolean()),
            priority: Priority::Collection,
            permissions: Permissions {
                application: &["Machine.Read.All", "Machine.ReadWrite.All"],
                delegated: &["Machine.CollectForensics"],
            },
            rate_limit: shape::limit_of::<GetPackageUri>(),
            // The limit of two a minute alone can take a minute.
            default_timeout: shape::QUESTION * 5,
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-package-sas-uri",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let uri = client.send(&GetPackageUri { action_id: text(arguments, "action_id") }, budget).await?;
        Ok(json!({ "location": uri.location(), "available": true }))
    }
}
