//! From an answer's status, headers and body to a document or an error. Pure.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use serde_json::Value;
use url::Url;

use crate::{
    error::{Error, ErrorCode, Loss, Refusal},
    redact::Censor,
    wire::{Fields, json, without_mark},
};

/// Largest body of an answer without success that is read. What does not fit is as good as none: the status has decided.
pub(crate) const MAX_ERROR_BYTES: usize = 64 * 1024;
/// Longest pause that a server can ask for; more is taken as this.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// Reads the document of a success. An empty body is `Null`.
pub(crate) fn document(host: &str, body: &[u8]) -> Result<Value, Error> {
    if without_mark(body).iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    json(body).ok_or_else(|| Error::Lost { host: host.into(), loss: Loss::NotJson, source: None })
}

/// What an answer without success means.
pub(crate) fn failure(
    host: &str,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    censor: &Censor<'_>,
) -> Error {
    let Said { code, message, request_id } = Said::read(body, censor);
    match status {
        429 => Error::Throttled { code, message, request_id, retry_after: retry_after(headers) },
        // The server gave up waiting for the request, or a gateway for the server: it says nothing about the effect.
        408 | 499 => Error::Unexpected { host: host.into(), status },
        400..=499 => {
            let kind = Refusal::of(status, &code, &message);
            Error::Refused { status, code, message, request_id, kind }
        }
        500..=599 => Error::Server { status, code, message, request_id, retry_after: retry_after(headers) },
        300..=399 => Error::Redirected { host: host.into(), status, target: redirect_host(headers) },
        _ => Error::Unexpected { host: host.into(), status },
    }
}

/// The `error` object of an answer: `{"error":{"code","message","target"}}`.
struct Said {
    code: ErrorCode,
    message: String,
    request_id: Option<String>,
}

impl Said {
    fn read(body: &[u8], censor: &Censor<'_>) -> Said {
        let document = json(body).unwrap_or_default();
        let inner = Fields::of(&document, "an error").ok().and_then(|mut outer| outer.object("error"));
        // Gateways in front of the service leave the outer object away.
        let mut error = inner.or_else(|| Fields::of(&document, "an error").ok());
        let mut text = |name| error.as_mut().and_then(|error| error.text(name)).unwrap_or_default();
        let message = censor.message(&text("message"));
        let request_id = Some(censor.code(&text("target"))).filter(|id| !id.is_empty());
        Said {
            code: ErrorCode::from(censor.code(&text("code")).as_str()),
            message: if message.is_empty() { "without a message".into() } else { message },
            request_id,
        }
    }
}

/// `Retry-After` in seconds or as an HTTP date.
///
/// A date is compared with the answer's own `Date`, so that neither a clock nor its difference from the server's matters.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let wait = text(RETRY_AFTER)?;
    if let Ok(seconds) = wait.parse() {
        return Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
    }
    let moment = |text| DateTime::parse_from_rfc2822(text).ok();
    let pause = moment(wait)? - moment(text(DATE)?)?;
    Some(pause.to_std().unwrap_or_default().min(MAX_RETRY_AFTER))
}

fn redirect_host(headers: &HeaderMap) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    Url::parse(location).ok()?.host_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_bounded() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (wait, expected) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("999999999", Some(86_400)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("", None),
        ] {
            let headers = headers(&[(RETRY_AFTER, wait), (DATE, date)]);
            assert_eq!(retry_after(&headers), expected.map(Duration::from_secs), "{wait}");
        }
        assert_eq!(retry_after(&headers(&[(RETRY_AFTER, date)])), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn an_error_is_read_from_whatever_body_there_is() {
        let read = |body: &str| {
            let said = Said::read(body.as_bytes(), &Censor::hiding(&[]));
            (said.code.as_str().to_owned(), said.message, said.request_id)
        };
        let full = r#"{"error":{"code":"NotFound","message":"no\nmachine","target":"r-1"}}"#;
        assert_eq!(read(full), ("NotFound".into(), "no machine".into(), Some("r-1".into())));
        let marked = format!("\u{feff}{full}");
        assert_eq!(read(&marked), read(full));
        let spelled = r#"{"Error":{"Code":404,"MESSAGE":"no","Target":null}}"#;
        assert_eq!(read(spelled), ("404".into(), "no".into(), None));
        assert_eq!(read(r#"{"Message":"bare"}"#), (String::new(), "bare".into(), None));
        for odd in ["", "<html>", "[]", "null", r#"{"error":"x"}"#, r#"{"error":{"code":[],"message":{}}}"#] {
            assert_eq!(read(odd), (String::new(), "without a message".into(), None), "{odd}");
        }
    }

    #[test]
    fn an_empty_success_is_null_and_a_mark_is_skipped() {
        assert_eq!(document("h", b" \r\n").ok(), Some(Value::Null));
        assert_eq!(document("h", b"\xef\xbb\xbf4").ok(), Some(Value::from(4)));
        assert!(matches!(document("h", b"{"), Err(Error::Lost { loss: Loss::NotJson, source: None, .. })));
    }
}
