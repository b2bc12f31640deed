//! One documented exchange over real HTTP: what arrived against what is documented.
//!
//! The examples come from the operations' pages below
//! <https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-list>; each operation links its own.

use riposte_defender::Operation;
use serde_json::Value;

use crate::server::{PATIENCE, Server, authority, client, json_response, response};

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
    assert_eq!(seen[0].json().unwrap_or_default(), request["body"]);
    let has_body = !request["body"].is_null();
    assert_eq!(seen[0].header("content-type"), has_body.then_some("application/json"));
    assert_eq!(seen[0].header("authorization"), Some("Bearer token-0"));
    let agent = format!("riposte/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(seen[0].header("user-agent"), Some(agent.as_str()));
    answer
}
