//! Everything that somebody who asks can be told is wrong, as RFC 9457 has it: one shape for webhooks and for the API.
//!
//! Titles are ours and fixed. What went wrong inside goes to the log: nothing of a body, no path and no secret crosses the
//! door. Only who has proved who it is, at the API, is told an error's own words as the detail.

mod kind;
mod refused;

pub use kind::Kind;

use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// Most problems that an answer lists.
const MAX_LISTED: usize = 100;

/// The kind of content that a problem is.
pub(crate) const CONTENT: &str = "application/problem+json";

/// Why a request was refused. Nothing was done, but for [`Kind::Journal`] and [`Kind::NotYet`], where that is not certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    kind: Kind,
    detail: Option<String>,
    problems: Vec<String>,
    retry_after: Option<u64>,
}

impl Problem {
    /// Of this kind, which says all there is to say.
    pub fn new(kind: Kind) -> Problem {
        Problem { kind, detail: None, problems: Vec::new(), retry_after: kind.retry_after() }
    }

    /// Of this kind, and what is wrong in one sentence.
    pub fn with(kind: Kind, detail: impl Into<String>) -> Problem {
        Problem { detail: Some(detail.into()), ..Problem::new(kind) }
    }

    /// A body of which at most so many bytes are taken.
    pub(crate) fn too_large(limit: u64) -> Problem {
        Problem::with(Kind::TooLarge, format!("at most {limit} bytes are taken"))
    }

    /// A body that is no JSON, or too deep; line and column from 1.
    pub(crate) fn malformed(line: usize, column: usize) -> Problem {
        Problem::with(
            Kind::Malformed,
            format!("line {line}, column {column}: not JSON, or nested more than 127 levels deep"),
        )
    }

    /// What does not fit a playbook, each in one sentence.
    pub(crate) fn unfit(problems: Vec<String>) -> Problem {
        let detail = match problems.len() {
            1 => "1 problem; nothing was started".to_owned(),
            count if count > MAX_LISTED => {
                format!("{count} problems, of which {MAX_LISTED} are listed; nothing was started")
            }
            count => format!("{count} problems; nothing was started"),
        };
        Problem { problems, ..Problem::with(Kind::Unfit, detail) }
    }

    /// More than the rate, and when there is room again.
    pub(crate) fn rate(pause: Duration) -> Problem {
        // Rounded up: a sender that comes too early is only sent away again.
        let seconds = (pause.as_secs() + u64::from(pause.subsec_nanos() > 0)).max(1);
        Problem { retry_after: Some(seconds), ..Problem::new(Kind::Rate) }
    }

    /// What is wrong.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    fn document(self) -> Document {
        let mut problems = self.problems;
        problems.truncate(MAX_LISTED);
        Document {
            kind: format!("urn:riposte:problem:{}", self.kind.name()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail,
            problems,
        }
    }
}

/// What is wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Document {
    /// What kind of problem it is: `urn:riposte:problem:` and a name that stays the same.
    #[serde(rename = "type")]
    #[schema(example = "urn:riposte:problem:not-found")]
    kind: String,
    /// The same for people.
    title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong this time, where there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<String>,
    /// Everything that does not fit, one sentence for each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    problems: Vec<String>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (kind, retry_after) = (self.kind, self.retry_after);
        let document = self.document();
        // Texts and a number always have a JSON.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (kind.status(), body).into_response();
        let headers = response.headers_mut();
        let mut says = |name: HeaderName, text| headers.insert(name, HeaderValue::from_static(text));
        says(CONTENT_TYPE, CONTENT);
        says(CACHE_CONTROL, "no-store");
        says(X_CONTENT_TYPE_OPTIONS, "nosniff");
        if let Some(challenge) = kind.challenge() {
            says(WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
