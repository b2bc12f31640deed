use serde_json::Value;

use crate::{
    budget::Class,
    request::{Operation, RequestParts},
    resource::QueryResult,
    wire::Malformed,
};

/// Runs an advanced hunting query (KQL) and answers with all its rows.
///
/// Reads only, though it is a POST. At most 100,000 rows of the last 30 days; a query may run for 200 seconds, and all queries
/// together for 10 minutes an hour. There is no paging: a result above 124 MB is `Invalid`, and above
/// [`MAX_ANSWER_BYTES`](crate::MAX_ANSWER_BYTES) it is lost: narrow the query.
///
/// Source: "Advanced hunting API", <https://learn.microsoft.com/en-us/defender-endpoint/api/run-advanced-query-api>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunAdvancedQuery {
    /// The query.
    pub query: String,
}

impl Operation for RunAdvancedQuery {
    type Answer = QueryResult;
    const NAME: &'static str = "run_advanced_query";
    const CLASS: Class = Class::Hunting;

    fn request(&self) -> RequestParts {
        RequestParts::post(["advancedqueries", "run"]).field("Query", self.query.as_str())
    }

    fn decode(&self, answer: Value) -> Result<QueryResult, Malformed> {
        QueryResult::checked(answer)
    }
}
