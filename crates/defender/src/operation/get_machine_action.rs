use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::MachineAction,
    wire::Malformed,
};

/// Reads one machine action, to see how far it is. `NotFound` when there is none.
///
/// Source: "Get machineAction API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineaction-object>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMachineAction {
    /// Id of the action (GUID).
    pub action_id: String,
}

impl Operation for GetMachineAction {
    type Answer = MachineAction;
    const NAME: &'static str = "get_machine_action";

    fn request(&self) -> RequestParts {
        RequestParts::get(["machineactions", &self.action_id])
    }

    fn decode(&self, answer: Value) -> Result<MachineAction, Malformed> {
        MachineAction::read(answer)
    }
}
