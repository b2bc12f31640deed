use serde_json::Value;

use crate::{
    budget::Class,
    request::{Operation, RequestParts},
    wire::Malformed,
};

/// Deletes many indicators at once. `NotFound` when one of them does not exist.
///
/// Limited to 30 calls a minute.
///
/// Source: "Batch Delete Indicators API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/batch-delete-ti-indicators>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchDeleteIndicators {
    /// Ids of the indicators: 1 to [`BatchDeleteIndicators::MAX`].
    pub indicator_ids: Vec<String>,
}

impl BatchDeleteIndicators {
    /// Most ids of one call.
    pub const MAX: usize = 500;
}

impl Operation for BatchDeleteIndicators {
    type Answer = ();
    const NAME: &'static str = "batch_delete_indicators";
    const CLASS: Class = Class::IndicatorBatch;

    fn request(&self) -> RequestParts {
        RequestParts::post(["indicators", "BatchDelete"]).field("IndicatorIds", self.indicator_ids.clone())
    }

    fn decode(&self, _: Value) -> Result<(), Malformed> {
        Ok(())
    }
}
