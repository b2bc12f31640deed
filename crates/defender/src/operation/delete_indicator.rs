use serde_json::Value;

use crate::{
    request::{Method, Operation, RequestParts},
    wire::Malformed,
};

/// Deletes one indicator. `NotFound` when there is none, which a repeated call can read as done.
///
/// Source: "Delete Indicator API", <https://learn.microsoft.com/en-us/defender-endpoint/api/delete-ti-indicator-by-id>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteIndicator {
    /// Id of the indicator.
    pub indicator_id: String,
}

impl Operation for DeleteIndicator {
    type Answer = ();
    const NAME: &'static str = "delete_indicator";

    fn request(&self) -> RequestParts {
        RequestParts::new(Method::Delete, ["indicators", &self.indicator_id])
    }

    fn decode(&self, _: Value) -> Result<(), Malformed> {
        Ok(())
    }
}
