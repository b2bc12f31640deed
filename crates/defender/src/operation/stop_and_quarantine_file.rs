use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::MachineAction,
    wire::Malformed,
};

/// Asks Defender to stop a file's processes on one device and to quarantine the file. The answer is the machine action that
/// was opened.
///
/// Defender refuses files that are signed by Microsoft or by publishers it trusts. No operation takes it back.
///
/// Source: "Stop and quarantine file API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/stop-and-quarantine-file>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopAndQuarantineFile {
    /// Device id.
    pub machine_id: String,
    /// Kept on the action as its `requestorComment`.
    pub comment: String,
    /// SHA-1 of the file, 40 hexadecimal digits.
    pub sha1: String,
}

impl Operation for StopAndQuarantineFile {
    type Answer = MachineAction;
    const NAME: &'static str = "stop_and_quarantine_file";

    fn request(&self) -> RequestParts {
        RequestParts::post(["machines", &self.machine_id, "StopAndQuarantineFile"])
            .field("Comment", self.comment.as_str())
            .field("Sha1", self.sha1.as_str())
    }

    fn decode(&self, answer: Value) -> Result<MachineAction, Malformed> {
        MachineAction::read(answer)
    }
}
