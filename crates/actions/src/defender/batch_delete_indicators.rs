//! `defender.batch_delete_indicators`

use crate::defender::entity::{indicator_id, indicator_permissions};
use crate::defender::shape::{self, name};
use crate::defender::{Arguments, Change};
use async_trait::async_trait;
use riposte_defender::{Client, Error};
use riposte_model::{ActionSpec, Effect, Priority, RateLimit, Schema, Type};
use serde_json::{Value, json};
use std::time::Duration;

/// Deletes many indicators at once. Effect: `idempotent`. Source: "Batch Delete Indicators API".
///
/// Fails with `not_found` if one of them does not exist. After a lost answer that may mean that all of them are gone:
/// `defender.delete_indicator` tells of each.
pub(super) struct BatchDeleteIndicators;

#[async_trait]
impl Change for BatchDeleteIndicators {
    fn spec(&self) -> ActionSpec {
        let mut ids = Schema::array(indicator_id()).described("at most 500, all of which must exist");
        if let Type::Array { min_items, max_items, .. } = &mut ids.kind {
            *min_items = Some(1);
            *max_items = u64::try_from(riposte_defender::BatchDeleteIndicators::MAX).ok();
        }
        ActionSpec {
            name: name("batch_delete_indicators"),
            summary: "Delete up to 500 indicators, all of which must exist",
            arguments: Schema::object().required("indicator_ids", ids),
            output: Schema::object().required("deleted", Schema::array(Schema::string())),
            effect: Effect::Idempotent,
            priority: Priority::Containment,
            inverse: Some(name("import_indicators")),
            permissions: indicator_permissions(),
            rate_limit: RateLimit { per_minute: Some(30), per_hour: Some(1500) },
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/batch-delete-ti-indicators",
            ..shape::question()
        }
    }

    async fn change(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let ids = arguments.get("indicator_ids").and_then(Value::as_array).map(Vec::as_slice);
        let indicator_ids: Vec<String> =
            ids.unwrap_or_default().iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let deleted = json!({ "deleted": indicator_ids });
        client.send(&riposte_defender::BatchDeleteIndicators { indicator_ids }, budget).await?;
        Ok(deleted)
    }
}
