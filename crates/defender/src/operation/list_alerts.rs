use serde_json::Value;

use crate::{
    odata::Filter,
    paging::{MAX_PAGE_ROWS, Paging},
    request::{Operation, RequestParts},
    resource::{Alert, AlertField},
    wire::{Malformed, rows},
};

/// Reads the alerts that pass a filter, over all pages.
///
/// The order is not documented. The answer is whole or an error: see [`ListMachineActions`](crate::ListMachineActions).
///
/// Source: "List alerts API", <https://learn.microsoft.com/en-us/defender-endpoint/api/get-alerts>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListAlerts {
    /// Which ones; None for all.
    pub filter: Option<Filter<AlertField>>,
    /// How many at most; None for all. More than this may exist.
    pub top: Option<usize>,
    /// Whether the evidence comes too; it is an empty list otherwise.
    pub evidence: bool,
}

impl Operation for ListAlerts {
    type Answer = Vec<Alert>;
    const NAME: &'static str = "list_alerts";

    fn request(&self) -> RequestParts {
        let mut parts = RequestParts::get(["alerts"]);
        if let Some(filter) = &self.filter {
            parts = parts.query("$filter", filter.to_string());
        }
        if let Some(top) = self.top {
            parts = parts.query("$top", top.min(MAX_PAGE_ROWS).to_string());
        }
        if self.evidence {
            parts = parts.query("$expand", "evidence");
        }
        parts
    }

    fn decode(&self, answer: Value) -> Result<Vec<Alert>, Malformed> {
        rows(answer, Alert::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging { at_most: self.top })
    }
}
