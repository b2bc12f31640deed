//! The daemon's own API, under `/api/v1`: what the command line and dashboards ask.

mod orders;
mod ready;
mod refusal;
mod runs;

pub use ready::Health;

use crate::reload::Reload;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use refusal::Refusal;
use riposte_engine::{Clock, HostStore};
use riposte_executor::Host;
use riposte_playbook::Playbook;
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
    pub playbooks: Arc<RwLock<Vec<Arc<Playbook>>>>,
    /// Who loads them anew.
    pub reload: Arc<dyn Reload>,
    /// Whether the journal takes anything.
    pub health: Health,
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
        .route("/readyz", get(ready::ready))
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
