//! A request's body, bounded in size and time, and only of a kind that is read here.

use super::limits::Limits;
use crate::problem::{Kind, Problem};
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use futures_util::StreamExt;

/// Whether the body says that it is plain JSON.
pub(crate) fn check_kind(headers: &HeaderMap) -> Result<(), Problem> {
    let packed = headers
        .get(CONTENT_ENCODING)
        .is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if packed || !is_json(kind) { Err(not_json()) } else { Ok(()) }
}

fn not_json() -> Problem {
    let detail = "send `Content-Type: application/json`, in UTF-8, without a Content-Encoding";
    Problem::with(Kind::NotJson, detail)
}

fn is_json(kind: &str) -> bool {
    if kind == "application/json" {
        return true;
    }
    let kind = kind.to_ascii_lowercase();
    let mut parts = kind.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let structured = essence
        .strip_prefix("application/")
        .and_then(|sub| sub.strip_suffix("+json"))
        .is_some_and(|sub| !sub.is_empty());
    let mut charsets = parts.filter_map(|part| part.strip_prefix("charset="));
    (essence == "application/json" || structured)
        && charsets.all(|charset| matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii"))
}

/// Reads the body to its end.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limits: &Limits) -> Result<Vec<u8>, Problem> {
    let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|length| length > limits.body) {
        return Err(Problem::too_large(limits.body));
    }
    match tokio::time::timeout(limits.body_time, collect(body, limits.body)).await {
        Ok(read) => read,
        Err(_) => Err(Problem::new(Kind::Slow)),
    }
}

async fn collect(body: Body, limit: u64) -> Result<Vec<u8>, Problem> {
    let mut read = Vec::new();
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Kind::Broken))?;
        if (read.len() + chunk.len()) as u64 > limit {
            return Err(Problem::too_large(limit));
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn only_json_in_utf_8_is_json() {
        for (kind, expected) in [
            ("application/json", true),
            ("Application/JSON; Charset=\"UTF-8\"", true),
            ("application/cloudevents+json; charset=utf-8", true),
            ("application/json; charset=utf-16", false),
            ("application/+json", false),
            ("application/jsonx", false),
            ("text/json", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            assert_eq!(is_json(kind), expected, "{kind}");
        }
    }
}
