//! How the daemon is.

use super::Api;
use super::orders::Stop;
use super::reload::Loaded;
use crate::reload::Status;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use riposte_engine::{Clock, HostStore};
use riposte_model::Timestamp;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use utoipa::ToSchema;

/// How long it is taken for granted that what could be written can be written. Whoever asks all the time does not keep the disk
/// busy.
const FRESH: Duration = Duration::from_secs(2);

/// Longest wait for the journal. One that takes longer drives nothing either.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether the journal takes anything.
#[derive(Default)]
pub struct Health {
    /// When it was last tried, and why it did not.
    last: Mutex<Option<(Timestamp, Option<String>)>>,
}

impl Health {
    /// Why nothing can be recorded, if so: then no run goes on.
    async fn trouble(&self, store: &dyn HostStore, clock: &dyn Clock) -> Option<String> {
        // Who asks meanwhile waits for this answer.
        let mut last = self.last.lock().await;
        let now = clock.now();
        if let Some((at, trouble)) = &*last
            && *at <= now
            && now.since(*at) < FRESH
        {
            return trouble.clone();
        }
        let trouble = match tokio::time::timeout(PATIENCE, store.probe()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(format!("{error}: no run goes on until it can be written again")),
            Err(_) => {
                Some("the journal does not answer: its disk is too slow, or somebody holds it".to_owned())
            }
        };
        *last = Some((now, trouble.clone()));
        trouble
    }
}

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
    /// Why no run can go on, if so.
    #[schema(required)]
    detail: Option<String>,
    /// How many runs are where.
    runs: Counts,
    /// What is loaded, and what has been tried since, in vain.
    reload: Reloads,
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

/// What is loaded.
#[derive(Serialize, ToSchema)]
struct Reloads {
    /// When the daemon was started.
    #[schema(format = DateTime)]
    started_at: String,
    #[serde(flatten)]
    loaded: Loaded,
    /// The last attempt to load something newer, if it failed: what was loaded before stays.
    #[schema(required)]
    failed: Option<NotLoaded>,
}

/// An attempt to load anew that failed.
#[derive(Serialize, ToSchema)]
struct NotLoaded {
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Why, and where.
    why: String,
}

impl Reloads {
    fn of(status: Status) -> Reloads {
        let failed = status.failed.map(|failed| NotLoaded { at: failed.at.to_string(), why: failed.why });
        Reloads { started_at: status.started_at.to_string(), loaded: Loaded::of(status.loaded), failed }
    }
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
/// How many runs are where, what is stopped, which runs are left alone, and what is loaded. A reload that has failed is told, and is no
/// reason to send events elsewhere.
#[utoipa::path(
    get, path = "/readyz", operation_id = "ready", tag = "daemon",
    responses(
        (status = 200, description = "How the daemon is", body = Ready),
        (status = 503, description = "No run can go on", body = Ready),
    ),
)]
pub(super) async fn ready(State(api): State<Arc<Api>>) -> (StatusCode, Json<Ready>) {
    let detail = api.health.trouble(&*api.store, &*api.clock).await;
    let status = if detail.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let counts = api.host.counts();
    let troubled = api.host.troubled().into_iter();
    let body = Ready {
        ready: detail.is_none(),
        detail,
        runs: Counts {
            live: counts.live,
            at_work: counts.at_work,
            parked: counts.parked,
            ready: counts.ready,
            troubled: counts.troubled,
        },
        reload: Reloads::of(api.reload.status()),
        stops: api.host.stops().iter().map(Stop::of).collect(),
        troubled: troubled
            .map(|(run, trouble)| Troubled { run_id: run.to_string(), why: trouble.why })
            .collect(),
    };
    (status, Json(body))
}
