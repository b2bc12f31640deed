//! How answers come over the wire: connections that are kept, compression, and limits of size and time.

use std::{collections::HashSet, io, time::Duration};

use axum::body::Body;
use futures_util::{StreamExt as _, stream};
use riposte_defender::{
    Delivery, Error, GetMachine, Isolate, ListMachineActions, Loss, MAX_LISTING_BYTES, Refusal,
};
use serde_json::json;

use crate::server::{PATIENCE, Server, authority, client, json_response, response, token};

/// `{"id":"a-1","status":"Pending"}`.
const ZIPPED: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x4c\x51\xb2\x52\x4a\xd4\x35\x54\xd2\x51\
    \x2a\x2e\x49\x2c\x29\x2d\x06\x72\x03\x52\xf3\x52\x32\xf3\xd2\x95\x6a\x01\x48\x52\xf9\x62\x1f\x00\x00\x00";
const BOMB: &[u8] = include_bytes!("../examples/more_than_16_mib_of_blanks.gz");
const GZIP: [(&str, &str); 1] = [("content-encoding", "gzip")];

fn isolate() -> Isolate {
    Isolate { machine_id: "m-1".into(), comment: "why".into(), isolation_type: None }
}

fn get() -> GetMachine {
    GetMachine { machine_id: "m-1".into() }
}

#[tokio::test]
async fn requests_one_after_another_share_a_connection() {
    let api = Server::start(|_, _| json_response(200, &json!({"id": "m-1"}))).await;
    let authority = Server::start(|number, _| json_response(200, &token(number, 0))).await;
    let client = client(&api, &authority);
    for _ in 0..5 {
        client.clone().send(&get(), PATIENCE).await.expect("a machine");
    }
    for server in [api, authority] {
        let peers: HashSet<_> = server.seen().iter().map(|seen| seen.peer).collect();
        assert_eq!((server.seen().len(), peers.len()), (5, 1));
    }
}

#[tokio::test]
async fn a_compressed_answer_is_asked_for_and_read() {
    let api = Server::start(|_, _| response(201, &GZIP, ZIPPED)).await;
    let authority = authority().await;
    let action = client(&api, &authority).send(&isolate(), PATIENCE).await.expect("an action");
    assert_eq!((action.id.as_str(), action.status.as_str()), ("a-1", "Pending"));
    assert_eq!(api.seen()[0].header("accept-encoding"), Some("gzip"));
}

#[tokio::test]
async fn a_damaged_compression_is_a_lost_answer() {
    for damaged in [&ZIPPED[..20], b"{\"id\":\"a-1\"}"] {
        let api = Server::start(move |_, _| response(201, &GZIP, damaged)).await;
        let authority = authority().await;
        let error = client(&api, &authority).send(&isolate(), PATIENCE).await.expect_err("no answer");
        assert!(matches!(error, Error::Lost { loss: Loss::Broken, .. }), "{error:?}");
        assert_eq!(error.delivery(), Delivery::Unknown);
    }
}

#[tokio::test]
async fn a_bomb_in_a_refusal_costs_its_message_only() {
    let api = Server::start(|_, _| response(403, &GZIP, BOMB)).await;
    let authority = authority().await;
    let error = client(&api, &authority).send(&isolate(), PATIENCE).await.expect_err("a refusal");
    let Error::Refused { kind: Refusal::Forbidden, message, .. } = error else { panic!("{error:?}") };
    assert_eq!(message, "without a message");
}

#[tokio::test]
async fn a_bomb_from_the_authority_is_no_token() {
    let api = Server::start(|_, _| json_response(200, &json!({"id": "m-1"}))).await;
    let authority = Server::start(|_, _| response(200, &GZIP, BOMB)).await;
    let error = client(&api, &authority).send(&get(), PATIENCE).await.expect_err("no token");
    let Error::TokenUnavailable { reason, .. } = error else { panic!("{error:?}") };
    assert_eq!((reason, api.seen().len()), ("its answer is too large", 0));
}

/// Each page is below the limit of one answer; together they are above that of a collection.
#[tokio::test]
async fn the_pages_of_a_collection_are_bounded_together() {
    const PAGE: usize = 15 << 20;
    let api = Server::start(|number, seen| {
        let host = seen.header("host").unwrap_or_default();
        let link = format!("http://{host}/api/machineactions?$skiptoken={number}");
        let page = json!({ "@odata.nextLink": link, "value": [{ "id": number.to_string() }] });
        response(200, &[], format!("{page}{}", " ".repeat(PAGE)))
    })
    .await;
    let authority = authority().await;
    let error =
        client(&api, &authority).send(&ListMachineActions::default(), PATIENCE).await.expect_err("too much");
    let Error::Lost { loss: Loss::TooLarge { limit }, .. } = error else { panic!("{error:?}") };
    assert!(limit < MAX_LISTING_BYTES - 4 * PAGE, "{limit}");
    assert_eq!(api.seen().len(), 5);
}

/// The first piece comes at once, the rest never does.
fn trickle(status: u16) -> axum::http::Response<Body> {
    let first = stream::iter([Ok::<_, io::Error>("{\"id\":")]);
    response(status, &[], Body::from_stream(first.chain(stream::pending())))
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up_at_the_deadline() {
    // The token is there before the time counts.
    let api = Server::start(|number, _| match number {
        0 => json_response(200, &json!({"id": "m-1"})),
        _ => trickle(201),
    })
    .await;
    let authority = authority().await;
    let client = client(&api, &authority);
    client.send(&get(), PATIENCE).await.expect("a machine");
    let error = client.send(&isolate(), Duration::from_millis(200)).await.expect_err("half an answer");
    assert!(matches!(error, Error::Lost { loss: Loss::TimedOut, .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
}

#[tokio::test]
async fn all_pages_share_one_deadline() {
    let api = Server::start(|number, seen| {
        let host = seen.header("host").unwrap_or_default();
        let link = format!("http://{host}/api/machineactions?$skiptoken=2");
        match number {
            0 => json_response(200, &json!({"id": "m-1"})),
            1 => json_response(200, &json!({ "@odata.nextLink": link, "value": [{ "id": "a-1" }] })),
            _ => trickle(200),
        }
    })
    .await;
    let authority = authority().await;
    let client = client(&api, &authority);
    client.send(&get(), PATIENCE).await.expect("a machine");
    let list = ListMachineActions::default();
    let error = client.send(&list, Duration::from_millis(400)).await.expect_err("half a list");
    assert!(matches!(error, Error::Lost { loss: Loss::TimedOut, .. }), "{error:?}");
}
