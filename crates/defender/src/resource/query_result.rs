//! What an advanced hunting query found.

use serde_json::Value;

use crate::wire::{Malformed, provider_object};

provider_object! {
    /// The rows that a query found.
    ///
    /// Source: "Advanced hunting API", <https://learn.microsoft.com/en-us/defender-endpoint/api/run-advanced-query-api>.
    pub struct QueryResult, "the result of a query" {
        /// Columns, in the order of the query.
        schema: Vec<Column> = "Schema",
        /// Rows: objects whose keys are the columns' names.
        results: Vec<Value> = "Results",
    }
}

provider_object! {
    /// A column of a query's result.
    pub part Column {
        /// Name.
        name: Option<String> = "Name",
        /// Type, for example `DateTime` or `String`.
        kind: Option<String> = "Type",
    }
}

impl QueryResult {
    /// Reads an answer. One without rows is none: an empty result has an empty list.
    pub(crate) fn checked(raw: Value) -> Result<QueryResult, Malformed> {
        if !raw.get("Results").is_some_and(Value::is_array) {
            return Err(Malformed { expected: "the result of a query with a list of rows" });
        }
        QueryResult::read(raw)
    }
}
