use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::MachineAction,
    wire::Malformed,
};

/// Asks Defender to release one device from isolation. The answer is the machine action that was opened.
///
/// While another release is active Defender answers `AlreadyActive` or the pending action.
///
/// Source: "Release device from isolation API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/unisolate-machine>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unisolate {
    /// Device id.
    pub machine_id: String,
    /// Kept on the action as its `requestorComment`.
    pub comment: String,
}

impl Operation for Unisolate {
    type Answer = MachineAction;
    const NAME: &'static str = "unisolate_machine";

    fn request(&self) -> RequestParts {
        RequestParts::post(["machines", &self.machine_id, "unisolate"])
            .field("Comment", self.comment.as_str())
    }

    fn decode(&self, answer: Value) -> Result<MachineAction, Malformed> {
        MachineAction::read(answer)
    }
}
