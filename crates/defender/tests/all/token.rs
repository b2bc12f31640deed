//! One token for all, renewed when it must be, and what a refusal of it says.

use std::{
    future::Future as _,
    task::{Context, Waker},
    time::Duration,
};

use futures_util::future::join_all;
use riposte_defender::{Client, Delivery, Error, GetMachine, Isolate, TokenRefusal};
use serde_json::json;

use crate::server::{
    PATIENCE, SECRET, Server, TENANT, authority, client, connection, json_response, nobody, raw, response,
    token,
};

fn get() -> GetMachine {
    GetMachine { machine_id: "m-1".into() }
}

fn isolate() -> Isolate {
    Isolate { machine_id: "m-1".into(), comment: "why".into(), isolation_type: None }
}

async fn api() -> Server {
    Server::start(|_, _| json_response(200, &json!({"id": "m-1"}))).await
}

fn refusal() -> serde_json::Value {
    json!({"error": {"code": "Unauthorized", "message": "token expired", "target": "r-1"}})
}

#[tokio::test]
async fn a_token_is_asked_for_as_documented() {
    let (api, authority) = (api().await, authority().await);
    client(&api, &authority).send(&get(), PATIENCE).await.expect("a machine");
    let seen = &authority.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", &*format!("/{TENANT}/oauth2/v2.0/token"))
    );
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&seen.body).into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        form,
        [
            pair("client_id", "app-1"),
            pair("client_secret", SECRET),
            pair("grant_type", "client_credentials"),
            pair("scope", "https://api.securitycenter.microsoft.com/.default"),
        ]
    );
    assert_eq!(seen.header("authorization"), None);
}

#[tokio::test]
async fn one_token_serves_many_requests_and_clones() {
    let (api, authority) = (api().await, authority().await);
    let client = client(&api, &authority);
    for _ in 0..3 {
        client.clone().send(&get(), PATIENCE).await.expect("a machine");
    }
    assert_eq!((authority.seen().len(), api.seen().len()), (1, 3));
}

#[tokio::test]
async fn a_token_without_life_serves_one_request() {
    let authority = Server::start(|number, _| json_response(200, &token(number, 0))).await;
    let api = api().await;
    let client = client(&api, &authority);
    for _ in 0..2 {
        client.send(&get(), PATIENCE).await.expect("a machine");
    }
    let tokens: Vec<_> =
        api.seen().iter().map(|seen| seen.header("authorization").map(str::to_owned)).collect();
    assert_eq!(tokens, [Some("Bearer token-0".into()), Some("Bearer token-1".into())]);
}

/// The runtime has one thread and `join_all` polls every request before anything else runs, so all of them wait for the
/// token before the authority can answer.
#[tokio::test]
async fn concurrent_requests_share_one_token_call() {
    let (api, authority) = (api().await, authority().await);
    let client = client(&api, &authority);
    let operation = get();
    let outcomes = join_all((0..20).map(|_| client.send(&operation, PATIENCE))).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!((authority.seen().len(), api.seen().len()), (1, 20));
}

#[tokio::test]
async fn concurrent_requests_share_one_failure_and_the_next_one_asks_again() {
    let authority = Server::start(|number, _| match number {
        0 => response(503, &[("retry-after", "9")], "busy"),
        _ => json_response(200, &token(number, 3599)),
    })
    .await;
    let api = api().await;
    let client = client(&api, &authority);
    let operation = get();
    for outcome in join_all((0..5).map(|_| client.send(&operation, PATIENCE))).await {
        let error = outcome.expect_err("no token");
        assert!(matches!(error, Error::TokenUnavailable { status: Some(503), .. }), "{error:?}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(9)));
    }
    assert_eq!((authority.seen().len(), api.seen().len()), (1, 0));
    client.send(&get(), PATIENCE).await.expect("a machine");
}

/// The waiter who fetches gives up; another one takes over.
#[tokio::test]
async fn a_waiter_that_leaves_does_not_take_the_token_with_it() {
    let (api, authority) = (api().await, authority().await);
    let client = client(&api, &authority);
    let operation = get();
    let mut first = Box::pin(client.send(&operation, PATIENCE));
    let mut second = Box::pin(client.send(&operation, PATIENCE));
    for waiter in [&mut first, &mut second] {
        assert!(waiter.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    drop(first);
    second.await.expect("a machine");
}

#[tokio::test]
async fn a_401_renews_the_token_and_sends_once_more() {
    let api = Server::start(|number, _| match number {
        0 => json_response(401, &refusal()),
        _ => json_response(201, &json!({"id": "a-1", "status": "Pending"})),
    })
    .await;
    let authority = authority().await;
    let action = client(&api, &authority).send(&isolate(), PATIENCE).await.expect("an action");
    assert_eq!(action.id, "a-1");
    let seen = api.seen();
    assert_eq!((authority.seen().len(), seen.len()), (2, 2));
    assert_eq!(seen[0].body, seen[1].body);
    assert_eq!(seen[1].header("authorization"), Some("Bearer token-1"));
}

#[tokio::test]
async fn a_second_401_is_the_answer() {
    let api = Server::start(|_, _| json_response(401, &refusal())).await;
    let authority = authority().await;
    let error = client(&api, &authority).send(&isolate(), PATIENCE).await.expect_err("a refusal");
    assert!(matches!(error, Error::Refused { status: 401, .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!((authority.seen().len(), api.seen().len()), (2, 2));
}

/// Five requests are refused with the same token: the first to hear drops it, the others find it already replaced.
#[tokio::test]
async fn many_401s_of_one_token_renew_it_once() {
    let api = Server::start(|_, seen| match seen.header("authorization") {
        Some("Bearer token-0") => json_response(401, &refusal()),
        _ => json_response(200, &json!({"id": "m-1"})),
    })
    .await;
    let authority = authority().await;
    let client = client(&api, &authority);
    let operation = get();
    let outcomes = join_all((0..5).map(|_| client.send(&operation, PATIENCE))).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!((authority.seen().len(), api.seen().len()), (2, 10));
}

#[tokio::test]
async fn a_wrong_secret_is_a_refusal_and_nothing_is_sent() {
    let authority = Server::start(|_, _| {
        let description = format!("AADSTS7000215: Invalid client secret provided: {SECRET}.\r\nTrace ID: 1");
        json_response(
            401,
            &json!({"error": "invalid_client", "error_description": description, "error_codes": [7_000_215]}),
        )
    })
    .await;
    let api = api().await;
    let error = client(&api, &authority).send(&isolate(), PATIENCE).await.expect_err("no token");
    let Error::TokenRefused { kind, code, description, status: 401, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!((kind, code.as_str()), (&TokenRefusal::WrongSecret, "AADSTS7000215"));
    assert_eq!(description, "Invalid client secret provided: [redacted].");
    assert_eq!(error.delivery(), Delivery::NotDelivered);
    assert!(api.seen().is_empty());
}

#[tokio::test]
async fn an_authority_in_trouble_is_told_apart_from_a_refusal() {
    let api = api().await;
    let slow = Server::start_slow(|_, _| Box::pin(std::future::pending())).await;
    let redirecting = Server::start(|_, _| response(302, &[("location", "http://192.0.2.1/")], "")).await;
    let empty = Server::start(|_, _| json_response(200, &json!({"access_token": ""}))).await;
    let large = Server::start(|_, _| response(200, &[], "x".repeat(1 << 20))).await;
    for (authority, deadline, reason) in [
        (nobody(), PATIENCE, "it cannot be reached"),
        (raw(b"").await, PATIENCE, "the connection broke"),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").await, PATIENCE, "the connection broke"),
        (slow.url(), Duration::from_millis(50), "the time was over"),
        (redirecting.url(), PATIENCE, "it answered with an unexpected status"),
        (empty.url(), PATIENCE, "its answer holds no token"),
        (large.url(), PATIENCE, "its answer is too large"),
    ] {
        let client = Client::new(connection(&api.url(), &authority)).expect("a usable connection");
        let error = client.send(&isolate(), deadline).await.expect_err("no token");
        let Error::TokenUnavailable { reason: told, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*told, reason);
        assert_eq!(error.delivery(), Delivery::NotDelivered);
    }
    assert!(api.seen().is_empty());
}
