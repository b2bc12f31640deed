//! The problems in the API's description.

use crate::problem::{CONTENT, Document};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

/// That an operation may be refused with this status.
pub(crate) struct Refused<const STATUS: u16>;

impl<const STATUS: u16> IntoResponses for Refused<STATUS> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([(STATUS.to_string(), problem(STATUS).into())])
    }
}

/// Adds that an operation may be refused with this status.
pub(super) fn refused(operation: &mut Operation, status: u16) {
    let entry = operation.responses.responses.entry(status.to_string());
    entry.or_insert_with(|| problem(status).into());
}

fn problem(status: u16) -> Response {
    let document = Ref::from_schema_name(Document::name());
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    ResponseBuilder::new()
        .description(reason.unwrap_or("Refused"))
        .content(CONTENT, ContentBuilder::new().schema(Some(document)).build())
        .build()
}
