//! `defender.collect_investigation_package`

use crate::defender::shape::{self, name, text};
use crate::defender::{Arguments, Start};
use async_trait::async_trait;
use riposte_defender::{ActionKind, Client, Error, MachineAction};
use riposte_model::{ActionSpec, Permissions};
use std::time::Duration;

/// Asks Defender to collect an investigation package from one device. Effect: `once`.
///
/// The package itself is fetched with `defender.get_package_sas_uri` and this action's id. Source: "Collect
/// investigation package API".
pub(super) struct CollectInvestigationPackage;

#[async_trait]
impl Start for CollectInvestigationPackage {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("collect_investigation_package"),
            summary: "Collect a package of forensic data from a device",
            permissions: Permissions {
                application: &["Machine.CollectForensics"],
                delegated: &["Machine.CollectForensics"],
            },
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/collect-investigation-package",
            ..shape::on_device()
        }
    }

    fn kind(&self) -> ActionKind {
        ActionKind::CollectInvestigationPackage
    }

    async fn start(
        &self,
        client: &Client,
        arguments: &Arguments,
        comment: String,
        budget: Duration,
    ) -> Result<MachineAction, Error> {
        let machine_id = text(arguments, "machine_id");
        client.send(&riposte_defender::CollectInvestigationPackage { machine_id, comment }, budget).await
    }
}
