use serde_json::Value;

use crate::{
    request::{Operation, RequestParts},
    resource::Investigation,
    wire::Malformed,
};

/// Reads one automated investigation. `NotFound` when there is none.
///
/// Source: "Get investigation API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-investigation-object>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetInvestigation {
    /// Id of the investigation, or of the alert that triggered it.
    pub investigation_id: String,
}

impl Operation for GetInvestigation {
    type Answer = Investigation;
    const NAME: &'static str = "get_investigation";

    fn request(&self) -> RequestParts {
        RequestParts::get(["investigations", &self.investigation_id])
    }

    fn decode(&self, answer: Value) -> Result<Investigation, Malformed> {
        Investigation::read(answer)
    }
}
