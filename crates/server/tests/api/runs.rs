//! Runs over the API, and requests that do not fit.

use crate::stage::{House, QUICK, SLOW, answer, request, secret};
use axum::body::Body;
use axum::http::Request;
use riposte_server::config::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn runs_are_listed_page_by_page() {
    let house = House::new(&[SLOW]).await;
    let mut runs = Vec::new();
    for _ in 0..5 {
        runs.insert(0, house.start("slow").await);
    }
    let mut listed = Vec::new();
    let mut path = "GET /api/v1/runs?limit=2&status=running&playbook=slow".to_owned();
    let mut pages = 0;
    loop {
        let page = house.ask(Role::Viewer, &path, &Value::Null).await;
        assert_eq!(page.status, 200, "{page:?}");
        let ids = page.body["runs"].as_array().unwrap().iter();
        listed.extend(ids.map(|run| run["run_id"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(next) = page.body["next"].as_str() else { break };
        path = format!("GET /api/v1/runs?limit=2&cursor={next}");
    }
    assert_eq!((listed, pages), (runs, 3));
}

#[tokio::test]
async fn a_key_begins_one_run_for_each_who_asks_with_it() {
    let house = House::new(&[SLOW]).await;
    let ask = async |role: Role| {
        let token = format!("Bearer {}", secret(role));
        let headers = [("authorization", &*token), ("idempotency-key", "one")];
        answer(&house.network, request("POST /api/v1/runs", &headers, &json!({ "playbook": "slow" }))).await
    };
    let (first, second) = (ask(Role::Operator).await, ask(Role::Operator).await);
    assert_eq!((first.status, &first.body["duplicate"]), (202, &json!(false)));
    assert_eq!((second.status, &second.body["duplicate"]), (200, &json!(true)));
    assert_eq!(first.body["run_id"], second.body["run_id"]);
    let other = ask(Role::Admin).await;
    assert_eq!(other.status, 202, "another's key says nothing of this one's run");
    assert_ne!(other.body["run_id"], first.body["run_id"]);
    // The address that is given leads there.
    let url = first.body["status_url"].as_str().unwrap();
    let shown = house.ask(Role::Viewer, &format!("GET {url}"), &Value::Null).await;
    assert_eq!((shown.status, &shown.body["run_id"]), (200, &first.body["run_id"]));
}

#[tokio::test]
async fn whatever_does_not_fit_is_a_problem_that_says_what() {
    let house = House::new(&[QUICK, SLOW]).await;
    let none = "/api/v1/runs/run_00000000000000000000000000000000";
    let long = "é".repeat(501);
    for (asked, body, problem, detail) in [
        ("GET /api/v1/runs?limit=0", Value::Null, (400, "bad-request"), "`limit` is 1 to 500"),
        ("GET /api/v1/runs?limit=x", Value::Null, (400, "bad-request"), "limit"),
        ("GET /api/v1/runs?status=over", Value::Null, (400, "bad-request"), "over"),
        ("GET /api/v1/runs?playbook=A", Value::Null, (400, "bad-request"), "kebab-case"),
        ("GET /api/v1/runs?cursor=run_1", Value::Null, (400, "bad-request"), "cursor"),
        ("GET /api/v1/runs?page=2", Value::Null, (400, "bad-request"), "page"),
        (&*format!("GET {none}"), Value::Null, (404, "not-found"), "run_0000"),
        ("GET /api/v1/runs/nope", Value::Null, (404, "not-found"), "run_ and 32"),
        ("GET /api/v1/runs/%ff", Value::Null, (404, "not-found"), ""),
        ("GET /api/v1/nope", Value::Null, (404, "not-found"), ""),
        ("PATCH /api/v1/runs", Value::Null, (405, "method"), ""),
        (&*format!("POST {none}/cancel"), Value::Null, (404, "not-found"), "run_0000"),
        (&*format!("POST {none}/cancel"), json!({ "by": long }), (422, "invalid"), "500 characters"),
        (&*format!("POST {none}/retry"), json!({ "why": "" }), (422, "invalid"), "unknown field `why`"),
        ("POST /api/v1/runs", Value::Null, (422, "invalid"), "missing field `playbook`"),
        ("POST /api/v1/runs", json!(["slow", {}, {}]), (422, "invalid"), "an object"),
        ("POST /api/v1/runs", json!({ "playbook": "nope" }), (404, "not-found"), "`nope`"),
        ("POST /api/v1/runs", json!({ "playbook": "quick" }), (422, "unfit"), "nothing was started"),
        ("POST /api/v1/stops", Value::Null, (422, "invalid"), "missing field `cancel`"),
        ("POST /api/v1/stops", json!({ "cancel": true, "playbook": "A b" }), (422, "invalid"), "kebab-case"),
        ("POST /api/v1/stops/lift", json!({ "playbook": "A b" }), (422, "invalid"), "kebab-case"),
    ] {
        let said = house.ask(Role::Admin, asked, &body).await;
        assert_eq!(said.problem(), problem, "{asked} {body}");
        let told = said.body["detail"].as_str().unwrap_or_default();
        assert!(told.contains(detail), "{asked} {body}: {told}");
        assert_eq!(said.header("allow").is_some(), said.status == 405, "{said:?}");
    }
    assert!(house.api.host.stops().is_empty());
}

#[tokio::test]
async fn a_body_is_json_and_nothing_else() {
    let house = House::new(&[SLOW]).await;
    let token = format!("Bearer {}", secret(Role::Admin));
    let post = |kind: &str, body: Body| {
        let request =
            Request::post("/api/v1/runs").header("authorization", &token).header("content-type", kind);
        request.body(body).unwrap()
    };
    let whole = r#"{"playbook":"slow"}"#;
    let large = format!(r#"{{"playbook":"{}"}}"#, "a".repeat(1 << 20));
    for (kind, body, problem) in [
        ("text/plain", whole, (415, "not-json")),
        ("application/json", &whole[1..], (400, "malformed")),
        ("application/json", r#"{"playbook":"slow""#, (400, "malformed")),
        ("application/json", &large, (413, "too-large")),
    ] {
        let said = answer(&house.network, post(kind, Body::from(body.to_owned()))).await;
        assert_eq!(said.problem(), problem, "{kind}");
    }
    assert_eq!(house.ask(Role::Viewer, "GET /api/v1/runs", &Value::Null).await.body["runs"], json!([]));
}
