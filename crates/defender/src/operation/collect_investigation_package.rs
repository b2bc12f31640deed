use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::MachineAction,
    wire::Malformed,
};

/// Asks Defender to collect an investigation package from one device. The answer is the machine action that was opened; when
/// it has succeeded, [`GetPackageUri`](crate::GetPackageUri) gives the link.
///
/// Refused with 400 while another collection is running on the device.
///
/// Source: "Collect investigation package API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/collect-investigation-package>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectInvestigationPackage {
    /// Device id.
    pub machine_id: String,
    /// Kept on the action as its `requestorComment`.
    pub comment: String,
}

impl Operation for CollectInvestigationPackage {
    type Answer = MachineAction;
    const NAME: &'static str = "collect_investigation_package";

    fn request(&self) -> RequestParts {
        RequestParts::post(["machines", &self.machine_id, "collectInvestigationPackage"])
            .field("Comment", self.comment.as_str())
    }

    fn decode(&self, answer: Value) -> Result<MachineAction, Malformed> {
        MachineAction::read(answer)
    }
}
