use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::MachineAction,
    wire::Malformed,
};

/// Asks Defender to let only a predefined set of applications run on one device. The answer is the machine action that was opened.
///
/// While another restriction is active Defender answers `AlreadyActive` or the pending action.
///
/// Source: "Restrict app execution API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/restrict-code-execution>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestrictCodeExecution {
    /// Device id.
    pub machine_id: String,
    /// Kept on the action as its `requestorComment`.
    pub comment: String,
}

impl Operation for RestrictCodeExecution {
    type Answer = MachineAction;
    const NAME: &'static str = "restrict_code_execution";

    fn request(&self) -> RequestParts {
        RequestParts::post(["machines", &self.machine_id, "restrictCodeExecution"])
            .field("Comment", self.comment.as_str())
    }

    fn decode(&self, answer: Value) -> Result<MachineAction, Malformed> {
        MachineAction::read(answer)
    }
}
