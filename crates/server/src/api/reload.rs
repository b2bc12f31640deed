//! Having the daemon load its playbooks anew.

use super::problems::Refused;
use super::{Api, access::Caller};
use crate::problem::{Kind, Problem};
use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Loads anew what the daemon works with: all of it, or nothing.
#[async_trait]
pub trait Reload: Send + Sync {
    /// How many playbooks are loaded then; or why what was loaded stays, for whoever asked.
    async fn reload(&self) -> Result<usize, String>;
}

/// What is loaded now.
#[derive(Serialize, ToSchema)]
pub(super) struct Reloaded {
    /// How many playbooks.
    #[schema(minimum = 0)]
    playbooks: usize,
}

/// Load all playbooks, webhooks and schedules anew
///
/// All of them, or none: with an error in one, what was loaded stays. Runs that have begun keep their version. The same as
/// SIGHUP.
#[utoipa::path(
    post, path = "/api/v1/reload", operation_id = "reload", tag = "daemon",
    responses((status = 200, description = "They are loaded", body = Reloaded), Refused<409>),
)]
pub(super) async fn reload(State(api): State<Arc<Api>>, caller: Caller) -> Result<Json<Reloaded>, Problem> {
    tracing::info!(by = caller.by(None)?, "a reload is asked for");
    match api.reload.reload().await {
        Ok(playbooks) => Ok(Json(Reloaded { playbooks })),
        Err(why) => Err(Problem::with(Kind::NotReloaded, why)),
    }
}
