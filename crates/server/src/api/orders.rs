//! The emergency stop: of one playbook, or of everything.

use super::Api;
use super::access::Caller;
use super::body::Sent;
use super::problems::Refused;
use crate::problem::{Kind, Problem};
use axum::Json;
use axum::extract::State;
use riposte_engine::{RunQuery, StopOrder};
use riposte_model::PlaybookName;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// An order that holds.
#[derive(Serialize, ToSchema)]
pub(super) struct Stop {
    /// Which playbook; all, if it is null.
    #[schema(required)]
    playbook: Option<String>,
    /// Whether the runs that had begun are cancelled.
    cancel: bool,
    /// Who gave it, and why.
    by: String,
    /// When it was given.
    #[schema(format = DateTime)]
    at: String,
}

impl Stop {
    pub(super) fn of(order: &StopOrder) -> Stop {
        Stop {
            playbook: order.playbook.as_ref().map(ToString::to_string),
            cancel: order.cancel,
            by: order.by.clone(),
            at: order.at.to_string(),
        }
    }
}

/// What is stopped.
#[derive(Serialize, ToSchema)]
pub(super) struct Stops {
    /// The orders that hold, the oldest first.
    stops: Vec<Stop>,
}

/// List what is stopped
///
/// Orders that are not lifted, of everything and of single playbooks; a disabled playbook is one of them.
#[utoipa::path(
    get, path = "/api/v1/stops", operation_id = "list_stops", tag = "stops",
    responses((status = 200, description = "The orders that hold", body = Stops)),
)]
pub(super) async fn list(State(api): State<Arc<Api>>) -> Json<Stops> {
    Json(Stops { stops: api.host.stops().iter().map(Stop::of).collect() })
}

/// What is to stop.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StopRequest {
    /// Which playbook; all, if none is named.
    #[schema(pattern = "^[a-z]([a-z0-9-]*[a-z0-9])?$", max_length = 64, example = "contain-device")]
    playbook: Option<String>,
    /// Whether the runs that have begun are cancelled.
    #[schema(example = true)]
    cancel: bool,
    /// Why. It is recorded behind the name of who asks.
    #[schema(max_length = 500, example = "wrong devices")]
    by: Option<String>,
}

/// What an order has done.
#[derive(Serialize, ToSchema)]
pub(super) struct Stopped {
    /// How many runs are being cancelled.
    #[schema(minimum = 0)]
    runs: usize,
}

/// Stop: no run begins until that is lifted
///
/// Of one playbook, or of everything. The order is on disk when it is answered, and holds through a restart.
#[utoipa::path(
    post, path = "/api/v1/stops", operation_id = "stop", tag = "stops", request_body = StopRequest,
    responses((status = 200, description = "It holds", body = Stopped), Refused<404>, Refused<422>),
)]
pub(super) async fn stop(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Sent(StopRequest { playbook, cancel, by }): Sent<StopRequest>,
) -> Result<Json<Stopped>, Problem> {
    let (playbook, by) = (name(playbook.as_deref())?, caller.by(by.as_deref())?);
    if let Some(playbook) = &playbook {
        expect(&api, playbook).await?;
    }
    let order = StopOrder { playbook, cancel, by, at: api.clock.now() };
    let runs = api.host.stop(order.clone()).await?;
    let StopOrder { playbook, by, .. } = order;
    tracing::warn!(by, playbook = playbook.as_ref().map(PlaybookName::as_str), cancel, runs, "stopped");
    Ok(Json(Stopped { runs }))
}

/// What may begin again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LiftRequest {
    /// Which playbook; if none is named, the orders for all are lifted, and those for one stay.
    #[schema(pattern = "^[a-z]([a-z0-9-]*[a-z0-9])?$", max_length = 64, example = "contain-device")]
    playbook: Option<String>,
}

/// What was lifted.
#[derive(Serialize, ToSchema)]
pub(super) struct Lifted {
    /// Whether there was such an order.
    lifted: bool,
}

/// Lift what was stopped
///
/// What was cancelled stays so. May be repeated.
#[utoipa::path(
    post, path = "/api/v1/stops/lift", operation_id = "lift", tag = "stops", request_body = LiftRequest,
    responses((status = 200, description = "No such order holds", body = Lifted), Refused<422>),
)]
pub(super) async fn lift(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Sent(LiftRequest { playbook }): Sent<LiftRequest>,
) -> Result<Json<Lifted>, Problem> {
    let playbook = name(playbook.as_deref())?;
    let lifted = api.host.lift(playbook.as_ref()).await?;
    if lifted {
        let playbook = playbook.as_ref().map(PlaybookName::as_str);
        tracing::warn!(by = caller.by(None)?, playbook, "a stop is lifted");
    }
    Ok(Json(Lifted { lifted }))
}

/// A name that nobody has, misspelt in a hurry, would be stopped without stopping anything. One that is not loaded any more may
/// still have runs.
async fn expect(api: &Api, playbook: &PlaybookName) -> Result<(), Problem> {
    let of = RunQuery { playbook: Some(playbook.clone()), limit: 1, ..RunQuery::default() };
    if api.playbook(playbook.as_str()).is_some() || !api.store.list(&of).await?.is_empty() {
        return Ok(());
    }
    let detail = format!("nothing is stopped: no playbook is called `{playbook}`, and no run is of one");
    Err(Problem::with(Kind::NotFound, detail))
}

fn name(playbook: Option<&str>) -> Result<Option<PlaybookName>, Problem> {
    let name = playbook.map(PlaybookName::parse).transpose();
    name.map_err(|error| Problem::with(Kind::Invalid, error.to_string()))
}
