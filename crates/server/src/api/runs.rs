//! Runs: listing, looking, starting, cancelling, retrying.

use super::Api;
use super::access::Caller;
use super::body::{Asked, Sent, TheRun};
use super::problems::Refused;
use crate::document::{RunView, Status, SummaryView};
use crate::problem::{Kind, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use riposte_engine::{Begun, Delivery, RunQuery, Trigger};
use riposte_executor::NewRun;
use riposte_model::{PlaybookName, RunId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// Runs in one page, unless another number is asked for.
const PAGE: u32 = 50;
/// Most of them.
const MAX_PAGE: u32 = 500;

/// How long an `Idempotency-Key` is known.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
/// Most bytes of one.
const MAX_KEY: usize = 255;

/// Where a run is to be looked at.
pub(crate) fn status_url(run: RunId) -> String {
    format!("/api/v1/runs/{run}")
}

/// Which runs to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only those of this playbook.
    #[param(nullable = false, pattern = "^[a-z]([a-z0-9-]*[a-z0-9])?$", max_length = 64)]
    playbook: Option<String>,
    /// Only those that stand like this.
    #[param(nullable = false, inline)]
    status: Option<Status>,
    /// The `next` of the page before.
    #[param(nullable = false, pattern = "^run_[0-9a-f]{32}$", value_type = Option<String>)]
    cursor: Option<RunId>,
    /// At most so many; 50, if nothing is said.
    #[param(nullable = false, minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// A page of runs.
#[derive(Serialize, ToSchema)]
pub(super) struct RunPage {
    /// The newest first.
    runs: Vec<SummaryView>,
    /// The `cursor` of the page after; null, if this is the last.
    #[schema(required, pattern = "^run_[0-9a-f]{32}$")]
    next: Option<String>,
}

/// List runs, the newest first
///
/// In pages: ask again with `cursor` until `next` is null. Runs that begin meanwhile are before the first page, and change no
/// other.
#[utoipa::path(
    get, path = "/api/v1/runs", operation_id = "list_runs", tag = "runs", params(ListQuery),
    responses(
        (status = 200, description = "A page", body = RunPage, links(
            ("show" = (operation_id = "show_run", parameters(("id" = "$response.body#/runs/0/run_id")))),
            ("next" = (operation_id = "list_runs", parameters(("cursor" = "$response.body#/next")))),
        )),
        Refused<400>, Refused<404>,
    ),
)]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<RunPage>, Problem> {
    let refused = |detail: String| Problem::with(Kind::BadRequest, detail);
    let playbook = query.playbook.as_deref().map(PlaybookName::parse).transpose();
    let playbook = playbook.map_err(|error| refused(error.to_string()))?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(refused(format!("`limit` is 1 to {MAX_PAGE}")));
    }
    let status = query.status.map(Into::into);
    let runs = api.store.list(&RunQuery { playbook, status, before: query.cursor, limit }).await?;
    let full = u32::try_from(runs.len()) == Ok(limit);
    let next = runs.last().filter(|_| full).map(|run| run.id.to_string());
    Ok(Json(RunPage { runs: runs.iter().map(SummaryView::of).collect(), next }))
}

/// Look at a run
///
/// With everything that has happened in it.
#[utoipa::path(
    get, path = "/api/v1/runs/{id}", operation_id = "show_run", tag = "runs",
    params(("id" = String, Path, description = "The run's id, or the beginning of it", pattern = "^run_[0-9a-f]{1,32}$")),
    responses((status = 200, description = "The run", body = RunView), Refused<404>),
)]
pub(super) async fn show(State(api): State<Arc<Api>>, TheRun(id): TheRun) -> Result<Json<RunView>, Problem> {
    Ok(Json(RunView::of(id, &api.store.events(id).await?)))
}

/// What to start.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StartRequest {
    /// The playbook's name.
    #[schema(example = "contain-device")]
    playbook: String,
    /// Its inputs.
    #[serde(default)]
    #[schema(example = json!({
        "device_id": "1e5bc9d7e413ddd7902c2932e418702b84d0cc07", "alert_id": "da637472900382838869_1364969609",
    }))]
    inputs: Map<String, Value>,
    /// Inputs as a command line gives them: JSON where the input is not text.
    #[serde(default)]
    texts: BTreeMap<String, String>,
}

/// A run that has begun.
#[derive(Serialize, ToSchema)]
pub(super) struct Started {
    /// Its id.
    #[schema(pattern = "^run_[0-9a-f]{32}$")]
    run_id: String,
    /// Where to look at it.
    status_url: String,
    /// Whether this `Idempotency-Key` had begun it before.
    duplicate: bool,
}

/// Start a run
///
/// It is on disk when this is answered. With an `Idempotency-Key`, whoever asks starts one run for that key in 24 hours, and is
/// answered with the same run again.
#[utoipa::path(
    post, path = "/api/v1/runs", operation_id = "start_run", tag = "runs", request_body = StartRequest,
    params((
        "Idempotency-Key" = Option<String>, Header, description = "What makes this request recognisable when it is repeated",
        nullable = false, min_length = 1, max_length = 255, pattern = "^[!-~]([ -~]*[!-~])?$"
    )),
    responses(
        (status = 202, description = "It has begun", body = Started, links(
            ("show" = (operation_id = "show_run", parameters(("id" = "$response.body#/run_id")))),
            ("follow" = (operation_id = "follow_run", parameters(("id" = "$response.body#/run_id")))),
            ("cancel" = (operation_id = "cancel_run", parameters(("id" = "$response.body#/run_id")))),
            ("retry" = (operation_id = "retry_run", parameters(("id" = "$response.body#/run_id")))),
        )),
        (status = 200, description = "It had begun before", body = Started),
        Refused<404>, Refused<409>,
    ),
)]
pub(super) async fn start(
    State(api): State<Arc<Api>>,
    caller: Caller,
    headers: HeaderMap,
    Sent(StartRequest { playbook: name, mut inputs, texts }): Sent<StartRequest>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let delivery = idempotency_key(&headers, &caller, api.clock.now())?;
    let playbook = api.playbook(&name).ok_or_else(|| {
        Problem::with(Kind::NotFound, format!("no playbook is called `{}`", name.escape_default()))
    })?;
    for (name, text) in texts {
        let value = playbook.inputs.read_text(&name, &text);
        inputs.insert(name, value);
    }
    let inputs = playbook
        .inputs
        .accept(inputs)
        .map_err(|violations| Problem::unfit(violations.iter().map(ToString::to_string).collect()))?;
    let trigger = Trigger { kind: "manual".to_owned(), name: caller.trigger(), body: Value::Null.into() };
    let begun = api.host.begin(vec![(NewRun { playbook, inputs, trigger }, delivery)]).await?;
    let (id, begun) = begun.first().copied().ok_or_else(|| Problem::new(Kind::Journal))?;
    let (status, id, duplicate) = match begun {
        Begun::New => (StatusCode::ACCEPTED, id, false),
        Begun::Already(first) => (StatusCode::OK, first, true),
    };
    Ok((status, Json(Started { run_id: id.to_string(), status_url: status_url(id), duplicate })))
}

fn idempotency_key(
    headers: &HeaderMap,
    caller: &Caller,
    now: Timestamp,
) -> Result<Option<Delivery>, Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= MAX_KEY).ok_or_else(|| {
        Problem::with(Kind::BadRequest, format!("an Idempotency-Key has 1 to {MAX_KEY} printable characters"))
    })?;
    let millis = i64::try_from(REMEMBERED.as_millis()).unwrap_or(i64::MAX);
    let since = Timestamp::from_millis(now.as_millis().saturating_sub(millis));
    Ok(Some(Delivery { source: caller.deliveries(), key: key.to_owned(), since }))
}

/// Why something is ordered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderRequest {
    /// Why. It is recorded behind the name of who asks.
    #[schema(max_length = 500, example = "false positive")]
    by: Option<String>,
}

/// The run that it was done to.
#[derive(Serialize, ToSchema)]
pub(super) struct Ordered {
    /// Its id.
    #[schema(pattern = "^run_[0-9a-f]{32}$")]
    run_id: String,
}

/// Have a run end
///
/// That is on disk when it is answered. Calls in flight are brought to a recorded end, and what has not ended at the provider is
/// taken back; the run's events say when.
#[utoipa::path(
    post, path = "/api/v1/runs/{id}/cancel", operation_id = "cancel_run", tag = "runs",
    params(("id" = String, Path, description = "The run's id, or the beginning of it", pattern = "^run_[0-9a-f]{1,32}$")),
    request_body = OrderRequest,
    responses((status = 202, description = "It is being cancelled", body = Ordered), Refused<404>, Refused<409>),
)]
pub(super) async fn cancel(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TheRun(id): TheRun,
    Sent(OrderRequest { by }): Sent<OrderRequest>,
) -> Result<(StatusCode, Json<Ordered>), Problem> {
    api.host.cancel(id, &caller.by(by.as_deref())?).await?;
    Ok((StatusCode::ACCEPTED, Json(Ordered { run_id: id.to_string() })))
}

/// Have a failed run go on from where it failed
///
/// That is on disk when it is answered. What the run may have done before is not forgotten, and not done twice.
#[utoipa::path(
    post, path = "/api/v1/runs/{id}/retry", operation_id = "retry_run", tag = "runs",
    params(("id" = String, Path, description = "The run's id, or the beginning of it", pattern = "^run_[0-9a-f]{1,32}$")),
    request_body = OrderRequest,
    responses((status = 202, description = "It goes on", body = Ordered), Refused<404>, Refused<409>),
)]
pub(super) async fn retry(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TheRun(id): TheRun,
    Sent(OrderRequest { by }): Sent<OrderRequest>,
) -> Result<(StatusCode, Json<Ordered>), Problem> {
    api.host.retry(id, &caller.by(by.as_deref())?).await?;
    Ok((StatusCode::ACCEPTED, Json(Ordered { run_id: id.to_string() })))
}
