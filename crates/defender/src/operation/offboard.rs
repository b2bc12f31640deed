use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::MachineAction,
    wire::Malformed,
};

/// Asks Defender to remove one device from the service. The answer is the machine action that was opened.
///
/// No operation takes it back: the device has to be onboarded again by hand.
///
/// Source: "Offboard machine API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/offboard-machine-api>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offboard {
    /// Device id.
    pub machine_id: String,
    /// Kept on the action as its `requestorComment`.
    pub comment: String,
}

impl Operation for Offboard {
    type Answer = MachineAction;
    const NAME: &'static str = "offboard_machine";

    fn request(&self) -> RequestParts {
        RequestParts::post(["machines", &self.machine_id, "offboard"]).field("Comment", self.comment.as_str())
    }

    fn decode(&self, answer: Value) -> Result<MachineAction, Malformed> {
        MachineAction::read(answer)
    }
}
