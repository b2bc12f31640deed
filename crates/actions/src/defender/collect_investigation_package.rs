//! `defender.collect_investigation_package`

use crate::defender::OnDevice;
use crate::defender::shape::{self, name};
use riposte_defender::{ActionKind, CollectInvestigationPackage};
use riposte_model::{ActionSpec, Permissions};

/// Asks Defender to collect an investigation package from one device. Effect: `once`.
///
/// The package itself is fetched with `defender.download_investigation_package` and this action's id. Source: "Collect
/// investigation package API".
pub(super) const ACTION: OnDevice<CollectInvestigationPackage> = OnDevice {
    spec,
    kind: ActionKind::CollectInvestigationPackage,
    operation: |machine_id, comment, _| CollectInvestigationPackage { machine_id, comment },
};

fn spec() -> ActionSpec {
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
