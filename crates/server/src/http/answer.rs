//! What a sender is told when its request was understood.

use crate::api::status_url;
use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use riposte_engine::Begun;
use riposte_model::RunId;
use serde::Serialize;
use utoipa::ToSchema;

/// What came of a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// No trigger wants it.
    Filtered,
    /// Its run has begun, or had.
    One(RunId, Begun),
    /// Its runs have begun, or had; and how many events no trigger wanted. For a webhook whose requests may ask for
    /// several, however many this one asked for: who reads the answer need not guess its shape.
    Many(Vec<(RunId, Begun)>, usize),
    /// Microsoft Graph asks whether somebody is here, and wants to hear its token.
    Handshake(String),
}

/// What a sender hears of its event.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Heard {
    /// No trigger wants it.
    Filtered {
        /// Always true.
        filtered: bool,
    },
    /// The run that it has begun.
    One(Entry),
    /// The runs that it has begun, where a request may begin several.
    Many {
        /// In the order in which they were asked for.
        runs: Vec<Entry>,
        /// How many events no trigger wanted.
        #[serde(skip_serializing_if = "is_nothing")]
        #[schema(required = false, minimum = 1)]
        filtered_events: usize,
    },
}

/// A run that was begun.
#[derive(Serialize, ToSchema)]
#[schema(as = HeardRun)]
pub(super) struct Entry {
    /// The run's id.
    #[schema(pattern = "^run_[0-9a-f]{32}$")]
    run_id: String,
    /// Where to look at it, with a token.
    status_url: String,
    /// Whether it had begun before; absent, if it has not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    duplicate: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_nothing(count: &usize) -> bool {
    *count == 0
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self {
            Answer::Handshake(token) => {
                let kind = HeaderValue::from_static("text/plain; charset=utf-8");
                (StatusCode::OK, [(CONTENT_TYPE, kind)], token).into_response()
            }
            Answer::Filtered => (StatusCode::OK, Json(Heard::Filtered { filtered: true })).into_response(),
            Answer::One(run, begun) => {
                (status(&[(run, begun)]), Json(Heard::One(entry(run, begun)))).into_response()
            }
            Answer::Many(runs, filtered_events) => {
                let entries = runs.iter().map(|(run, begun)| entry(*run, *begun)).collect();
                (status(&runs), Json(Heard::Many { runs: entries, filtered_events })).into_response()
            }
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
}

/// Accepted, if anything has begun.
fn status(runs: &[(RunId, Begun)]) -> StatusCode {
    let any = runs.iter().any(|(_, begun)| *begun == Begun::New);
    if any { StatusCode::ACCEPTED } else { StatusCode::OK }
}

fn entry(run: RunId, begun: Begun) -> Entry {
    // A delivery that was known is answered with the run that it began the first time.
    let (run, duplicate) = match begun {
        Begun::New => (run, false),
        Begun::Already(first) => (first, true),
    };
    Entry { run_id: run.to_string(), status_url: status_url(run), duplicate }
}
