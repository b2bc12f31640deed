//! `defender.batch_delete_indicators`

use crate::defender::entity::{indicator_id, indicator_permissions, many, texts};
use crate::defender::shape::{self, name};
use crate::defender::{Arguments, Change};
use async_trait::async_trait;
use riposte_defender::{Client, Error, ListIndicators, Refusal};
use riposte_model::{ActionSpec, Effect, Priority, Schema};
use serde_json::{Value, json};
use std::time::Duration;

/// Deletes many indicators at once. Effect: `idempotent`. Source: "Batch Delete Indicators API".
///
/// Defender deletes all or none, and none if one does not exist, as after an answer that was lost. Then those that are still
/// there are deleted, and the output tells which ones were not.
pub(super) struct BatchDeleteIndicators;

#[async_trait]
impl Change for BatchDeleteIndicators {
    fn spec(&self) -> ActionSpec {
        let ids = many(indicator_id(), riposte_defender::BatchDeleteIndicators::MAX);
        ActionSpec {
            name: name("batch_delete_indicators"),
            summary: "Delete up to 500 indicators; those that are not there count as deleted",
            arguments: Schema::object().required("indicator_ids", ids),
            output: Schema::object()
                .required("deleted", Schema::array(Schema::string()))
                .required("absent", Schema::array(Schema::string()).described("not there (any more)")),
            effect: Effect::Idempotent,
            priority: Priority::Containment,
            inverse: Some(name("import_indicators")),
            permissions: indicator_permissions(),
            rate_limit: shape::limit_of::<riposte_defender::BatchDeleteIndicators>(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/batch-delete-ti-indicators",
            ..shape::question()
        }
    }

    async fn change(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let indicator_ids = texts(arguments, "indicator_ids").unwrap_or_default();
        let each = budget / 3;
        match delete(client, indicator_ids.clone(), each).await {
            Ok(()) => Ok(json!({ "deleted": indicator_ids, "absent": [] })),
            Err(Error::Refused { kind: Refusal::NotFound, .. }) => {
                let known = client.send(&ListIndicators::default(), each).await?;
                let is_there = |id: &String| known.iter().any(|indicator| indicator.id == *id);
                let (there, absent): (Vec<_>, Vec<_>) = indicator_ids.into_iter().partition(is_there);
                if !there.is_empty() {
                    delete(client, there.clone(), each).await?;
                }
                Ok(json!({ "deleted": there, "absent": absent }))
            }
            Err(error) => Err(error),
        }
    }
}

async fn delete(client: &Client, indicator_ids: Vec<String>, budget: Duration) -> Result<(), Error> {
    client.send(&riposte_defender::BatchDeleteIndicators { indicator_ids }, budget).await
}
