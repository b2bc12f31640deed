use serde_json::Value;

use crate::{
    budget::Class,
    request::{Operation, RequestParts},
    resource::Investigation,
    wire::Malformed,
};

/// Asks Defender to start an automated investigation on one device. The answer is the investigation, not a machine action.
///
/// Limited to 50 calls an hour. An investigation does not show the comment it was started with.
///
/// Source: "Start investigation API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/initiate-autoir-investigation>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartInvestigation {
    /// Device id.
    pub machine_id: String,
    /// Why.
    pub comment: String,
}

impl Operation for StartInvestigation {
    type Answer = Investigation;
    const NAME: &'static str = "start_investigation";
    const CLASS: Class = Class::Investigation;

    fn request(&self) -> RequestParts {
        RequestParts::post(["machines", &self.machine_id, "startInvestigation"])
            .field("Comment", self.comment.as_str())
    }

    fn decode(&self, answer: Value) -> Result<Investigation, Malformed> {
        Investigation::read(answer)
    }
}
