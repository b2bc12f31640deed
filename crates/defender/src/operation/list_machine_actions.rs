use serde_json::Value;

use crate::{
    odata::Filter,
    paging::{MAX_PAGE_ROWS, Paging},
    request::{Operation, RequestParts},
    resource::{MachineAction, MachineActionField},
    wire::Malformed,
};

/// Reads the machine actions that pass a filter, over all pages.
///
/// The order is not documented. The answer is whole or an error ([`Error::Incomplete`](crate::Error::Incomplete) above
/// [`MAX_PAGES`](crate::MAX_PAGES) or [`MAX_ITEMS`](crate::MAX_ITEMS)). How soon a new action appears here is unknown.
///
/// Source: "List machine actions API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListMachineActions {
    /// Which actions; None for all.
    pub filter: Option<Filter<MachineActionField>>,
    /// How many at most; None for all. More than this may exist.
    pub top: Option<usize>,
}

impl Operation for ListMachineActions {
    type Answer = Vec<MachineAction>;
    const NAME: &'static str = "list_machine_actions";

    fn request(&self) -> RequestParts {
        let mut parts = RequestParts::get(["machineactions"]);
        if let Some(filter) = &self.filter {
            parts = parts.query("$filter", filter.to_string());
        }
        if let Some(top) = self.top {
            parts = parts.query("$top", top.min(MAX_PAGE_ROWS).to_string());
        }
        parts
    }

    fn decode(&self, mut answer: Value) -> Result<Vec<MachineAction>, Malformed> {
        match answer.get_mut("value").map(Value::take) {
            Some(Value::Array(rows)) => rows.into_iter().map(MachineAction::read).collect(),
            _ => Err(Malformed { expected: "a collection with a list of values" }),
        }
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging { at_most: self.top })
    }
}
