//! `defender.delete_indicator`

use crate::defender::entity::{indicator_id, indicator_permissions};
use crate::defender::shape::{self, name, text};
use crate::defender::{Arguments, Change};
use async_trait::async_trait;
use riposte_defender::{Client, Error, Refusal};
use riposte_model::{ActionSpec, Effect, Priority, Schema};
use serde_json::{Value, json};
use std::time::Duration;

/// Deletes one indicator. Effect: `idempotent`. Source: "Delete Indicator API".
///
/// One that is not there is as good as deleted, for an earlier attempt may have done it; the output says so.
pub(super) struct DeleteIndicator;

#[async_trait]
impl Change for DeleteIndicator {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("delete_indicator"),
            summary: "Delete an indicator; one that is not there counts as deleted",
            arguments: Schema::object().required("indicator_id", indicator_id()),
            output: Schema::object()
                .required("id", Schema::string())
                .required("deleted", Schema::boolean().described("false: it was not there (any more)")),
            effect: Effect::Idempotent,
            priority: Priority::Containment,
            inverse: Some(name("create_indicator")),
            permissions: indicator_permissions(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/delete-ti-indicator-by-id",
            ..shape::question()
        }
    }

    async fn change(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let indicator_id = text(arguments, "indicator_id");
        let deleted = delete(client, indicator_id.clone(), budget).await?;
        Ok(json!({ "id": indicator_id, "deleted": deleted }))
    }
}

/// Deletes an indicator. Tells whether it was there.
pub(super) async fn delete(client: &Client, indicator_id: String, budget: Duration) -> Result<bool, Error> {
    match client.send(&riposte_defender::DeleteIndicator { indicator_id }, budget).await {
        Ok(()) => Ok(true),
        Err(Error::Refused { kind: Refusal::NotFound, .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
