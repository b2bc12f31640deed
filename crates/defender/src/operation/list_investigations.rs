use serde_json::Value;

use crate::{
    odata::Filter,
    paging::{MAX_PAGE_ROWS, Paging},
    request::{Operation, RequestParts},
    resource::{Investigation, InvestigationField},
    wire::Malformed,
};

/// Reads the automated investigations that pass a filter, over all pages.
///
/// The order is not documented. The answer is whole or an error ([`Error::Incomplete`](crate::Error::Incomplete) above
/// [`MAX_PAGES`](crate::MAX_PAGES) or [`MAX_ITEMS`](crate::MAX_ITEMS)).
///
/// Source: "List investigations API",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-investigation-collection>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListInvestigations {
    /// Which investigations; None for all.
    pub filter: Option<Filter<InvestigationField>>,
    /// How many at most; None for all. More than this may exist.
    pub top: Option<usize>,
}

impl Operation for ListInvestigations {
    type Answer = Vec<Investigation>;
    const NAME: &'static str = "list_investigations";

    fn request(&self) -> RequestParts {
        let mut parts = RequestParts::get(["investigations"]);
        if let Some(filter) = &self.filter {
            parts = parts.query("$filter", filter.to_string());
        }
        if let Some(top) = self.top {
            parts = parts.query("$top", top.min(MAX_PAGE_ROWS).to_string());
        }
        parts
    }

    fn decode(&self, mut answer: Value) -> Result<Vec<Investigation>, Malformed> {
        match answer.get_mut("value").map(Value::take) {
            Some(Value::Array(rows)) => rows.into_iter().map(Investigation::read).collect(),
            _ => Err(Malformed { expected: "a collection with a list of values" }),
        }
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging { at_most: self.top })
    }
}
