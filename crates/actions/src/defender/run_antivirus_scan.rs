//! `defender.run_antivirus_scan`

use crate::defender::shape::{self, name, optional_text, text};
use crate::defender::{Arguments, Start};
use async_trait::async_trait;
use riposte_defender::{ActionKind, Client, Error, MachineAction, ScanType};
use riposte_model::{ActionSpec, Permissions, Schema};
use std::time::Duration;

/// Asks Defender to scan one device. Effect: `once`. Source: "Run antivirus scan API".
pub(super) struct RunAntivirusScan;

#[async_trait]
impl Start for RunAntivirusScan {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("run_antivirus_scan"),
            summary: "Scan a device with Microsoft Defender Antivirus",
            arguments: shape::on_device()
                .arguments
                .required("scan_type", Schema::choice(["Quick", "Full"]).described("how thorough")),
            permissions: Permissions { application: &["Machine.Scan"], delegated: &["Machine.Scan"] },
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/run-av-scan",
            ..shape::on_device()
        }
    }

    fn kind(&self) -> ActionKind {
        ActionKind::RunAntiVirusScan
    }

    async fn start(
        &self,
        client: &Client,
        arguments: &Arguments,
        comment: String,
        budget: Duration,
    ) -> Result<MachineAction, Error> {
        let scan_type =
            optional_text(arguments, "scan_type").and_then(ScanType::parse).unwrap_or(ScanType::Quick);
        let machine_id = text(arguments, "machine_id");
        client.send(&riposte_defender::RunAntivirusScan { machine_id, comment, scan_type }, budget).await
    }
}
