//! Runs: listing, looking, starting, cancelling, retrying.

use super::Api;
use super::refusal::Refusal;
use crate::document;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use riposte_engine::{Begun, Delivery, RunQuery, RunStatus, Trigger};
use riposte_executor::NewRun;
use riposte_model::{PlaybookName, RunId, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Runs in one page, unless fewer are asked for.
const PAGE: u32 = 50;
/// Most of them.
const MAX_PAGE: u32 = 500;

/// How long an `Idempotency-Key` is known.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
/// Most bytes of one.
const MAX_KEY: usize = 255;

/// Which runs to list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    playbook: Option<String>,
    status: Option<RunStatus>,
    /// The `next` of the page before.
    cursor: Option<RunId>,
    limit: Option<u32>,
}

pub(super) async fn list(
    State(api): State<Arc<Api>>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(query) = query.map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.body_text()))?;
    let playbook = query.playbook.as_deref().map(PlaybookName::parse).transpose();
    let playbook = playbook.map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, format!("`limit` is 1 to {MAX_PAGE}")));
    }
    let asked = RunQuery { playbook, status: query.status, before: query.cursor, limit };
    let runs = api.store.list(&asked).await?;
    let full = u32::try_from(runs.len()) == Ok(limit);
    let next = runs.last().filter(|_| full).map(|run| run.id.to_string());
    Ok(Json(json!({ "runs": document::summaries(&runs), "next": next })))
}

pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let id = run_id(&id)?;
    Ok(Json(document::run(id, &api.store.events(id).await?)))
}

/// What to start.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    playbook: String,
    #[serde(default)]
    inputs: Map<String, Value>,
    /// Inputs as a command line gives them: JSON where the input is not text.
    #[serde(default)]
    texts: BTreeMap<String, String>,
}

pub(super) async fn start(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    start: Result<Json<Start>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(Start { playbook: name, mut inputs, texts }) =
        start.map_err(|error| Refusal::new(error.status(), error.body_text()))?;
    let playbook = api.playbook(&name);
    let playbook = playbook.ok_or_else(|| {
        Refusal::new(StatusCode::NOT_FOUND, format!("no playbook is called `{}`", name.escape_default()))
    })?;
    for (name, text) in texts {
        let value = playbook.inputs.read_text(&name, &text);
        inputs.insert(name, value);
    }
    let inputs = playbook.inputs.accept(inputs).map_err(|violations| {
        let list = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, format!("the inputs of {name} do not fit: {list}"))
    })?;
    let delivery = idempotency_key(&headers, api.clock.now())?;
    let trigger = Trigger { kind: "manual".to_owned(), name: "api".to_owned(), body: Value::Null };
    let begun = api.host.begin(vec![(NewRun { playbook, inputs, trigger }, delivery)]).await?;
    let (id, begun) = begun.first().copied().ok_or_else(|| Refusal::later("nothing was begun"))?;
    let (status, duplicate) = match begun {
        Begun::New => (StatusCode::ACCEPTED, false),
        Begun::Already(_) => (StatusCode::OK, true),
    };
    let body = json!({
        "run_id": id.to_string(),
        "status_url": format!("/api/v1/runs/{id}"),
        "duplicate": duplicate,
    });
    Ok((status, Json(body)).into_response())
}

fn idempotency_key(headers: &HeaderMap, now: Timestamp) -> Result<Option<Delivery>, Refusal> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= MAX_KEY).ok_or_else(|| {
        let message = format!("an Idempotency-Key has 1 to {MAX_KEY} printable characters");
        Refusal::new(StatusCode::BAD_REQUEST, message)
    })?;
    let millis = i64::try_from(REMEMBERED.as_millis()).unwrap_or(i64::MAX);
    let since = Timestamp::from_millis(now.as_millis().saturating_sub(millis));
    Ok(Some(Delivery { source: "api".to_owned(), key: key.to_owned(), since }))
}

/// Who orders something.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct By {
    by: Option<String>,
}

pub(super) async fn cancel(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    by: Option<Json<By>>,
) -> Result<Response, Refusal> {
    let id = run_id(&id)?;
    api.host.cancel(id, &who(by)).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "run_id": id.to_string() }))).into_response())
}

pub(super) async fn retry(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    by: Option<Json<By>>,
) -> Result<Response, Refusal> {
    let id = run_id(&id)?;
    api.host.retry(id, &who(by)).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "run_id": id.to_string() }))).into_response())
}

fn who(by: Option<Json<By>>) -> String {
    by.and_then(|Json(By { by })| by).unwrap_or_else(|| "the operator".to_owned())
}

fn run_id(text: &str) -> Result<RunId, Refusal> {
    text.parse().map_err(|_| {
        Refusal::new(StatusCode::NOT_FOUND, "a run's id is run_ and 32 hexadecimal digits, and this is none")
    })
}
