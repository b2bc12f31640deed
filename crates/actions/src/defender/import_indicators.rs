//! `defender.import_indicators`

use crate::defender::entity::{documents, indicator_argument, indicator_permissions, many, new_indicator};
use crate::defender::shape::{self, name};
use crate::defender::{Arguments, Change};
use async_trait::async_trait;
use riposte_defender::{Client, Error};
use riposte_model::{ActionSpec, Effect, Priority, Schema};
use serde_json::Value;
use std::time::Duration;

/// Submits many indicators at once. Effect: `idempotent`. Source: "Import Indicators API".
///
/// It succeeds even where Defender refused some of them: the output tells of each.
pub(super) struct ImportIndicators;

#[async_trait]
impl Change for ImportIndicators {
    fn spec(&self) -> ActionSpec {
        let indicators = many(indicator_argument(), riposte_defender::ImportIndicators::MAX);
        let result = Schema::object()
            .optional("id", Schema::string().or_null())
            .required("indicator", Schema::string())
            .required("isFailed", Schema::boolean())
            .optional("failureReason", Schema::string().or_null());
        ActionSpec {
            name: name("import_indicators"),
            summary: "Submit up to 500 indicators; the output tells which ones failed",
            arguments: Schema::object().required("indicators", indicators),
            output: Schema::array(result),
            effect: Effect::Idempotent,
            priority: Priority::Containment,
            inverse: Some(name("batch_delete_indicators")),
            permissions: indicator_permissions(),
            rate_limit: shape::limit_of::<riposte_defender::ImportIndicators>(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/import-ti-indicators",
            ..shape::question()
        }
    }

    async fn change(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let items = arguments.get("indicators").and_then(Value::as_array).map(Vec::as_slice);
        let indicators =
            items.unwrap_or_default().iter().filter_map(Value::as_object).map(new_indicator).collect();
        let results = client.send(&riposte_defender::ImportIndicators { indicators }, budget).await?;
        Ok(documents(results.into_iter().map(|result| result.raw)))
    }
}
