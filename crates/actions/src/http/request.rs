//! From a step's arguments to a request. Pure.

use super::settings::{Auth, Place};
use super::{Arguments, invalid, refused};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use riposte_model::Failure;
use serde_json::{Map, Value};
use url::form_urlencoded;

/// Most headers that a step may set.
pub(super) const MAX_HEADERS: usize = 50;
/// Most bytes of their names and values together.
pub(super) const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Most bytes of a body that is sent.
pub(super) const MAX_BODY_BYTES: usize = 1 << 20;

/// Who a request is to be from belongs to the connection.
const CREDENTIALS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];
/// What says how bytes are carried is the client's own.
const CARRIAGE: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What is sent, but for the address.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Vec<u8>>,
}

impl Outgoing {
    /// A question.
    pub(super) fn get(arguments: &Arguments, auth: Option<&Auth>) -> Result<Self, Failure> {
        let headers = headers(arguments, auth)?;
        Ok(Outgoing { method: Method::GET, headers, body: None })
    }

    /// Anything else.
    pub(super) fn acting(arguments: &Arguments, auth: Option<&Auth>) -> Result<Self, Failure> {
        let method = arguments.get("method").and_then(Value::as_str).unwrap_or_default();
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| invalid("`method` is no method: POST, PUT, PATCH or DELETE"))?;
        let mut headers = headers(arguments, auth)?;
        let (kind, body) = match (arguments.get("json"), arguments.get("form")) {
            (Some(_), Some(_)) => {
                return Err(invalid("a request has one body: `json` and `form` exclude each other"));
            }
            (Some(json), None) => ("application/json", Some(json.to_string().into_bytes())),
            (None, Some(form)) => {
                let fields = pairs("form", form)?;
                let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                ("application/x-www-form-urlencoded", Some(text.into_bytes()))
            }
            (None, None) => ("", None),
        };
        if let Some(size) = body.as_ref().map(Vec::len).filter(|size| *size > MAX_BODY_BYTES) {
            return Err(invalid(format!("the body has {size} bytes, more than {MAX_BODY_BYTES}")));
        }
        if body.is_some() {
            // A dialect of JSON has a name of its own, and the step says which.
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(kind));
        }
        Ok(Outgoing { method, headers, body })
    }
}

/// Names and values to put behind `?`.
pub(super) fn query(arguments: &Arguments) -> Result<Vec<(String, String)>, Failure> {
    arguments.get("query").map_or(Ok(Vec::new()), |query| pairs("query", query))
}

/// The headers that a step sets, and the connection's own.
fn headers(arguments: &Arguments, auth: Option<&Auth>) -> Result<HeaderMap, Failure> {
    let none = Map::new();
    let given = match arguments.get("headers") {
        None => &none,
        Some(value) => value.as_object().ok_or_else(|| invalid("`headers` must be an object"))?,
    };
    if given.len() > MAX_HEADERS {
        return Err(invalid(format!("`headers` has {} headers, more than {MAX_HEADERS}", given.len())));
    }
    let ours = match auth {
        Some(Auth { place: Place::Header(name, value), .. }) => Some((name, value)),
        Some(Auth { place: Place::Url, .. }) | None => None,
    };
    let (mut headers, mut size) = (HeaderMap::new(), 0);
    for (name, value) in given {
        let wrong = |what: &str| invalid(format!("the header {name:?} {what}"));
        let known = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| wrong("has a name that no header can have"))?;
        if CREDENTIALS.contains(&known.as_str()) || ours.is_some_and(|(ours, _)| *ours == known) {
            return Err(refused(format!(
                "the header `{known}` does not belong into a playbook: put the secret under the connection's `auth`"
            )));
        }
        if CARRIAGE.contains(&known.as_str()) {
            return Err(refused(format!("the header `{known}` is not for a step to set")));
        }
        let text = scalar(value).ok_or_else(|| wrong("must be a text, a number or a boolean"))?;
        size += name.len() + text.len();
        let value = HeaderValue::from_str(&text).map_err(|_| wrong("has signs that no header can have"))?;
        if headers.insert(known, value).is_some() {
            return Err(wrong("is there twice"));
        }
    }
    if size > MAX_HEADER_BYTES {
        return Err(invalid(format!("`headers` has {size} bytes, more than {MAX_HEADER_BYTES}")));
    }
    if let Some((name, value)) = ours {
        headers.insert(name.clone(), value.clone());
    }
    Ok(headers)
}

/// The fields of an object of plain values; a list gives one for each item.
fn pairs(what: &str, value: &Value) -> Result<Vec<(String, String)>, Failure> {
    let map = value.as_object().ok_or_else(|| invalid(format!("`{what}` must be an object")))?;
    let mut pairs = Vec::new();
    for (name, value) in map {
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for item in items {
            let text = scalar(item).ok_or_else(|| {
                invalid(format!("`{what}`: {name:?} must be a text, a number, a boolean or a list of them"))
            })?;
            pairs.push((name.clone(), text));
        }
    }
    Ok(pairs)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::settings::{HttpAuth, SecretPlace};
    use riposte_model::HostPattern;
    use serde_json::json;

    fn key() -> Auth {
        let place = SecretPlace::Header { name: "X-Api-Key".into(), scheme: String::new() };
        let host = HostPattern::parse("api.example.com").unwrap();
        Auth::ready(HttpAuth { host, secret: "hush-hush".into(), place }).ok().unwrap()
    }

    fn acting(mut arguments: Value) -> Result<Outgoing, Failure> {
        let map = arguments.as_object_mut().unwrap();
        map.entry("method").or_insert(json!("POST"));
        Outgoing::acting(map, Some(&key()))
    }

    #[test]
    fn a_body_is_json_or_a_form_or_nothing() {
        for (arguments, kind, body) in [
            (json!({ "json": { "a": [1, "é"] } }), Some("application/json"), Some(r#"{"a":[1,"é"]}"#)),
            (json!({ "json": null }), Some("application/json"), Some("null")),
            (
                json!({ "form": { "a b": "c&d=é", "n": [1, true] } }),
                Some("application/x-www-form-urlencoded"),
                Some("a+b=c%26d%3D%C3%A9&n=1&n=true"),
            ),
            (
                json!({ "json": 1, "headers": { "Content-Type": "application/ld+json" } }),
                Some("application/ld+json"),
                Some("1"),
            ),
            (json!({}), None, None),
        ] {
            let outgoing = acting(arguments).unwrap();
            let given = outgoing.headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap());
            assert_eq!(given, kind);
            assert_eq!(outgoing.body.map(|body| String::from_utf8(body).unwrap()).as_deref(), body);
        }
    }

    #[test]
    fn the_connection_s_header_is_there_beside_those_of_the_step() {
        let outgoing = acting(json!({ "headers": { "x-count": 3, "X-Dry": true } })).unwrap();
        let get = |name: &str| outgoing.headers[name].to_str().unwrap().to_owned();
        assert_eq!(
            (get("x-count"), get("x-dry"), get("x-api-key")),
            ("3".into(), "true".into(), "hush-hush".into())
        );
        assert!(!format!("{outgoing:?}").contains("hush"));
    }

    #[test]
    fn what_cannot_be_sent_says_why() {
        let many: Map<String, Value> = (0..=MAX_HEADERS).map(|n| (format!("x-{n}"), json!(1))).collect();
        let said: Vec<String> = [
            json!({ "json": 1, "form": {} }),
            json!({ "form": [] }),
            json!({ "form": { "a": { "b": 1 } } }),
            json!({ "form": { "a": null } }),
            json!({ "json": "a".repeat(MAX_BODY_BYTES) }),
            json!({ "headers": { "Authorization": "Bearer hush" } }),
            json!({ "headers": { "COOKIE": "hush" } }),
            json!({ "headers": { "x-API-key": "hush" } }),
            json!({ "headers": { "Host": "evil.test" } }),
            json!({ "headers": { "Transfer-Encoding": "chunked" } }),
            json!({ "headers": { "x y": "1" } }),
            json!({ "headers": { "x": "a\r\nHost: evil.test" } }),
            json!({ "headers": { "x": [1] } }),
            json!({ "headers": { "x": "1", "X": "2" } }),
            json!({ "headers": many }),
            json!({ "headers": { "x": "a".repeat(MAX_HEADER_BYTES) } }),
            json!({ "headers": 1 }),
            json!({ "method": "GET /" }),
        ]
        .into_iter()
        .map(|arguments| acting(arguments).unwrap_err().to_string())
        .collect();
        assert!(said.iter().all(|line| !line.contains("hush") && !line.contains("evil")), "{said:?}");
        insta::assert_snapshot!(said.join("\n"));
    }
}
