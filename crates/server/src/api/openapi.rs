//! The API's description, made of its routes.

use super::problems::refused;
use super::routes::{admin, anybody, operator, viewer};
use crate::config::Role;
use crate::http;
use crate::problem::Document;
use axum::Json;
use serde_json::Value;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Content, InfoBuilder, OpenApi, OpenApiBuilder, RefOr, Required, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What tokens are called in the description.
const TOKEN: &str = "token";

const ABOUT: &str = "Runs of playbooks, and what starts and stops them. Over the network a request shows a token, \
    `Authorization: Bearer TOKEN`, whose role says what may be done: each operation names the role that it needs as \
    `x-role`. At the daemon's socket no token is needed. Whatever is refused is answered with a problem document (RFC 9457).";

const TAGS: [(&str, &str); 5] = [
    ("runs", "Runs: what has happened, and what is to happen."),
    ("playbooks", "The playbooks that are loaded."),
    ("stops", "The emergency stop."),
    ("daemon", "The daemon itself."),
    ("webhooks", "Where events come in that start runs. Each webhook proves its senders in its own way."),
];

/// The description of everything that is served, as OpenAPI 3.1.
pub fn openapi() -> Value {
    serde_json::to_value(document()).unwrap_or_default()
}

/// Describe all operations
///
/// In OpenAPI 3.1: this document. `riposte schema --openapi` prints the same.
#[utoipa::path(
    get, path = "/api/openapi.json", operation_id = "describe", tag = "daemon",
    responses((status = 200, description = "What you read", body = Object)),
)]
pub(super) async fn show() -> Json<Value> {
    Json(openapi())
}

fn document() -> OpenApi {
    let info = InfoBuilder::new().title("riposte").version("v1").description(Some(ABOUT));
    let tags = TAGS.map(|(name, words)| TagBuilder::new().name(name).description(Some(words)).build());
    let mut document = OpenApiBuilder::new().info(info.build()).tags(Some(tags)).build();
    for router in [anybody(), viewer(), operator(), admin()] {
        document.merge(router.into_openapi());
    }
    document.merge(http::described().into_openapi());
    let components = document.components.get_or_insert_default();
    components.schemas.insert(Document::name().into_owned(), Document::schema());
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let token = token.description(Some("One of the configuration's `api: tokens`")).build();
    components.security_schemes.insert(TOKEN.to_owned(), SecurityScheme::Http(token).into());
    document
}

/// Says of each operation which role it needs, and what that may be refused with.
pub(super) fn needs(role: Role, described: &mut OpenApi) {
    let OpenApi { paths, components, .. } = described;
    for operation in paths.paths.values_mut().flat_map(operations) {
        operation.security = Some(vec![SecurityRequirement::new(TOKEN, [""; 0])]);
        let role = (String::from("x-role"), Value::from(role.as_str()));
        operation.extensions.get_or_insert_default().extend([role]);
        for status in [401, 403] {
            refused(operation, status);
        }
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            let schemas = components.iter().flat_map(|components| &components.schemas);
            body.required = Some(if is_needed(body, schemas) { Required::True } else { Required::False });
            for status in [400, 408, 413, 415, 422] {
                refused(operation, status);
            }
        }
        for status in [500, 503] {
            refused(operation, status);
        }
    }
}

/// Whether a body is needed: one of which everything may be left away may be left away itself.
fn is_needed<'s>(
    body: &RequestBody,
    mut schemas: impl Iterator<Item = (&'s String, &'s RefOr<Schema>)>,
) -> bool {
    let mut names = body.content.values().filter_map(|content| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(shape)), .. }) => shape.ref_location.rsplit('/').next(),
        RefOr::T(_) | RefOr::Ref(_) => None,
    });
    let name = names.next().unwrap_or_default();
    let schema = schemas.find(|(known, _)| *known == name).map(|(_, schema)| schema);
    !matches!(schema, Some(RefOr::T(Schema::Object(object))) if object.required.is_empty())
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
    [get, put, post, delete, options, head, patch, trace].into_iter().flatten()
}
