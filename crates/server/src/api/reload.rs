//! Having the daemon load its playbooks anew.

use super::problems::Refused;
use super::{Api, access::Caller};
use crate::problem::{Kind, Problem};
use crate::reload;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What is loaded now.
#[derive(Serialize, ToSchema)]
pub(super) struct Loaded {
    /// Since when.
    #[schema(format = DateTime)]
    loaded_at: String,
    /// How many playbooks.
    #[schema(minimum = 0)]
    playbooks: usize,
    /// How many webhooks.
    #[schema(minimum = 0)]
    webhooks: usize,
    /// How many schedules.
    #[schema(minimum = 0)]
    schedules: usize,
    /// Keys of the configuration that say something else than when the daemon was started, and count after a restart.
    needs_restart: Vec<&'static str>,
}

impl Loaded {
    pub(super) fn of(loaded: reload::Loaded) -> Loaded {
        Loaded {
            loaded_at: loaded.at.to_string(),
            playbooks: loaded.playbooks,
            webhooks: loaded.webhooks,
            schedules: loaded.schedules,
            needs_restart: loaded.needs_restart,
        }
    }
}

/// Load all playbooks, webhooks and schedules anew
///
/// All of them, or none: with an error in one, what was loaded stays. Runs that have begun keep their version. The same as
/// SIGHUP.
#[utoipa::path(
    post, path = "/api/v1/reload", operation_id = "reload", tag = "daemon",
    responses((status = 200, description = "They are loaded", body = Loaded), Refused<409>),
)]
pub(super) async fn reload(State(api): State<Arc<Api>>, caller: Caller) -> Result<Json<Loaded>, Problem> {
    tracing::info!(by = caller.by(None)?, "a reload is asked for");
    let reloading = api.clone();
    let reloaded = tokio::task::spawn_blocking(move || reloading.reload.reload()).await;
    match reloaded {
        Ok(Ok(loaded)) => Ok(Json(Loaded::of(loaded))),
        Ok(Err(not_loaded)) => Err(Problem::with(Kind::NotReloaded, not_loaded.why)),
        // A panic, which is in the log.
        Err(_) => Err(Problem::new(Kind::Internal)),
    }
}
