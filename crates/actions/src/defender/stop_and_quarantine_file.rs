//! `defender.stop_and_quarantine_file`

use crate::defender::OnDevice;
use crate::defender::shape::{self, name, text};
use riposte_defender::{ActionKind, StopAndQuarantineFile};
use riposte_model::{ActionSpec, Permissions, Priority};

/// Asks Defender to stop a file's processes on one device and to quarantine the file. Effect: `once`.
///
/// Defender refuses files of Microsoft and of publishers it trusts, and documents no way back. Source: "Stop and
/// quarantine file API".
pub(super) const ACTION: OnDevice<StopAndQuarantineFile> = OnDevice {
    spec,
    kind: ActionKind::StopAndQuarantineFile,
    operation: |machine_id, comment, arguments| StopAndQuarantineFile {
        machine_id,
        comment,
        sha1: text(arguments, "sha1"),
    },
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("stop_and_quarantine_file"),
        summary: "Stop a file's processes on a device and quarantine the file",
        arguments: shape::on_device().arguments.required(
            "sha1",
            shape::like("^[0-9A-Fa-f]{40}$").described("SHA-1 of the file: 40 hexadecimal digits"),
        ),
        priority: Priority::Containment,
        // The page also lists the permissions to read machines, apparently by mistake.
        permissions: Permissions {
            application: &["Machine.StopAndQuarantine"],
            delegated: &["Machine.StopAndQuarantine"],
        },
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/stop-and-quarantine-file",
        ..shape::on_device()
    }
}
