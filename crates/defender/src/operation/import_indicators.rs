use serde_json::Value;

use crate::{
    budget::Class,
    operation::create_indicator::NewIndicator,
    request::{Operation, RequestParts},
    resource::ImportedIndicator,
    wire::{Malformed, rows},
};

/// Submits many indicators at once; those of the same value and type are changed instead.
///
/// A success can hold failures: read [`ImportedIndicator::is_failed`] of each. Limited to 30 calls a minute.
///
/// Source: "Import Indicators API", <https://learn.microsoft.com/en-us/defender-endpoint/api/import-ti-indicators>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportIndicators {
    /// At most [`ImportIndicators::MAX`].
    pub indicators: Vec<NewIndicator>,
}

impl ImportIndicators {
    /// Most indicators of one call.
    pub const MAX: usize = 500;
}

impl Operation for ImportIndicators {
    type Answer = Vec<ImportedIndicator>;
    const NAME: &'static str = "import_indicators";
    const CLASS: Class = Class::IndicatorImport;

    fn request(&self) -> RequestParts {
        let indicators: Vec<Value> =
            self.indicators.iter().map(|indicator| Value::Object(indicator.fields())).collect();
        RequestParts::post(["indicators", "import"]).field("Indicators", indicators)
    }

    fn decode(&self, answer: Value) -> Result<Vec<ImportedIndicator>, Malformed> {
        rows(answer, ImportedIndicator::read)
    }
}
