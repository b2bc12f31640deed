use serde_json::Value;

use crate::{
    odata::Filter,
    paging::{MAX_PAGE_ROWS, Paging},
    request::{Operation, RequestParts},
    resource::{Machine, MachineField},
    wire::{Malformed, rows},
};

/// Reads the devices that pass a filter, over all pages.
///
/// The order is not documented. The answer is whole or an error: see [`ListMachineActions`](crate::ListMachineActions).
///
/// Source: "List machines API", <https://learn.microsoft.com/en-us/defender-endpoint/api/get-machines>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListMachines {
    /// Which ones; None for all.
    pub filter: Option<Filter<MachineField>>,
    /// How many at most; None for all. More than this may exist.
    pub top: Option<usize>,
}

impl Operation for ListMachines {
    type Answer = Vec<Machine>;
    const NAME: &'static str = "list_machines";

    fn request(&self) -> RequestParts {
        let mut parts = RequestParts::get(["machines"]);
        if let Some(filter) = &self.filter {
            parts = parts.query("$filter", filter.to_string());
        }
        if let Some(top) = self.top {
            parts = parts.query("$top", top.min(MAX_PAGE_ROWS).to_string());
        }
        parts
    }

    fn decode(&self, answer: Value) -> Result<Vec<Machine>, Malformed> {
        rows(answer, Machine::read)
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging { at_most: self.top })
    }
}
