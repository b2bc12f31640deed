//! The daemon's own API, under `/api/v1`: what the command line and dashboards ask.

mod orders;
mod refusal;
mod runs;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use refusal::Refusal;
use riposte_engine::{Clock, HostStore};
use riposte_executor::Host;
use riposte_playbook::Playbook;
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError, RwLock};

/// Most bytes of a request's body.
const MAX_BODY: usize = 1 << 20;

/// What the API speaks for.
pub struct Api {
    /// Who drives runs.
    pub host: Host,
    /// Where they are recorded.
    pub store: Arc<dyn HostStore>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The playbooks that can be started.
    pub playbooks: RwLock<Vec<Arc<Playbook>>>,
}

impl Api {
    fn playbook(&self, name: &str) -> Option<Arc<Playbook>> {
        let playbooks = self.playbooks.read().unwrap_or_else(PoisonError::into_inner);
        playbooks.iter().find(|playbook| playbook.name.as_str() == name).cloned()
    }
}

/// The routes.
pub fn router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/api/v1/runs", get(runs::list).post(runs::start))
        .route("/api/v1/runs/{id}", get(runs::show))
        .route("/api/v1/runs/{id}/cancel", post(runs::cancel))
        .route("/api/v1/runs/{id}/retry", post(runs::retry))
        .route("/api/v1/stops", get(orders::list).post(orders::stop))
        .route("/api/v1/stops/lift", post(orders::lift))
        .fallback(async || Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not know that method")
        })
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .with_state(api)
}

/// Whether runs are driven: where they are, and which are left alone.
async fn ready(State(api): State<Arc<Api>>) -> Response {
    let counts = api.host.counts();
    let troubled: Vec<Value> = api
        .host
        .troubled()
        .into_iter()
        .map(|(run, trouble)| json!({ "run_id": run.to_string(), "why": trouble.why }))
        .collect();
    let body = json!({
        "ready": true,
        "runs": {
            "live": counts.live,
            "at_work": counts.at_work,
            "parked": counts.parked,
            "ready": counts.ready,
            "troubled": counts.troubled,
        },
        "stops": api.host.stops().iter().map(orders::document).collect::<Vec<_>>(),
        "troubled": troubled,
    });
    Json(body).into_response()
}
