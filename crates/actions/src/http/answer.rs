//! What an answer means for a run. Pure but for reading the body.

use super::spec::{KEPT_HEADERS, REQUEST};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, LOCATION, RETRY_AFTER};
use riposte_engine::Outcome;
use riposte_model::{ActionName, ErrorKind, Failure, ProviderDetail};
use serde_json::{Map, Value, json};
use std::time::Duration;
use url::Url;

/// Most bytes of an answer that are read, after decompression. Of what is read, a run keeps at most the engine's own limit.
pub(super) const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// Most bytes of a header that is kept.
const MAX_HEADER: usize = 1024;
/// Longest pause that a service can ask for; more is taken as this.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// One call, in the words of its messages.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) action: &'a ActionName,
    /// The host.
    pub(super) name: &'a str,
    pub(super) method: &'a str,
    /// Statuses that are a success; empty: 200 to 299.
    pub(super) expected: &'a [u16],
}

impl Call<'_> {
    fn is_expected(&self, status: u16) -> bool {
        if self.expected.is_empty() { (200..300).contains(&status) } else { self.expected.contains(&status) }
    }

    fn acts(&self) -> bool {
        self.action.as_str() == REQUEST
    }

    /// The status decides; `None`: it is a success, and the body is to be read.
    pub(super) fn unexpected(&self, status: u16, headers: &HeaderMap) -> Option<Outcome> {
        if self.is_expected(status) {
            return None;
        }
        let failure = |kind, more: &str| Failure {
            kind,
            message: format!("{} answered {} with {status}{more}", self.name, self.method),
            provider: Some(ProviderDetail {
                status: Some(status),
                code: None,
                request_id: kept(headers).get("x-request-id").and_then(Value::as_str).map(str::to_owned),
            }),
            retry_after_ms: retry_after(headers).and_then(|pause| u64::try_from(pause.as_millis()).ok()),
        };
        Some(match status {
            // What a 4xx refuses, it has not done. These two only say that somebody waited too long.
            408 | 499 => Outcome::Unknown(failure(ErrorKind::Unavailable, "")),
            429 => Outcome::Failed(failure(ErrorKind::Throttled, "")),
            401 => Outcome::Failed(failure(ErrorKind::Unauthorized, "")),
            403 => Outcome::Failed(failure(ErrorKind::Forbidden, "")),
            404 | 410 => Outcome::Failed(failure(ErrorKind::NotFound, "")),
            409 => Outcome::Failed(failure(ErrorKind::Conflict, "")),
            400..=499 => Outcome::Failed(failure(ErrorKind::Invalid, "")),
            // It may have failed after it had done it, whatever it says of later.
            500..=599 => Outcome::Unknown(failure(ErrorKind::Unavailable, "")),
            300..=399 => {
                let to = redirect_host(headers).map_or_else(String::new, |host| format!(" to {host}"));
                let more = format!(", a redirect{to}, and none is followed: write where it leads into `url`");
                Outcome::Unknown(failure(ErrorKind::Invalid, &more))
            }
            _ => Outcome::Unknown(failure(ErrorKind::Invalid, ", which is not among `expect`")),
        })
    }

    /// What came of a call that was answered as expected.
    pub(super) fn answered(
        &self,
        status: u16,
        headers: &HeaderMap,
        body: Result<Vec<u8>, Unread>,
        secret: Option<&str>,
    ) -> Outcome {
        let read = body.and_then(|bytes| document(headers, &bytes));
        let mut output = json!({ "status": status, "headers": kept(headers), "body": null });
        match read {
            Ok(body) => output["body"] = body,
            // What was done was done; only what was said of it is lost.
            Err(unread) if self.acts() => output["left_out"] = json!(unread.to_string()),
            Err(unread) => {
                let kind = match unread {
                    Unread::Broken => ErrorKind::Unavailable,
                    Unread::TooLarge | Unread::NotJson | Unread::NotText => ErrorKind::Invalid,
                };
                return Outcome::Failed(Failure::new(kind, format!("{} answered, and {unread}", self.name)));
            }
        }
        if let Some(secret) = secret {
            hide(&mut output, secret);
        }
        Outcome::Done(output)
    }
}

/// Why there is no body to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    #[error("the answer broke off")]
    Broken,
    #[error("the answer has more than {MAX_ANSWER_BYTES} bytes")]
    TooLarge,
    #[error("the answer is not the JSON that its type says")]
    NotJson,
    #[error("the answer is not text in UTF-8")]
    NotText,
}

/// Reads a body chunk by chunk and stops at the limit; nothing built in does.
pub(super) async fn read(mut response: reqwest::Response) -> Result<Vec<u8>, Unread> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > MAX_ANSWER_BYTES => return Err(Unread::TooLarge),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(_) => return Err(Unread::Broken),
        }
    }
}

/// JSON as its value, where the type says so; everything else as text.
fn document(headers: &HeaderMap, body: &[u8]) -> Result<Value, Unread> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.is_empty() {
        return Ok(Value::Null);
    }
    if is_json(headers) {
        // The parser's own message is dropped: it may quote the body.
        return serde_json::from_slice(body).map_err(|_| Unread::NotJson);
    }
    std::str::from_utf8(body).map(Value::from).map_err(|_| Unread::NotText)
}

/// `application/json`, or a dialect of it (RFC 6839).
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
}

fn kept(headers: &HeaderMap) -> Map<String, Value> {
    let text = |name: &str| headers.get(name)?.to_str().ok().filter(|text| text.len() <= MAX_HEADER);
    KEPT_HEADERS
        .iter()
        .filter_map(|name| {
            let text = text(name)?;
            // What stands behind `?` may be a key to what the address names.
            let text =
                if *name == LOCATION.as_str() { text.split(['?', '#']).next().unwrap_or("") } else { text };
            Some(((*name).to_owned(), Value::from(text)))
        })
        .collect()
}

fn redirect_host(headers: &HeaderMap) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    Url::parse(location).ok()?.host_str().map(str::to_owned)
}

/// `Retry-After` in seconds or as an HTTP date, which is compared with the answer's own `Date`, so that no clock matters.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let wait = text(RETRY_AFTER)?;
    let moment = |text| chrono::DateTime::parse_from_rfc2822(text).ok();
    let pause = match wait.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => (moment(wait)? - moment(text(DATE)?)?).to_std().unwrap_or_default(),
    };
    Some(pause.min(MAX_RETRY_AFTER))
}

/// A service may repeat what it was sent. The secret that went there does not come into the journal so.
fn hide(value: &mut Value, secret: &str) {
    match value {
        Value::String(text) if text.contains(secret) => *text = text.replace(secret, "[secret]"),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, secret)),
        Value::Object(map) => {
            map.values_mut().for_each(|item| hide(item, secret));
            if map.keys().any(|key| key.contains(secret)) {
                *map = std::mem::take(map)
                    .into_iter()
                    .map(|(key, value)| (key.replace(secret, "[secret]"), value))
                    .collect();
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::spec::GET;
    use reqwest::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
            })
            .collect()
    }

    fn action(name: &str) -> ActionName {
        ActionName::parse(name).unwrap()
    }

    fn call<'a>(action: &'a ActionName, expected: &'a [u16]) -> Call<'a> {
        Call { action, name: "api.example.com", method: "POST", expected }
    }

    #[test]
    fn a_status_says_what_may_have_been_done() {
        let action = action(REQUEST);
        let mut said = Vec::new();
        for status in
            [199, 301, 303, 400, 401, 403, 404, 408, 409, 410, 422, 425, 429, 499, 500, 501, 503, 600]
        {
            let headers = headers(&[
                ("retry-after", "7"),
                ("location", "https://other.example/x?token=hush"),
                ("x-request-id", "r-1"),
            ]);
            let (certain, failure) = match call(&action, &[]).unexpected(status, &headers).unwrap() {
                Outcome::Failed(failure) => ("failed ", failure),
                Outcome::Unknown(failure) => ("unknown", failure),
                other => panic!("{other:?}"),
            };
            assert_eq!(failure.retry_after_ms, Some(7000));
            let detail = failure.provider.clone().unwrap();
            assert_eq!((detail.status, detail.request_id.as_deref()), (Some(status), Some("r-1")));
            said.push(format!("{certain} {failure}"));
        }
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn what_is_expected_is_a_success_and_nothing_else_is() {
        let action = action(REQUEST);
        let expected = |status, expected: &[u16]| call(&action, expected).unexpected(status, &headers(&[]));
        for status in [200, 204, 299] {
            assert_eq!(expected(status, &[]), None);
        }
        assert_eq!(expected(404, &[404]), None);
        assert_eq!(expected(503, &[200, 503]), None);
        // It was done, though not as it was meant to be.
        assert!(matches!(expected(200, &[201]), Some(Outcome::Unknown(failure))
            if failure.message == "api.example.com answered POST with 200, which is not among `expect`"));
    }

    fn answered(
        name: &str,
        pairs: &[(&str, &str)],
        body: Result<&[u8], Unread>,
        secret: Option<&str>,
    ) -> Outcome {
        let action = action(name);
        call(&action, &[]).answered(200, &headers(pairs), body.map(<[u8]>::to_vec), secret)
    }

    fn output(pairs: &[(&str, &str)], body: &[u8], secret: Option<&str>) -> Value {
        match answered(GET, pairs, Ok(body), secret) {
            Outcome::Done(output) => output,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_body_is_what_its_type_says() {
        let body = |kind: &str, body: &[u8]| output(&[("content-type", kind)], body, None)["body"].clone();
        assert_eq!(body("application/json", b"\xef\xbb\xbf{\"a\":1}"), json!({ "a": 1 }));
        assert_eq!(body("Application/Problem+JSON; charset=utf-8", b"[]"), json!([]));
        assert_eq!(body("text/html", b"ok"), json!("ok"));
        assert_eq!(body("", "é".as_bytes()), json!("é"));
        assert_eq!(body("application/json", b""), json!(null));
    }

    #[test]
    fn few_headers_are_kept_and_no_key_of_an_address() {
        let output = output(
            &[
                ("Content-Type", "text/plain"),
                ("Set-Cookie", "session=hush"),
                ("Location", "https://api.example.com/jobs/7?sig=hush"),
                ("ETag", &"a".repeat(MAX_HEADER + 1)),
            ],
            b"",
            None,
        );
        let kept = json!({ "content-type": "text/plain", "location": "https://api.example.com/jobs/7" });
        assert_eq!(output, json!({ "status": 200, "headers": kept, "body": null }));
    }

    #[test]
    fn a_secret_that_comes_back_is_hidden() {
        let pairs = [("content-type", "application/json"), ("etag", "hush-hush")];
        let body = br#"{ "headers": [{ "authorization": "Bearer hush-hush" }], "x-hush-hush": 1 }"#;
        let output = output(&pairs, body, Some("hush-hush"));
        assert_eq!(
            output["body"],
            json!({ "headers": [{ "authorization": "Bearer [secret]" }], "x-[secret]": 1 })
        );
        assert_eq!(output["headers"]["etag"], "[secret]");
    }

    #[test]
    fn an_answer_that_cannot_be_used_fails_a_question_and_not_what_was_done() {
        let json_type: &[(&str, &str)] = &[("content-type", "application/json")];
        for (pairs, body, kind, why) in [
            (json_type, Ok(&b"{\"a\":"[..]), ErrorKind::Invalid, Unread::NotJson),
            (&[], Ok(&b"\xff\xfe"[..]), ErrorKind::Invalid, Unread::NotText),
            (&[], Err(Unread::TooLarge), ErrorKind::Invalid, Unread::TooLarge),
            (&[], Err(Unread::Broken), ErrorKind::Unavailable, Unread::Broken),
        ] {
            let Outcome::Failed(failure) = answered(GET, pairs, body, None) else { panic!() };
            assert_eq!(failure.kind, kind);
            assert_eq!(failure.message, format!("api.example.com answered, and {why}"));
            let Outcome::Done(output) = answered(REQUEST, pairs, body, None) else { panic!() };
            assert_eq!((&output["body"], &output["left_out"]), (&Value::Null, &json!(why.to_string())));
        }
    }

    #[test]
    fn a_pause_is_read_in_both_forms_and_bounded() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (wait, expected) in [
            ("7", Some(7)),
            ("999999999", Some(86_400)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let headers = headers(&[("retry-after", wait), ("date", date)]);
            assert_eq!(retry_after(&headers), expected.map(Duration::from_secs), "{wait}");
        }
        assert_eq!(retry_after(&headers(&[("retry-after", date)])), None);
    }
}
