//! What a sender is told when its request was understood.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use riposte_engine::Begun;
use riposte_model::RunId;
use serde_json::{Map, Value, json};

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

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let (status, kind, body) = match self {
            Answer::Handshake(token) => (StatusCode::OK, "text/plain; charset=utf-8", token),
            Answer::Filtered => (StatusCode::OK, "application/json", json!({ "filtered": true }).to_string()),
            Answer::One(run, begun) => {
                (status(&[(run, begun)]), "application/json", entry(run, begun).to_string())
            }
            Answer::Many(runs, filtered) => {
                let entries: Vec<Value> = runs.iter().map(|(run, begun)| entry(*run, *begun)).collect();
                let mut body = json!({ "runs": entries });
                if filtered > 0 {
                    body["filtered_events"] = filtered.into();
                }
                (status(&runs), "application/json", body.to_string())
            }
        };
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
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

fn entry(run: RunId, begun: Begun) -> Value {
    // A delivery that was known is answered with the run that it began the first time.
    let (run, duplicate) = match begun {
        Begun::New => (run, false),
        Begun::Already(first) => (first, true),
    };
    let mut entry = Map::new();
    entry.insert("run_id".into(), run.to_string().into());
    entry.insert("status_url".into(), format!("/api/v1/runs/{run}").into());
    if duplicate {
        entry.insert("duplicate".into(), true.into());
    }
    Value::Object(entry)
}
