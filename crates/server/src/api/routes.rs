//! Where everything is, and which role it needs. A route is here with its description, or not at all.

use super::access::require;
use super::local::{self, Local};
use super::openapi;
use super::tokens::{self, Porter, Tokens};
use super::{Api, events, health, orders, playbooks, reload, runs};
use crate::config::Role;
use crate::problem::{Kind, Problem};
use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::any;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes for requests over the network, whose senders show tokens. To be merged into what else is served there: only its
/// own addresses are answered.
pub fn over_network(api: Arc<Api>, tokens: Tokens) -> Router {
    let porter = Arc::new(Porter::new(tokens, api.clock.clone()));
    // Whoever shows no token does not learn which addresses there are either.
    let guarded = guarded(api.clone()).route("/api/{*rest}", any(nowhere));
    let guarded = guarded.layer(middleware::from_fn_with_state(porter, tokens::admit));
    guarded.merge(open(api))
}

/// The routes for requests at the socket, of whose senders the kernel says who they are.
pub fn over_socket(api: Arc<Api>, local: Local) -> Router {
    let local = Arc::new(local);
    let admitted = guarded(api.clone()).merge(open(api)).fallback(nowhere);
    admitted.layer(middleware::from_fn_with_state(local, local::admit))
}

async fn nowhere() -> Problem {
    Problem::new(Kind::NotFound)
}

async fn other_method() -> Problem {
    Problem::new(Kind::Method)
}

fn open(api: Arc<Api>) -> Router {
    finish(anybody(), api)
}

fn guarded(api: Arc<Api>) -> Router {
    finish(viewer().merge(operator()).merge(admin()), api)
}

fn finish(routes: OpenApiRouter<Arc<Api>>, api: Arc<Api>) -> Router {
    let (router, _) = routes.split_for_parts();
    let router = router.method_not_allowed_fallback(other_method).with_state(api);
    router.layer(middleware::map_response(kept_by_nobody))
}

/// Answers name devices and people: nothing between here and whoever asked keeps them, or takes them for something else.
async fn kept_by_nobody(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// What everybody may ask.
pub(super) fn anybody() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::default().routes(routes!(health::alive))
}

pub(super) fn viewer() -> OpenApiRouter<Arc<Api>> {
    let router = OpenApiRouter::default()
        .routes(routes!(health::ready))
        .routes(routes!(openapi::show))
        .routes(routes!(runs::list))
        .routes(routes!(runs::show))
        .routes(routes!(events::events))
        .routes(routes!(playbooks::list))
        .routes(routes!(orders::list));
    needs(Role::Viewer, router)
}

pub(super) fn operator() -> OpenApiRouter<Arc<Api>> {
    let router = OpenApiRouter::default()
        .routes(routes!(runs::start))
        .routes(routes!(runs::cancel))
        .routes(routes!(runs::retry))
        .routes(routes!(playbooks::enable))
        .routes(routes!(playbooks::disable))
        .routes(routes!(orders::stop))
        .routes(routes!(orders::lift));
    needs(Role::Operator, router)
}

pub(super) fn admin() -> OpenApiRouter<Arc<Api>> {
    needs(Role::Admin, OpenApiRouter::default().routes(routes!(reload::reload)))
}

/// Has these routes need this role, and their descriptions say so.
fn needs(role: Role, router: OpenApiRouter<Arc<Api>>) -> OpenApiRouter<Arc<Api>> {
    let mut router = router;
    openapi::needs(role, router.get_openapi_mut());
    router.route_layer(middleware::from_fn(move |request: Request, next: Next| require(role, request, next)))
}
