use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::MachineAction,
    wire::Malformed,
};

/// Asks Defender to let all applications run again on one device. The answer is the machine action that was opened.
///
/// While another such request is active Defender answers `AlreadyActive` or the pending action.
///
/// Source: "Remove app restriction API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/unrestrict-code-execution>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnrestrictCodeExecution {
    /// Device id.
    pub machine_id: String,
    /// Kept on the action as its `requestorComment`.
    pub comment: String,
}

impl Operation for UnrestrictCodeExecution {
    type Answer = MachineAction;
    const NAME: &'static str = "unrestrict_code_execution";

    fn request(&self) -> RequestParts {
        RequestParts::post(["machines", &self.machine_id, "unrestrictCodeExecution"])
            .field("Comment", self.comment.as_str())
    }

    fn decode(&self, answer: Value) -> Result<MachineAction, Malformed> {
        MachineAction::read(answer)
    }
}
