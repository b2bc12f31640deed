//! What is sent back, as a value.

use std::io::{self, Write as _};
use std::ops::Range;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream::{self, StreamExt as _};
use serde_json::{Value, json};

use super::content::File;
use super::error::ApiError;
use super::part::Part;
use crate::clock::http_date;
use crate::fault::Malformed;
use crate::log::Status;

/// Answers shorter than this are sent as they are: packed they would be longer.
const MIN_PACKED: usize = 256;
/// How much of a packed answer comes in one piece.
const PIECE: usize = 1_024;

/// One answer and the way it travels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    retry_after: Option<Pause>,
    challenge: bool,
    body: Content,
    pub(super) delivery: Delivery,
}

/// When to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    Seconds(u64),
    /// At a date. What the date of the answer is belongs to it: a client that knows better than to trust two clocks
    /// compares the two.
    Until {
        date: DateTime<Utc>,
        now: DateTime<Utc>,
    },
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Empty,
    Json(String),
    Html(&'static str),
    /// What storage says where it refuses.
    Xml(&'static str),
    Part(Part),
}

/// How an answer travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    Now,
    /// After this long.
    Late(Duration),
    /// Its first half only, then the connection is closed.
    Half,
    /// Not at all: the connection is closed instead.
    Never,
}

/// What a proxy says that wants somebody to sign in.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>\n";

impl Reply {
    fn new(status: u16, body: Content) -> Self {
        Self { status, retry_after: None, challenge: false, body, delivery: Delivery::Now }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, Content::Json(body.to_string()))
    }

    /// A success that says nothing more.
    pub(super) fn empty(status: u16) -> Self {
        Self::new(status, Content::Empty)
    }

    /// A file: all of it, or a part.
    pub(super) fn file(file: &File, range: Range<usize>) -> Self {
        let part = Part::of(file, range);
        Self::new(part.status(), Content::Part(part))
    }

    /// Of a part that lies behind the end.
    pub(super) fn no_such_range(total: usize) -> Self {
        Self::new(416, Content::Part(Part::behind(total)))
    }

    /// Storage does not take a link, because it has expired or never was one.
    pub(super) fn link_refused() -> Self {
        let body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code>\
                    <Message>Server failed to authenticate the request.</Message></Error>";
        Self::new(403, Content::Xml(body))
    }

    pub(super) fn with_retry_after(self, retry_after: Option<Pause>) -> Self {
        Self { retry_after, ..self }
    }

    /// With what an expired token is answered (RFC 6750, 3.1).
    pub(super) fn with_challenge(self) -> Self {
        Self { challenge: true, ..self }
    }

    pub(super) fn delivered(self, delivery: Delivery) -> Self {
        Self { delivery, ..self }
    }

    /// The same answer, spoilt. A file is begun as it should be, and the connection breaks in its middle.
    pub(super) fn broken(self, how: Malformed) -> Self {
        let body = match how {
            Malformed::Cut => return self.delivered(Delivery::Half),
            Malformed::Half if matches!(self.body, Content::Part(_)) => {
                return self.delivered(Delivery::Half);
            }
            Malformed::Html => Content::Html(PAGE),
            Malformed::Empty => Content::Empty,
            Malformed::Types => Content::Json(match &self.body {
                Content::Json(text) => other_types(text),
                Content::Empty | Content::Html(_) | Content::Xml(_) | Content::Part(_) => "[]".into(),
            }),
            Malformed::Half => match self.body {
                // Half of nothing would be nothing, and nothing is what was to be said.
                Content::Empty => Content::Json("{".into()),
                Content::Json(text) => {
                    let half = text.chars().count() / 2;
                    Content::Json(text.chars().take(half).collect())
                }
                Content::Html(page) => Content::Html(&page[..page.len() / 2]),
                Content::Xml(_) | Content::Part(_) => return self,
            },
        };
        Self { status: 200, body, ..self }
    }

    /// The part of a file that begins one byte later than the one that was asked for. Anything else stays as it is.
    pub(super) fn shifted(self) -> Self {
        match self.body {
            Content::Part(part) => Self { status: 206, body: Content::Part(part.shifted()), ..self },
            _ => self,
        }
    }

    /// What the log says of it.
    pub(super) fn logged(&self) -> Status {
        match self.delivery {
            Delivery::Now | Delivery::Late(_) | Delivery::Half => Status::Answered(self.status),
            Delivery::Never => Status::Dropped,
        }
    }

    /// `packed`: as gzip, in chunks, if it is long enough.
    pub(super) fn into_response(self, packed: bool) -> Response<Body> {
        let (kind, bytes) = match &self.body {
            Content::Empty => ("application/json; charset=utf-8", Bytes::new()),
            Content::Json(text) => ("application/json; charset=utf-8", Bytes::from(text.clone())),
            Content::Html(page) => ("text/html; charset=utf-8", Bytes::from_static(page.as_bytes())),
            Content::Xml(text) => ("application/xml", Bytes::from_static(text.as_bytes())),
            Content::Part(part) => (part.kind, part.bytes.clone()),
        };
        // Storage sends files as they are.
        let packed = packed && !matches!(self.body, Content::Xml(_) | Content::Part(_));
        let gzip = if packed && bytes.len() >= MIN_PACKED { pack(&bytes) } else { None };
        let is_packed = gzip.is_some();
        let body = match (self.delivery, gzip) {
            (Delivery::Half, gzip) => half(&gzip.map_or(bytes, Bytes::from)),
            (_, Some(gzip)) => pieces(gzip),
            (_, None) => Body::from(bytes),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Content::Part(part) = self.body {
            part.describe(self.status, &mut response);
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if is_packed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
        }
        match self.retry_after {
            Some(Pause::Seconds(seconds)) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            Some(Pause::Until { date, now }) => {
                for (name, moment) in [(header::RETRY_AFTER, date), (header::DATE, now)] {
                    if let Ok(value) = HeaderValue::try_from(http_date(moment)) {
                        headers.insert(name, value);
                    }
                }
            }
            None => {}
        }
        response
    }
}

const CHALLENGE: &str = "Bearer error=\"invalid_token\", error_description=\"The access token expired\"";

fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// A body in chunks, without its length in front.
fn pieces(bytes: Vec<u8>) -> Body {
    let bytes = Bytes::from(bytes);
    let pieces: Vec<Result<Bytes, io::Error>> = (0..bytes.len())
        .step_by(PIECE)
        .map(|start| Ok(bytes.slice(start..(start + PIECE).min(bytes.len()))))
        .collect();
    Body::from_stream(stream::iter(pieces))
}

/// The first half of a body, and then an end that no client takes for one.
fn half(bytes: &Bytes) -> Body {
    let first = bytes.slice(..bytes.len() / 2);
    let end = stream::once(async {
        // Lets the server send what it has before it learns that there is no more.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    Body::from_stream(stream::iter([Ok(first)]).chain(end))
}

/// A document of the same names, in which every value has another type.
fn other_types(text: &str) -> String {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let other = |value: Value| match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => json!(["unexpected"]),
        Value::String(_) => json!({ "unexpected": true }),
        Value::Array(_) | Value::Object(_) => json!("unexpected"),
    };
    match document {
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, other(value))).collect::<Value>().to_string()
        }
        document => other(document).to_string(),
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        Self::json(error.status, &error.body()).with_retry_after(error.retry_after.map(Pause::Seconds))
    }
}
