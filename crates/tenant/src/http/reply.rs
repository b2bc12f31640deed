//! What is sent back, as a value.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use super::error::ApiError;
use crate::log::Status;

/// One answer and the way it travels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    retry_after: Option<u64>,
    body: Content,
    pub(super) delivery: Delivery,
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Empty,
    Json(String),
    Zip(&'static [u8]),
}

/// How an answer travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    Now,
    /// After this long.
    Late(Duration),
    /// Not at all: the connection is closed instead.
    Never,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self { status, retry_after: None, body: Content::Json(body.to_string()), delivery: Delivery::Now }
    }

    /// A success that says nothing more.
    pub(super) fn empty(status: u16) -> Self {
        Self { status, retry_after: None, body: Content::Empty, delivery: Delivery::Now }
    }

    pub(super) fn zip(archive: &'static [u8]) -> Self {
        Self { status: 200, retry_after: None, body: Content::Zip(archive), delivery: Delivery::Now }
    }

    pub(super) fn with_retry_after(self, seconds: Option<u64>) -> Self {
        Self { retry_after: seconds, ..self }
    }

    pub(super) fn delivered(self, delivery: Delivery) -> Self {
        Self { delivery, ..self }
    }

    /// The same answer as 200 with the first half of its body, which is never whole JSON nor a whole archive.
    pub(super) fn broken(self) -> Self {
        let body = match self.body {
            // Half of nothing would be nothing, and nothing is what was to be said.
            Content::Empty => Content::Json("{".into()),
            Content::Json(text) => {
                let half = text.chars().count() / 2;
                Content::Json(text.chars().take(half).collect())
            }
            Content::Zip(archive) => Content::Zip(&archive[..archive.len() / 2]),
        };
        Self { status: 200, body, ..self }
    }

    /// What the log says of it.
    pub(super) fn logged(&self) -> Status {
        match self.delivery {
            Delivery::Now | Delivery::Late(_) => Status::Answered(self.status),
            Delivery::Never => Status::Dropped,
        }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let (kind, body) = match self.body {
            Content::Empty => ("application/json; charset=utf-8", Body::empty()),
            Content::Json(text) => ("application/json; charset=utf-8", Body::from(text)),
            Content::Zip(archive) => ("application/zip", Body::from(archive)),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        Self::json(error.status, &error.body()).with_retry_after(error.retry_after)
    }
}
