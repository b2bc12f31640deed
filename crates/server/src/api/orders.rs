//! The emergency stop: of one playbook, or of everything.

use super::Api;
use super::refusal::Refusal;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use riposte_engine::StopOrder;
use riposte_model::PlaybookName;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn list(State(api): State<Arc<Api>>) -> Json<Value> {
    Json(json!({ "stops": api.host.stops().iter().map(document).collect::<Vec<_>>() }))
}

pub(super) fn document(stop: &StopOrder) -> Value {
    json!({
        "playbook": stop.playbook.as_ref().map(PlaybookName::as_str),
        "cancel": stop.cancel,
        "by": stop.by,
        "at": stop.at.to_string(),
    })
}

/// What is to stop.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stop {
    /// Which playbook; all if none is named.
    playbook: Option<String>,
    /// Whether the runs that have begun are cancelled.
    cancel: bool,
    by: Option<String>,
}

pub(super) async fn stop(
    State(api): State<Arc<Api>>,
    stop: Result<Json<Stop>, JsonRejection>,
) -> Result<Json<Value>, Refusal> {
    let Json(Stop { playbook, cancel, by }) =
        stop.map_err(|error| Refusal::new(error.status(), error.body_text()))?;
    let order = StopOrder {
        playbook: name(playbook.as_deref())?,
        cancel,
        by: by.unwrap_or_else(|| "the operator".to_owned()),
        at: api.clock.now(),
    };
    let runs = api.host.stop(order).await?;
    Ok(Json(json!({ "runs": runs })))
}

/// What may begin again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lift {
    playbook: Option<String>,
}

pub(super) async fn lift(
    State(api): State<Arc<Api>>,
    lift: Result<Json<Lift>, JsonRejection>,
) -> Result<Json<Value>, Refusal> {
    let Json(Lift { playbook }) = lift.map_err(|error| Refusal::new(error.status(), error.body_text()))?;
    let lifted = api.host.lift(name(playbook.as_deref())?.as_ref()).await?;
    Ok(Json(json!({ "lifted": lifted })))
}

fn name(playbook: Option<&str>) -> Result<Option<PlaybookName>, Refusal> {
    let name = playbook.map(PlaybookName::parse).transpose();
    name.map_err(|error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))
}
