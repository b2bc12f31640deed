//! `defender.run_antivirus_scan`

use crate::defender::shape::{self, name, on_machine, optional_text, text};
use crate::defender::{Arguments, Start};
use async_trait::async_trait;
use riposte_defender::{ActionKind, Client, Error, MachineAction, ScanType};
use riposte_model::{ActionSpec, Completion, Effect, Permissions, Priority, Schema};
use std::time::Duration;

/// Asks Defender to scan one device. Effect: `once`. Source: "Run antivirus scan API".
pub(super) struct RunAntivirusScan;

#[async_trait]
impl Start for RunAntivirusScan {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("run_antivirus_scan"),
            summary: "Scan a device with Microsoft Defender Antivirus",
            arguments: on_machine()
                .required("scan_type", Schema::choice(["Quick", "Full"]).described("how thorough")),
            output: shape::machine_action(),
            effect: Effect::Once,
            completion: Completion::Followed,
            priority: Priority::Collection,
            inverse: None,
            permissions: Permissions { application: &["Machine.Scan"], delegated: &["Machine.Scan"] },
            rate_limit: shape::USUAL_RATE,
            default_timeout: shape::ON_DEVICE,
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/run-av-scan",
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
