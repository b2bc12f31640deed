//! Whether runs are driven.

use super::{Api, orders};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use riposte_engine::{Clock, HostStore};
use riposte_model::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

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

/// Where runs are, what is stopped, which runs are left alone, and what is loaded. 503 if no run can go on; a reload that has
/// failed is told, and is no reason to send events elsewhere.
pub(super) async fn ready(State(api): State<Arc<Api>>) -> Response {
    let trouble = api.health.trouble(&*api.store, &*api.clock).await;
    let counts = api.host.counts();
    let troubled: Vec<Value> = api
        .host
        .troubled()
        .into_iter()
        .map(|(run, trouble)| json!({ "run_id": run.to_string(), "why": trouble.why }))
        .collect();
    let mut body = json!({
        "ready": trouble.is_none(),
        "runs": {
            "live": counts.live,
            "at_work": counts.at_work,
            "parked": counts.parked,
            "ready": counts.ready,
            "troubled": counts.troubled,
        },
        "reload": api.reload.status().document(),
        "stops": api.host.stops().iter().map(orders::document).collect::<Vec<_>>(),
        "troubled": troubled,
    });
    let status = match trouble {
        None => StatusCode::OK,
        Some(why) => {
            body["detail"] = why.into();
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    (status, Json(body)).into_response()
}
