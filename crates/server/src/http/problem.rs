//! Everything that a sender can be told is wrong, as RFC 9457 has it.
//!
//! The words are ours and fixed. What went wrong inside goes to the log: no path, no name of an operator and nothing of the
//! body crosses the door, but for what binding says of the value that did not fit.

use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use riposte_engine::{RecordError, StoreError};
use riposte_executor::{BeginError, GateError, HostError};
use serde_json::{Value, json};
use std::time::Duration;

/// Most problems that an answer lists.
const MAX_LISTED: usize = 100;

/// How long a sender is asked to wait for what takes a person to mend.
const FOR_A_PERSON: u64 = 60;

/// Why a request was refused. Nothing was started, but for [`Problem::Journal`], where that is not certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// 404
    NotFound,
    /// 405
    Method,
    /// 401: the sender did not prove itself. One answer for every reason.
    Unproven,
    /// 408
    Slow,
    /// 413, with the limit in bytes.
    TooLarge(u64),
    /// 415
    NotJson,
    /// 400: the body broke off.
    Broken,
    /// 400: the body is not JSON, or too deep; where.
    Malformed {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// 400: a handshake's token has what no token has.
    Handshake,
    /// 422: the body does not fit.
    Unfit(Vec<String>),
    /// 409: as many runs of the playbook as may be are under way, and it says `when_full: skip`.
    Skipped,
    /// 429, and when there is room.
    Rate(Duration),
    /// 503: too much at once.
    Busy,
    /// 503: an operator has stopped what this would start.
    Stopped,
    /// 503: the disk is full.
    DiskFull,
    /// 503: it could not be recorded.
    Journal,
    /// 503: the configuration does not allow it to run.
    Configuration,
    /// 503: going down.
    Closing,
}

impl From<&HostError> for Problem {
    fn from(error: &HostError) -> Self {
        match error {
            HostError::Begin(BeginError::Stopped { .. }) => Problem::Stopped,
            HostError::Begin(BeginError::Gate(GateError::Full { .. })) => Problem::Skipped,
            HostError::Begin(BeginError::Gate(GateError::Key(key))) => {
                Problem::Unfit(vec![format!("the key of `concurrency` cannot be computed: {key}")])
            }
            HostError::Begin(BeginError::NoConnection(_)) => Problem::Configuration,
            HostError::Begin(BeginError::Record(RecordError::Store(StoreError::Full(_))))
            | HostError::Store(StoreError::Full(_)) => Problem::DiskFull,
            HostError::Begin(BeginError::Record(_)) | HostError::Store(_) => Problem::Journal,
            HostError::Busy => Problem::Busy,
            HostError::Closing => Problem::Closing,
        }
    }
}

impl Problem {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Problem::NotFound => StatusCode::NOT_FOUND,
            Problem::Method => StatusCode::METHOD_NOT_ALLOWED,
            Problem::Unproven => StatusCode::UNAUTHORIZED,
            Problem::Slow => StatusCode::REQUEST_TIMEOUT,
            Problem::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Problem::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Problem::Broken | Problem::Malformed { .. } | Problem::Handshake => StatusCode::BAD_REQUEST,
            Problem::Unfit(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Problem::Skipped => StatusCode::CONFLICT,
            Problem::Rate(_) => StatusCode::TOO_MANY_REQUESTS,
            Problem::Busy
            | Problem::Stopped
            | Problem::DiskFull
            | Problem::Journal
            | Problem::Configuration
            | Problem::Closing => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Its name, the last part of `type`, and its title.
    fn names(&self) -> (&'static str, &'static str) {
        match self {
            Problem::NotFound => ("not-found", "Nothing is at this address"),
            Problem::Method => ("method", "A webhook takes POST"),
            Problem::Unproven => ("unauthorized", "The sender did not prove who it is"),
            Problem::Slow => ("slow", "The body took too long to come"),
            Problem::TooLarge(_) => ("too-large", "The body is too large"),
            Problem::NotJson => ("not-json", "Only JSON is taken"),
            Problem::Broken => ("broken", "The body did not come to its end"),
            Problem::Malformed { .. } => ("malformed", "The body is not JSON"),
            Problem::Handshake => ("handshake", "This is no validation token"),
            Problem::Unfit(_) => ("unfit", "The body does not fit the playbook"),
            Problem::Skipped => ("skipped", "The playbook is under way already"),
            Problem::Rate(_) => ("rate", "Too many requests in this time"),
            Problem::Busy => ("busy", "Too much is under way"),
            Problem::Stopped => ("stopped", "An operator has stopped this"),
            Problem::DiskFull => ("disk-full", "The journal's disk is full"),
            Problem::Journal => ("journal", "The journal did not take it"),
            Problem::Configuration => ("configuration", "The playbook cannot run with this configuration"),
            Problem::Closing => ("closing", "riposte is stopping"),
        }
    }

    fn detail(&self) -> Option<String> {
        Some(match self {
            Problem::TooLarge(limit) => format!("at most {limit} bytes are taken"),
            Problem::NotJson => {
                "send `Content-Type: application/json`, in UTF-8, without a Content-Encoding".to_owned()
            }
            Problem::Malformed { line, column } => {
                format!("line {line}, column {column}: not JSON, or nested more than 127 levels deep")
            }
            Problem::Skipped => "it says `when_full: skip`; nothing was started".to_owned(),
            Problem::Unfit(problems) => match problems.len() {
                1 => "1 problem; nothing was started".to_owned(),
                count if count > MAX_LISTED => {
                    format!("{count} problems, of which {MAX_LISTED} are listed; nothing was started")
                }
                count => format!("{count} problems; nothing was started"),
            },
            _ => return None,
        })
    }

    /// In how many seconds it may be worth to try again.
    fn retry_after(&self) -> Option<u64> {
        match self {
            // Rounded up: a sender that comes too early is only sent away again.
            Problem::Rate(pause) => Some((pause.as_secs() + u64::from(pause.subsec_nanos() > 0)).max(1)),
            Problem::Busy => Some(1),
            Problem::Closing | Problem::Journal => Some(5),
            Problem::Stopped | Problem::DiskFull | Problem::Configuration => Some(FOR_A_PERSON),
            _ => None,
        }
    }

    fn document(&self) -> Value {
        let (name, title) = self.names();
        let mut document = json!({
            "type": format!("urn:riposte:problem:{name}"),
            "title": title,
            "status": self.status().as_u16(),
        });
        if let Some(detail) = self.detail() {
            document["detail"] = detail.into();
        }
        if let Problem::Unfit(problems) = self {
            document["problems"] = problems.iter().take(MAX_LISTED).cloned().collect();
        }
        document
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.document().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(seconds) = self.retry_after() {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        match self {
            Problem::Unproven => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Webhook realm=\"hooks\""));
            }
            Problem::Method => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            _ => {}
        }
        response
    }
}
