//! The playbooks that are loaded, and whether their runs may begin.

use super::Api;
use super::access::Caller;
use super::body::{Sent, ThePlaybook};
use super::orders::Stop;
use super::problems::Refused;
use crate::problem::{Kind, Problem};
use axum::Json;
use axum::extract::State;
use riposte_engine::StopOrder;
use riposte_playbook::{Playbook, Trigger};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The playbooks that are loaded.
#[derive(Serialize, ToSchema)]
pub(super) struct Playbooks {
    /// In the order in which they were loaded.
    playbooks: Vec<PlaybookView>,
}

/// A playbook that is loaded.
#[derive(Serialize, ToSchema)]
#[schema(as = Playbook)]
pub(super) struct PlaybookView {
    /// Its name.
    name: String,
    /// What it is for, in its author's words.
    #[schema(required)]
    description: Option<String>,
    /// SHA-256 of its file: the version that a run keeps.
    source_hash: String,
    /// What starts its runs.
    triggers: Vec<TriggerView>,
    /// Whether its runs may begin: no stop covers it.
    enabled: bool,
    /// The stops that cover it, the oldest first: who, since when, and whether it was for this playbook alone.
    stops: Vec<Stop>,
}

/// What starts runs.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = Trigger)]
enum TriggerView {
    /// A request to an address.
    Webhook {
        /// The webhook's name.
        name: String,
        /// Where events are sent.
        path: String,
    },
    /// The clock.
    Schedule {
        /// When.
        cron: String,
        /// By whose clocks.
        zone: String,
    },
}

impl PlaybookView {
    fn of(playbook: &Playbook, stops: &[StopOrder]) -> PlaybookView {
        let covering = stops.iter().filter(|stop| stop.covers(&playbook.name));
        let stops: Vec<Stop> = covering.map(Stop::of).collect();
        PlaybookView {
            name: playbook.name.to_string(),
            description: playbook.description.clone(),
            source_hash: playbook.hash.to_string(),
            triggers: playbook.triggers.iter().map(TriggerView::of).collect(),
            enabled: stops.is_empty(),
            stops,
        }
    }
}

impl TriggerView {
    fn of(trigger: &Trigger) -> TriggerView {
        match trigger {
            Trigger::Webhook(webhook) => {
                TriggerView::Webhook { name: webhook.name.clone(), path: format!("/hooks/{}", webhook.name) }
            }
            Trigger::Schedule(schedule) => {
                TriggerView::Schedule { cron: schedule.cron.to_string(), zone: schedule.zone.to_string() }
            }
        }
    }
}

/// List the playbooks that are loaded
///
/// With what starts their runs, and what keeps them from beginning.
#[utoipa::path(
    get, path = "/api/v1/playbooks", operation_id = "list_playbooks", tag = "playbooks",
    responses((status = 200, description = "All of them", body = Playbooks)),
)]
pub(super) async fn list(State(api): State<Arc<Api>>) -> Json<Playbooks> {
    let stops = api.host.stops();
    let playbooks = api.playbooks();
    Json(Playbooks { playbooks: playbooks.iter().map(|each| PlaybookView::of(each, &stops)).collect() })
}

/// Let runs of a playbook begin again
///
/// Lifts every stop that is for this playbook alone; one for all playbooks stays, and is then still among its `stops`. May be
/// repeated.
#[utoipa::path(
    post, path = "/api/v1/playbooks/{name}/enable", operation_id = "enable_playbook", tag = "playbooks",
    params(("name" = String, Path, description = "The playbook's name", example = "contain-device")),
    responses((status = 200, description = "How it is now", body = PlaybookView), Refused<404>),
)]
pub(super) async fn enable(
    State(api): State<Arc<Api>>,
    caller: Caller,
    ThePlaybook(name): ThePlaybook,
) -> Result<Json<PlaybookView>, Problem> {
    let playbook = loaded(&api, name.as_str())?;
    if api.host.lift(Some(&name)).await? {
        tracing::warn!(by = caller.by(None)?, playbook = name.as_str(), "a playbook is enabled");
    }
    Ok(Json(PlaybookView::of(&playbook, &api.host.stops())))
}

/// Why a playbook is disabled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DisableRequest {
    /// Why. It is recorded behind the name of who asks.
    #[schema(max_length = 500, example = "until the new version is tested")]
    by: Option<String>,
}

/// Let no run of a playbook begin
///
/// Runs that have begun go on. May be repeated: the first order stays.
#[utoipa::path(
    post, path = "/api/v1/playbooks/{name}/disable", operation_id = "disable_playbook", tag = "playbooks",
    params(("name" = String, Path, description = "The playbook's name", example = "contain-device")),
    request_body = DisableRequest,
    responses((status = 200, description = "How it is now", body = PlaybookView), Refused<404>, Refused<422>),
)]
pub(super) async fn disable(
    State(api): State<Arc<Api>>,
    caller: Caller,
    ThePlaybook(name): ThePlaybook,
    Sent(DisableRequest { by }): Sent<DisableRequest>,
) -> Result<Json<PlaybookView>, Problem> {
    let playbook = loaded(&api, name.as_str())?;
    let by = caller.by(by.as_deref())?;
    if !api.host.stops().iter().any(|stop| stop.playbook.as_ref() == Some(&name)) {
        let at = api.clock.now();
        tracing::warn!(by, playbook = name.as_str(), "a playbook is disabled");
        api.host.stop(StopOrder { playbook: Some(name), cancel: false, by, at }).await?;
    }
    Ok(Json(PlaybookView::of(&playbook, &api.host.stops())))
}

fn loaded(api: &Api, name: &str) -> Result<Arc<Playbook>, Problem> {
    let missing =
        || Problem::with(Kind::NotFound, format!("no playbook is called `{}`", name.escape_default()));
    api.playbook(name).ok_or_else(missing)
}
