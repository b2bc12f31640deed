//! `defender.batch_update_alerts`

use crate::defender::entity::{ALERT_WRITE, alert_id, many, texts};
use crate::defender::shape::{self, name};
use crate::defender::update_alert::{has_comment, update, update_arguments};
use crate::defender::{Arguments, Change};
use async_trait::async_trait;
use riposte_defender::{
    Alert, AlertField, AlertUpdate, BatchUpdateAlerts, Client, Error, Filter, GetAlert, InvalidRequest,
    ListAlerts,
};
use riposte_model::{ActionSpec, Effect, Schema};
use serde_json::{Value, json};
use std::time::Duration;

/// Most alerts of one step. Defender documents no limit; this one is ours.
const MAX_ALERTS: usize = 100;

/// How many ids one look names: an address has a limit of its own.
const IDS_OF_A_LOOK: usize = 25;

/// Four looks and two changes share a step's time at most.
const REQUESTS: u32 = 6;

/// Changes many alerts in the same way. Effect: `idempotent`. Source: "Batch update alerts".
///
/// Defender's answer is empty, and what it does about ids that it does not know is not documented: so the alerts are looked up
/// first, and one that is not there fails the step before any is changed. A comment is added by each call; alerts that carry
/// it already, word for word, are changed without it, so that repeating the step leaves one.
pub(super) struct BatchUpdate;

#[async_trait]
impl Change for BatchUpdate {
    fn spec(&self) -> ActionSpec {
        let ids = || Schema::array(Schema::string());
        ActionSpec {
            name: name("batch_update_alerts"),
            summary: "Set the status, owner or verdict of up to 100 alerts, and comment on them",
            arguments: update_arguments(Schema::object().required("alert_ids", many(alert_id(), MAX_ALERTS))),
            output: Schema::object()
                .required("updated", ids().described("ids of the alerts, each once"))
                .required("commented", ids().described("those that did not have the comment yet")),
            effect: Effect::Idempotent,
            inverse: Some(name("batch_update_alerts")),
            permissions: ALERT_WRITE,
            rate_limit: shape::limit_of::<BatchUpdateAlerts>(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/batch-update-alerts",
            ..shape::question()
        }
    }

    async fn change(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let mut alert_ids: Vec<String> = Vec::new();
        for id in texts(arguments, "alert_ids").unwrap_or_default() {
            if !alert_ids.contains(&id) {
                alert_ids.push(id);
            }
        }
        let update = update(arguments)?;
        let each = budget / REQUESTS;
        let known = look_up(client, &alert_ids, each).await?;
        let (with_comment, without): (Vec<&Alert>, Vec<&Alert>) =
            known.iter().partition(|alert| update.comment.is_some() && has_comment(alert, &update));
        let commented = if update.comment.is_some() { ids_of(&without) } else { Vec::new() };
        send(client, ids_of(&without), update.clone(), each).await?;
        send(client, ids_of(&with_comment), AlertUpdate { comment: None, ..update }, each).await?;
        Ok(json!({ "updated": alert_ids, "commented": commented }))
    }
}

fn ids_of(alerts: &[&Alert]) -> Vec<String> {
    alerts.iter().map(|alert| alert.id.clone()).collect()
}

async fn send(
    client: &Client,
    alert_ids: Vec<String>,
    update: AlertUpdate,
    each: Duration,
) -> Result<(), Error> {
    if alert_ids.is_empty() || update.is_empty() {
        return Ok(());
    }
    client.send(&BatchUpdateAlerts { alert_ids, update }, each).await
}

/// All of these alerts, or why there are not all.
async fn look_up(client: &Client, alert_ids: &[String], each: Duration) -> Result<Vec<Alert>, Error> {
    let mut known = Vec::new();
    for ids in alert_ids.chunks(IDS_OF_A_LOOK) {
        if let [first, rest @ ..] = ids {
            let filter = Some(Filter::one_of(AlertField::Id, first, rest));
            known.extend(client.send(&ListAlerts { filter, top: None, evidence: false }, each).await?);
        }
    }
    known.retain(|alert| alert_ids.contains(&alert.id));
    match alert_ids.iter().find(|id| !known.iter().any(|alert| alert.id == **id)) {
        None => Ok(known),
        Some(missing) => {
            // Defender says best what it does not know; what it knows all the same is written in another way.
            client.send(&GetAlert { alert_id: missing.clone() }, each).await?;
            let expected = "a list of ids as Defender writes them";
            Err(Error::Invalid(InvalidRequest::Value { name: "alert_ids", expected }))
        }
    }
}
