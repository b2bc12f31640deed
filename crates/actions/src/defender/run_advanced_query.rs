//! `defender.run_advanced_query`

use crate::defender::entity::{Single, words};
use crate::defender::shape::{self, name, text, without_annotations};
use riposte_defender::RunAdvancedQuery;
use riposte_model::{ActionSpec, Permissions, Schema};

/// Runs an advanced hunting query. Effect: `read`. Source: "Advanced hunting API".
pub(super) const ACTION: Single<RunAdvancedQuery> = Single {
    spec,
    operation: |arguments| Ok(RunAdvancedQuery { query: text(arguments, "query") }),
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("run_advanced_query"),
        summary: "Run an advanced hunting query (KQL) over the last 30 days",
        arguments: Schema::object()
            .required("query", words(100_000).described("KQL; narrow it, there is no paging")),
        output: Schema::object()
            .required(
                "Schema",
                Schema::array(
                    Schema::object().required("Name", Schema::string()).required("Type", Schema::string()),
                ),
            )
            .required("Results", Schema::array(Schema::open_object()))
            .optional("Stats", Schema::any()),
        permissions: Permissions {
            application: &["AdvancedQuery.Read.All"],
            delegated: &["AdvancedQuery.Read"],
        },
        rate_limit: shape::limit_of::<RunAdvancedQuery>(),
        // A query may run for 200 seconds.
        default_timeout: shape::QUESTION * 5,
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/run-advanced-query-api",
        ..shape::question()
    }
}
