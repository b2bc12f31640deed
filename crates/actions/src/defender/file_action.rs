//! Which machine actions concern a file. The retired API kept these apart as `FileMachineAction`; today's shows them among
//! the others.

use riposte_defender::{ActionKind, LiveResponseCommandKind};
use serde_json::Value;

/// The kinds among which they are: a quarantined file, and a session that may get one.
pub(super) const KINDS: [ActionKind; 2] = [ActionKind::StopAndQuarantineFile, ActionKind::LiveResponse];

/// Whether a machine action, as Defender wrote it, quarantines a file or gets one from its device.
pub(super) fn concerns_a_file(action: &Value) -> bool {
    match ActionKind::from(action["type"].as_str().unwrap_or_default()) {
        ActionKind::StopAndQuarantineFile => true,
        ActionKind::LiveResponse => {
            let kind =
                |command: &Value| command["command"]["type"].as_str().map(LiveResponseCommandKind::from);
            let commands = action["commands"].as_array();
            commands
                .into_iter()
                .flatten()
                .any(|command| kind(command) == Some(LiveResponseCommandKind::GetFile))
        }
        _ => false,
    }
}
