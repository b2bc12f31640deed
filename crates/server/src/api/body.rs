//! What a request says: its body, its query and the names in its address. What does not fit is a problem of one shape.

use super::Api;
use crate::http::{Limits, receive};
use crate::problem::{Kind, Problem};
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use riposte_model::{PlaybookName, RunId};
use serde::de::{DeserializeOwned, IgnoredAny};
use std::sync::Arc;

/// Most bytes of a body.
const MAX_BODY: u64 = 1 << 20;

/// A body in JSON. None at all is an empty object.
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let limits = Limits { body: MAX_BODY, ..Limits::default() };
        let mut body = receive::read(&head.headers, body, &limits).await?;
        if body.is_empty() {
            body.extend_from_slice(b"{}");
        } else {
            receive::check_kind(&head.headers)?;
        }
        object(&body).map(Sent)
    }
}

fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // Whether it is JSON at all, and then whether it is an object: serde would take a list for one, field by field.
    serde_json::from_slice::<IgnoredAny>(body)
        .map_err(|error| Problem::malformed(error.line(), error.column()))?;
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Problem::with(Kind::Invalid, "an object is taken here"));
    }
    serde_json::from_slice(body).map_err(|error| Problem::with(Kind::Invalid, error.to_string()))
}

/// What stands behind the question mark.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let refused = |error: QueryRejection| Problem::with(Kind::BadRequest, error.body_text());
        query.map(|Query(asked)| Asked(asked)).map_err(refused)
    }
}

/// The run that an address names, by its id or by the beginning of it.
pub(super) struct TheRun(pub(super) RunId);

/// Most runs that the beginning of an id may name before they are only counted.
const AMBIGUOUS: usize = 5;

impl FromRequestParts<Arc<Api>> for TheRun {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let text = named(parts, api).await?;
        if let Ok(id) = text.parse() {
            return Ok(TheRun(id));
        }
        let hex = text.strip_prefix("run_").unwrap_or_default();
        if hex.is_empty() || !hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            let detail = "a run's id is run_ and 32 hexadecimal digits, and this is no beginning of one";
            return Err(Problem::with(Kind::NotFound, detail));
        }
        let most = u32::try_from(AMBIGUOUS + 1).unwrap_or(u32::MAX);
        match api.store.runs_like(&text, most).await?.as_slice() {
            [one] => Ok(TheRun(*one)),
            [] => Err(Problem::with(Kind::NotFound, format!("no run's id begins with `{text}`"))),
            several if several.len() > AMBIGUOUS => {
                Err(Problem::with(Kind::NotFound, format!("the ids of many runs begin with `{text}`")))
            }
            several => {
                let list: Vec<String> = several.iter().map(ToString::to_string).collect();
                let detail = format!("the ids of several runs begin with `{text}`: {}", list.join(", "));
                Err(Problem::with(Kind::NotFound, detail))
            }
        }
    }
}

/// The playbook that an address names.
pub(super) struct ThePlaybook(pub(super) PlaybookName);

impl<S: Send + Sync> FromRequestParts<S> for ThePlaybook {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = named(parts, state).await?;
        PlaybookName::parse(&text).map(ThePlaybook).map_err(|error| {
            // What can be no name is the name of nothing.
            Problem::with(Kind::NotFound, error.to_string())
        })
    }
}

async fn named<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, Problem> {
    let path = Path::<String>::from_request_parts(parts, state).await;
    path.map(|Path(text)| text).map_err(|_| Problem::new(Kind::NotFound))
}
