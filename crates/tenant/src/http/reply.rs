//! What is sent back, as a value.

use std::io;
use std::ops::Range;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures_util::stream;
use serde_json::Value;

use super::content::File;
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
    /// What storage says where it refuses.
    Xml(&'static str),
    Part(Part),
}

/// A file, or some of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    kind: &'static str,
    tag: String,
    /// What is said to follow, in bytes from the beginning of the file.
    range: Range<usize>,
    total: usize,
    bytes: Bytes,
    /// Whether the connection breaks in the middle.
    breaks: bool,
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

    fn with(status: u16, body: Content) -> Self {
        Self { status, retry_after: None, body, delivery: Delivery::Now }
    }

    /// A file: all of it, or a part.
    pub(super) fn file(file: &File, range: Range<usize>) -> Self {
        let total = file.bytes.len();
        let part = Part {
            kind: file.kind,
            tag: file.tag.clone(),
            bytes: file.bytes.slice(range.clone()),
            range: range.clone(),
            total,
            breaks: false,
        };
        Self::with(if range == (0..total) { 200 } else { 206 }, Content::Part(part))
    }

    /// Of a part that lies behind the end.
    pub(super) fn no_such_range(total: usize) -> Self {
        let (range, bytes, tag) = (total..total, Bytes::new(), String::new());
        Self::with(
            416,
            Content::Part(Part { kind: "application/xml", tag, range, total, bytes, breaks: false }),
        )
    }

    /// Storage does not take a link, because it has expired or never was one.
    pub(super) fn link_refused() -> Self {
        let body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code>\
                    <Message>Server failed to authenticate the request.</Message></Error>";
        Self::with(403, Content::Xml(body))
    }

    pub(super) fn with_retry_after(self, seconds: Option<u64>) -> Self {
        Self { retry_after: seconds, ..self }
    }

    pub(super) fn delivered(self, delivery: Delivery) -> Self {
        Self { delivery, ..self }
    }

    /// The same answer as 200 with the first half of its body, which is never whole JSON. A file is begun as it should be,
    /// and the connection breaks in its middle.
    pub(super) fn broken(self) -> Self {
        let body = match self.body {
            Content::Part(part) => {
                return Self { body: Content::Part(Part { breaks: true, ..part }), ..self };
            }
            Content::Xml(_) => return self,
            // Half of nothing would be nothing, and nothing is what was to be said.
            Content::Empty => Content::Json("{".into()),
            Content::Json(text) => {
                let half = text.chars().count() / 2;
                Content::Json(text.chars().take(half).collect())
            }
        };
        Self { status: 200, body, ..self }
    }

    /// The part of a file that begins one byte later than the one that was asked for. Anything else stays as it is.
    pub(super) fn shifted(self) -> Self {
        match self.body {
            Content::Part(part) if !part.bytes.is_empty() => {
                let (range, bytes) = (part.range.start + 1..part.range.end, part.bytes.slice(1..));
                Self { status: 206, body: Content::Part(Part { range, bytes, ..part }), ..self }
            }
            _ => self,
        }
    }

    /// What the log says of it.
    pub(super) fn logged(&self) -> Status {
        match self.delivery {
            Delivery::Now | Delivery::Late(_) => Status::Answered(self.status),
            Delivery::Never => Status::Dropped,
        }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = match self.body {
            Content::Empty => plain("application/json; charset=utf-8", Body::empty()),
            Content::Json(text) => plain("application/json; charset=utf-8", Body::from(text)),
            Content::Xml(text) => plain("application/xml", Body::from(text)),
            Content::Part(part) => part.into_response(self.status),
        };
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn plain(kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

impl Part {
    fn into_response(self, status: u16) -> Response<Body> {
        let length = self.bytes.len();
        let body = if self.breaks { breaking(&self.bytes) } else { Body::from(self.bytes) };
        let mut response = plain(self.kind, body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        let mut say = |name, value: String| {
            // Made of digits and hexadecimal digits here, so it can always be said.
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        if status != 416 {
            say(header::ACCEPT_RANGES, "bytes".to_owned());
            say(header::ETAG, self.tag);
        }
        match status {
            206 => say(
                header::CONTENT_RANGE,
                format!("bytes {}-{}/{}", self.range.start, self.range.end.saturating_sub(1), self.total),
            ),
            416 => say(header::CONTENT_RANGE, format!("bytes */{}", self.total)),
            _ => {}
        }
        response
    }
}

/// The first half of a body, and then an error, upon which the server closes the connection.
fn breaking(bytes: &Bytes) -> Body {
    let half = bytes.slice(..bytes.len() / 2);
    Body::from_stream(stream::unfold(Some(half), |rest| async move {
        match rest {
            Some(half) => Some((Ok(half), None)),
            None => {
                // What comes before an error is written only if there is a pause between the two.
                tokio::task::yield_now().await;
                Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), None))
            }
        }
    }))
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        Self::json(error.status, &error.body()).with_retry_after(error.retry_after)
    }
}
