//! Errors as problem documents (RFC 9457). They say what is wrong and what to do, and never repeat a body or a secret.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use riposte_engine::StoreError;
use riposte_executor::{BeginError, CancelError, HostError, RecordedError, RetryError};
use serde_json::json;

/// Seconds after which it is worth asking again, where nothing better is known.
const LATER: u32 = 10;

/// An answer that says what is wrong.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    detail: String,
    retry_after: Option<u32>,
}

impl Refusal {
    /// With this status, and what is wrong in one sentence.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Refusal { status, detail: detail.into(), retry_after: None }
    }

    /// Something that passes: it is worth asking again.
    pub(super) fn later(detail: impl Into<String>) -> Self {
        Refusal { retry_after: Some(LATER), ..Refusal::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let body = json!({ "title": title, "status": self.status.as_u16(), "detail": self.detail });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) => Refusal::new(StatusCode::NOT_FOUND, error.to_string()),
            StoreError::Driven { .. } => Refusal::new(StatusCode::CONFLICT, error.to_string()),
            StoreError::Full(_) | StoreError::ReadOnly(_) | StoreError::Busy(_) => {
                Refusal::later(error.to_string())
            }
            StoreError::Damaged(_)
            | StoreError::TooNew { .. }
            | StoreError::OutOfOrder(_)
            | StoreError::Other(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the journal failed");
                Refusal::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the journal failed; the daemon's log says how",
                )
            }
        }
    }
}

impl From<HostError> for Refusal {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Begin(BeginError::Gate(_)) => Refusal::new(StatusCode::CONFLICT, error.to_string()),
            HostError::Begin(BeginError::NoConnection(_)) => {
                Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
            }
            HostError::Store(error) => error.into(),
            HostError::Begin(BeginError::Stopped { .. } | BeginError::Record(_))
            | HostError::Busy
            | HostError::Closing => Refusal::later(error.to_string()),
        }
    }
}

impl From<RecordedError> for Refusal {
    fn from(error: RecordedError) -> Self {
        match error {
            RecordedError::Store(error) => error.into(),
            error => Refusal::new(StatusCode::CONFLICT, error.to_string()),
        }
    }
}

impl From<CancelError> for Refusal {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::Recorded(error) => error.into(),
            CancelError::NotYet(_) => Refusal::later(error.to_string()),
            error => Refusal::new(StatusCode::CONFLICT, error.to_string()),
        }
    }
}

impl From<RetryError> for Refusal {
    fn from(error: RetryError) -> Self {
        match error {
            RetryError::Recorded(error) => error.into(),
            RetryError::Record(_) => Refusal::later(error.to_string()),
            error => Refusal::new(StatusCode::CONFLICT, error.to_string()),
        }
    }
}
