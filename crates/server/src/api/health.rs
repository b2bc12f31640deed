//! How the daemon is.

use super::Api;
use super::orders::Stop;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Whether the daemon lives
///
/// Answered to everybody, without a token.
#[utoipa::path(
    get, path = "/healthz", operation_id = "alive", tag = "daemon",
    responses((status = 200, description = "It lives", body = String, content_type = "text/plain", example = "ok\n")),
)]
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// How the daemon is.
#[derive(Serialize, ToSchema)]
pub(super) struct Ready {
    /// Whether runs are driven.
    ready: bool,
    /// How many runs are where.
    runs: Counts,
    /// What is stopped.
    stops: Vec<Stop>,
    /// Runs that are left alone, since something is missing that they need. The next reload looks at them again.
    troubled: Vec<Troubled>,
}

/// How many runs are where.
#[derive(Serialize, ToSchema)]
struct Counts {
    /// In memory.
    #[schema(minimum = 0)]
    live: usize,
    /// Of those, with something to do.
    #[schema(minimum = 0)]
    at_work: usize,
    /// Only waiting, and not in memory.
    #[schema(minimum = 0)]
    parked: usize,
    /// Waiting for their turn.
    #[schema(minimum = 0)]
    ready: usize,
    /// Left alone.
    #[schema(minimum = 0)]
    troubled: usize,
}

/// A run that is left alone.
#[derive(Serialize, ToSchema)]
struct Troubled {
    /// Which run.
    run_id: String,
    /// What is missing.
    why: String,
}

/// Whether runs are driven
///
/// How many runs are where, what is stopped, and which runs are left alone.
#[utoipa::path(
    get, path = "/readyz", operation_id = "ready", tag = "daemon",
    responses((status = 200, description = "How the daemon is", body = Ready)),
)]
pub(super) async fn ready(State(api): State<Arc<Api>>) -> Json<Ready> {
    let counts = api.host.counts();
    let troubled = api.host.troubled().into_iter();
    Json(Ready {
        ready: true,
        runs: Counts {
            live: counts.live,
            at_work: counts.at_work,
            parked: counts.parked,
            ready: counts.ready,
            troubled: counts.troubled,
        },
        stops: api.host.stops().iter().map(Stop::of).collect(),
        troubled: troubled
            .map(|(run, trouble)| Troubled { run_id: run.to_string(), why: trouble.why })
            .collect(),
    })
}
