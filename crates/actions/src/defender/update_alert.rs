//! `defender.update_alert`

use crate::defender::entity::{ALERT_WRITE, alert, alert_id, owned, words};
use crate::defender::shape::{self, name, text, without_annotations};
use crate::defender::{Arguments, Change};
use async_trait::async_trait;
use riposte_defender::{
    Alert, AlertClassification, AlertDetermination, AlertStatus, AlertUpdate, Client, Error, GetAlert,
    InvalidRequest,
};
use riposte_model::{ActionSpec, Effect, Schema};
use serde_json::Value;
use std::time::Duration;

/// Changes what is given of one alert. Effect: `idempotent`. Source: "Update alert API".
///
/// Defender adds a comment with each call; a comment that the alert already carries, word for word, is therefore not sent
/// again, so that repeating the step leaves one.
pub(super) struct UpdateAlert;

#[async_trait]
impl Change for UpdateAlert {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("update_alert"),
            summary: "Set an alert's status, owner or verdict, and comment on it",
            arguments: update_arguments(Schema::object().required("alert_id", alert_id())),
            output: alert(),
            effect: Effect::Idempotent,
            inverse: Some(name("update_alert")),
            permissions: ALERT_WRITE,
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/update-alert",
            ..shape::question()
        }
    }

    async fn change(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let mut update = riposte_defender::UpdateAlert {
            alert_id: text(arguments, "alert_id"),
            update: update(arguments)?,
        };
        if update.update.comment.is_some() {
            let known = client.send(&GetAlert { alert_id: update.alert_id.clone() }, budget / 2).await?;
            if has_comment(&known, &update.update) {
                update.update.comment = None;
            }
            if update.update.is_empty() {
                return Ok(without_annotations(known.raw));
            }
        }
        Ok(without_annotations(client.send(&update, budget / 2).await?.raw))
    }
}

/// Whether an alert carries the comment of an update already.
pub(super) fn has_comment(alert: &Alert, update: &AlertUpdate) -> bool {
    alert.comments.iter().any(|comment| comment.comment == update.comment)
}

/// The arguments that say what is to be changed of an alert.
pub(super) fn update_arguments(arguments: Schema) -> Schema {
    arguments
        .optional("status", Schema::choice(["New", "InProgress", "Resolved"]))
        .optional("assigned_to", words(512).described("who works on it"))
        .optional(
            "classification",
            Schema::choice(["TruePositive", "InformationalExpectedActivity", "FalsePositive"]),
        )
        .optional(
            "determination",
            Schema::choice([
                "MultiStagedAttack",
                "MaliciousUserActivity",
                "CompromisedUser",
                "Malware",
                "Phishing",
                "UnwantedSoftware",
                "SecurityTesting",
                "LineOfBusinessApplication",
                "ConfirmedActivity",
                "NotMalicious",
                "InsufficientData",
                "Other",
            ])
            .described("goes with a classification: see the source"),
        )
        .optional("comment", words(4000).described("added unless the alert has it already"))
}

/// What is to be changed, or that nothing is.
pub(super) fn update(arguments: &Arguments) -> Result<AlertUpdate, Error> {
    let update = AlertUpdate {
        status: owned(arguments, "status").map(|text| AlertStatus::from(text.as_str())),
        assigned_to: owned(arguments, "assigned_to"),
        classification: owned(arguments, "classification")
            .map(|text| AlertClassification::from(text.as_str())),
        determination: owned(arguments, "determination").map(|text| AlertDetermination::from(text.as_str())),
        comment: owned(arguments, "comment"),
    };
    if update.is_empty() {
        let names = "status, assigned_to, classification, determination, comment";
        return Err(Error::Invalid(InvalidRequest::NoChange(names)));
    }
    Ok(update)
}
