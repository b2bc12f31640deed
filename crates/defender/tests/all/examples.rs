//! One documented exchange over real HTTP: what arrived against what is documented.
//!
//! The examples come from the operations' pages below
//! <https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-list>; each operation links its own.

use riposte_defender::Operation;
use serde_json::{Map, Value};

use crate::server::{PATIENCE, Seen, Server, authority, client, json_response, response};

macro_rules! example {
    ($name:literal) => {
        serde_json::from_str::<serde_json::Value>(include_str!(concat!("../examples/", $name, ".json")))
            .expect("an example")
    };
}
pub(crate) use example;

/// Sends an operation to a server that gives the documented answer, and compares what arrived with the documented request.
pub(crate) async fn check<O: Operation>(operation: &O, example: &Value) -> O::Answer {
    let documented = example["response"].clone();
    let status =
        documented["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
    let api = Server::start(move |_, _| match &documented["body"] {
        Value::Null => response(status, &[], ""),
        body => json_response(status, body),
    })
    .await;
    let authority = authority().await;
    let answer = client(&api, &authority).send(operation, PATIENCE).await.expect("the documented answer");

    let seen = api.seen();
    assert_eq!(seen.len(), 1);
    let request = &example["request"];
    let target = request["path"].as_str().expect("a path");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!(Some(seen[0].method.as_str()), request["method"].as_str());
    assert_eq!(seen[0].path, path);
    assert_eq!(seen[0].query, query);
    let kind = match &request["body"] {
        Value::Null => None,
        _ => Some(example["content_type"].as_str().unwrap_or("application/json")),
    };
    assert_eq!(seen[0].header("content-type").and_then(|kind| kind.split(';').next()), kind);
    assert_eq!(carried(&seen[0]), request["body"]);
    assert_eq!(seen[0].header("authorization"), Some("Bearer token-0"));
    let agent = format!("riposte/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(seen[0].header("user-agent"), Some(agent.as_str()));
    answer
}

/// The body as the examples write it. In a form, `@name` stands for a file of this name, as in the samples of curl.
fn carried(seen: &Seen) -> Value {
    let Some((_, boundary)) = seen.header("content-type").and_then(|kind| kind.split_once("; boundary="))
    else {
        return seen.json().unwrap_or_default();
    };
    let (body, between) = (String::from_utf8_lossy(&seen.body), format!("--{boundary}"));
    let parts = body.split(between.as_str()).filter_map(|part| part.split_once("\r\n\r\n"));
    let field = |(about, value): (&str, &str)| {
        let named =
            |name: &str| Some(about.split_once(&format!("; {name}=\""))?.1.split_once('"')?.0.to_owned());
        let file = named("filename").map(|name| format!("@{name}"));
        let value = file.unwrap_or_else(|| value.strip_suffix("\r\n").unwrap_or(value).to_owned());
        (named("name").expect("a name"), value.into())
    };
    parts.map(field).collect::<Map<_, _>>().into()
}
