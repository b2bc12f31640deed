use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::MachineAction,
    wire::Malformed,
};

/// Asks Defender to end a machine action that has not ended. The answer is that action.
///
/// `Invalid` when it has ended already, `NotFound` when there is none.
///
/// Source: "Cancel machine action API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/cancel-machine-action>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelMachineAction {
    /// Id of the action (GUID).
    pub action_id: String,
    /// Kept on the action as its `cancellationComment`. Not documented as required.
    pub comment: Option<String>,
}

impl Operation for CancelMachineAction {
    type Answer = MachineAction;
    const NAME: &'static str = "cancel_machine_action";

    fn request(&self) -> RequestParts {
        RequestParts::post(["machineactions", &self.action_id, "cancel"])
            .optional_field("Comment", self.comment.as_deref())
    }

    fn decode(&self, answer: Value) -> Result<MachineAction, Malformed> {
        MachineAction::read(answer)
    }
}
