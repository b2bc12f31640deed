use serde_json::Value;

use crate::{
    odata::Filter,
    paging::{MAX_PAGE_ROWS, Paging},
    request::{Operation, RequestParts},
    resource::{Indicator, IndicatorField},
    wire::{Malformed, rows},
};

/// Reads the indicators that pass a filter, over all pages.
///
/// An application with `Ti.ReadWrite` alone is shown only the indicators that it made itself.
///
/// The order is not documented. The answer is whole or an error: see [`ListMachineActions`](crate::ListMachineActions).
///
/// Source: "List Indicators API", <https://learn.microsoft.com/en-us/defender-endpoint/api/get-ti-indicators-collection>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListIndicators {
    /// Which ones; None for all.
    pub filter: Option<Filter<IndicatorField>>,
    /// How many at most; None for all. More than this may exist.
    pub top: Option<usize>,
}

impl Operation for ListIndicators {
    type Answer = Vec<Indicator>;
    const NAME: &'static str = "list_indicators";

    fn request(&self) -> RequestParts {
        let mut parts = RequestParts::get(["indicators"]);
        if let Some(filter) = &self.filter {
            parts = parts.query("$filter", filter.to_string());
        }
        if let Some(top) = self.top {
            parts = parts.query("$top", top.min(MAX_PAGE_ROWS).to_string());
        }
        parts
    }

    fn decode(&self, answer: Value) -> Result<Vec<Indicator>, Malformed> {
        rows(answer, Indicator::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging { at_most: self.top })
    }
}
