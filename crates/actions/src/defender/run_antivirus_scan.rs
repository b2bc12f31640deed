//! `defender.run_antivirus_scan`

use crate::defender::OnDevice;
use crate::defender::shape::{self, name, optional_text};
use riposte_defender::{ActionKind, RunAntivirusScan, ScanType};
use riposte_model::{ActionSpec, Permissions, Schema};

/// Asks Defender to scan one device. Effect: `once`. Source: "Run antivirus scan API".
pub(super) const ACTION: OnDevice<RunAntivirusScan> = OnDevice {
    spec,
    kind: ActionKind::RunAntiVirusScan,
    operation: |machine_id, comment, arguments| RunAntivirusScan {
        machine_id,
        comment,
        scan_type: optional_text(arguments, "scan_type").and_then(ScanType::parse).unwrap_or(ScanType::Quick),
    },
};

fn spec() -> ActionSpec {
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
