//! What becomes of each way to fail, and whether the request may have been delivered.

use std::{error::Error as _, time::Duration};

use riposte_defender::{
    Client, Delivery, Error, ErrorCode, InvalidRequest, Isolate, Loss, MAX_ANSWER_BYTES, Refusal,
};
use serde_json::json;

use crate::server::{PATIENCE, Server, authority, client, connection, json_response, nobody, raw, response};

fn isolate(machine_id: &str) -> Isolate {
    Isolate { machine_id: machine_id.into(), comment: "why".into(), isolation_type: None }
}

/// Sends an action to an API at this address and returns how it failed.
async fn failure_at(endpoint: &str) -> Error {
    let authority = authority().await;
    let client = Client::new(connection(endpoint, &authority.url())).expect("a usable connection");
    client.send(&isolate("m-1"), PATIENCE).await.expect_err("a failure")
}

async fn failure_of(api: &Server) -> Error {
    failure_at(&api.url()).await
}

fn said(code: &str) -> serde_json::Value {
    json!({"error": {"code": code, "message": "told\r\nso", "target": "r-1"}})
}

#[tokio::test]
async fn every_documented_refusal_is_typed_and_without_effect() {
    for (status, code, kind) in [
        (400, ErrorCode::BadRequest, Refusal::Invalid),
        (400, ErrorCode::ODataError, Refusal::Invalid),
        (400, ErrorCode::InvalidInput, Refusal::Invalid),
        (400, ErrorCode::InvalidRequestBody, Refusal::Invalid),
        (400, ErrorCode::InvalidHashValue, Refusal::Invalid),
        (400, ErrorCode::InvalidDomainName, Refusal::Invalid),
        (400, ErrorCode::InvalidIpAddress, Refusal::Invalid),
        (400, ErrorCode::InvalidUrl, Refusal::Invalid),
        (400, ErrorCode::MaximumBatchSizeExceeded, Refusal::Invalid),
        (400, ErrorCode::MissingRequiredParameter, Refusal::Invalid),
        (400, ErrorCode::OsPlatformNotSupported, Refusal::Invalid),
        (400, ErrorCode::ClientVersionNotSupported, Refusal::Invalid),
        (400, ErrorCode::ActiveRequestAlreadyExists, Refusal::AlreadyActive),
        (400, ErrorCode::Unknown("Novelty".into()), Refusal::Invalid),
        (401, ErrorCode::Unauthorized, Refusal::Unauthorized),
        (403, ErrorCode::Forbidden, Refusal::Forbidden),
        (403, ErrorCode::DisabledFeature, Refusal::Forbidden),
        (403, ErrorCode::DisallowedOperation, Refusal::Forbidden),
        (404, ErrorCode::NotFound, Refusal::NotFound),
        (404, ErrorCode::ResourceNotFound, Refusal::NotFound),
        (405, ErrorCode::Unknown(String::new()), Refusal::Other),
        (409, ErrorCode::Unknown("Conflict".into()), Refusal::Other),
    ] {
        let body = said(code.as_str());
        let api = Server::start(move |_, _| json_response(status, &body)).await;
        let error = failure_of(&api).await;
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!((error.status(), error.request_id()), (Some(status), Some("r-1")));
        let Error::Refused { code: told, kind: meant, message, .. } = error else { panic!("{error:?}") };
        assert_eq!((told, meant, message.as_str()), (code, kind, "told so"));
    }
}

#[tokio::test]
async fn a_refusal_stays_one_when_its_body_is_useless() {
    for body in ["", "<html>sorry</html>", "{\"error\":"] {
        let api = Server::start(move |_, _| response(403, &[], body)).await;
        assert!(matches!(failure_of(&api).await, Error::Refused { kind: Refusal::Forbidden, .. }));
    }
    let large = Server::start(|_, _| response(400, &[], " ".repeat(1 << 20))).await;
    assert!(matches!(failure_of(&large).await, Error::Refused { kind: Refusal::Invalid, .. }));
    let broken = raw(b"HTTP/1.1 404 Not Found\r\ncontent-length: 99\r\n\r\n{").await;
    assert!(matches!(failure_at(&broken).await, Error::Refused { kind: Refusal::NotFound, .. }));
}

#[tokio::test]
async fn throttling_tells_how_long_to_wait() {
    let now = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (wait, expected) in [
        (Some("17"), Some(17)),
        (Some("Sun, 06 Nov 1994 08:50:07 GMT"), Some(30)),
        (Some("soon"), None),
        (None, None),
    ] {
        let api = Server::start(move |_, _| {
            let mut headers = vec![("date", now)];
            headers.extend(wait.map(|wait| ("retry-after", wait)));
            response(429, &headers, said("TooManyRequests").to_string())
        })
        .await;
        let error = failure_of(&api).await;
        assert!(matches!(error, Error::Throttled { .. }), "{error:?}");
        assert_eq!(error.retry_after(), expected.map(Duration::from_secs));
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(api.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_server_failure_is_never_repeated_and_its_effect_is_unknown() {
    for status in [500, 501, 502, 503, 504] {
        let api = Server::start(move |_, _| {
            response(status, &[("retry-after", "3")], said("InternalServerError").to_string())
        })
        .await;
        let error = failure_of(&api).await;
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert_eq!((error.status(), error.retry_after()), (Some(status), Some(Duration::from_secs(3))));
        assert!(matches!(error, Error::Server { code: ErrorCode::InternalServerError, .. }));
        assert_eq!(api.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_redirect_is_an_error_and_is_not_followed() {
    let elsewhere = Server::start(|_, _| json_response(200, &json!({"id": "a-1"}))).await;
    for status in [301, 302, 303, 307, 308] {
        let target = elsewhere.url();
        let api = Server::start(move |_, _| response(status, &[("location", &target)], "")).await;
        let error = failure_of(&api).await;
        assert_eq!(error.delivery(), Delivery::Unknown);
        let Error::Redirected { status: told, target, .. } = error else { panic!("{error:?}") };
        assert_eq!((told, target.as_deref()), (status, Some("127.0.0.1")));
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_status_that_says_nothing_is_unexpected() {
    for status in [408, 499, 600] {
        let api = Server::start(move |_, _| response(status, &[], "")).await;
        let error = failure_of(&api).await;
        assert!(matches!(error, Error::Unexpected { .. }), "{error:?}");
        assert_eq!((error.delivery(), error.status()), (Delivery::Unknown, Some(status)));
    }
}

#[tokio::test]
async fn a_host_where_nobody_listens_was_not_reached() {
    let endpoint = nobody();
    let error = failure_at(&endpoint).await;
    let Error::Unreachable { host, .. } = &error else { panic!("{error:?}") };
    assert_eq!(Some(host.as_str()), endpoint.strip_prefix("http://"));
    assert_eq!(error.delivery(), Delivery::NotDelivered);
}

#[tokio::test]
async fn a_failed_tls_handshake_delivers_nothing() {
    let plain = Server::start(|_, _| json_response(201, &json!({"id": "a-1"}))).await;
    let error = failure_at(&plain.url().replace("http://", "https://")).await;
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(plain.seen().is_empty());
}

#[tokio::test]
async fn a_dropped_connection_leaves_the_effect_unknown() {
    for answer in [
        &b""[..],
        b"HTTP/1.1 2",
        b"HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{\"id\"",
        b"nonsense\r\n\r\n",
    ] {
        let error = failure_at(&raw(answer).await).await;
        assert!(matches!(error, Error::Lost { loss: Loss::Broken, .. }), "{error:?}");
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert!(error.source().is_some());
    }
}

/// The token is there before the time counts, so only the silent API can use it up.
#[tokio::test]
async fn silence_until_the_deadline_leaves_the_effect_unknown() {
    let api = Server::start_slow(|number, _| {
        Box::pin(async move {
            match number {
                0 => json_response(201, &json!({"id": "a-1"})),
                _ => std::future::pending().await,
            }
        })
    })
    .await;
    let authority = authority().await;
    let client = client(&api, &authority);
    client.send(&isolate("m-1"), PATIENCE).await.expect("an action");
    let error = client.send(&isolate("m-1"), Duration::from_millis(200)).await.expect_err("silence");
    assert!(matches!(error, Error::Lost { loss: Loss::TimedOut, .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
}

#[tokio::test]
async fn no_time_left_means_not_sent() {
    let api = Server::start(|_, _| json_response(201, &json!({"id": "a-1"}))).await;
    let authority = authority().await;
    let client = client(&api, &authority);
    client.send(&isolate("m-1"), Duration::MAX).await.expect("an action");
    let error = client.send(&isolate("m-1"), Duration::ZERO).await.expect_err("no time");
    assert!(matches!(error, Error::OutOfTime), "{error:?}");
    assert_eq!((error.delivery(), api.seen().len()), (Delivery::NotDelivered, 1));
}

#[tokio::test]
async fn an_answer_over_the_limit_is_lost_compressed_or_not() {
    let limit = MAX_ANSWER_BYTES;
    let bomb = include_bytes!("../examples/more_than_16_mib_of_blanks.gz");
    let zipped = Server::start(|_, _| response(201, &[("content-encoding", "gzip")], &bomb[..])).await;
    let plain = Server::start(move |_, _| response(201, &[], " ".repeat(limit + 1))).await;
    for api in [zipped, plain] {
        let error = failure_of(&api).await;
        let Error::Lost { loss, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*loss, error.delivery()), (Loss::TooLarge { limit }, Delivery::Unknown));
    }
}

#[tokio::test]
async fn a_success_without_a_usable_body_is_lost() {
    for (body, json) in
        [("{\"id\":", false), ("<html>", false), ("", true), ("{}", true), ("[]", true), ("7", true)]
    {
        let api = Server::start(move |_, _| response(201, &[], body)).await;
        let error = failure_of(&api).await;
        let Error::Lost { loss, .. } = &error else { panic!("{error:?}") };
        assert_eq!(matches!(loss, Loss::Malformed(_)), json, "{body}: {loss:?}");
        assert_eq!(error.delivery(), Delivery::Unknown);
    }
}

#[tokio::test]
async fn an_id_that_would_change_the_address_is_not_sent() {
    let api = Server::start(|_, _| json_response(201, &json!({"id": "a-1"}))).await;
    let authority = authority().await;
    let client = client(&api, &authority);
    for id in ["", "..", "a\nb"] {
        let error = client.send(&isolate(id), PATIENCE).await.expect_err("a refusal");
        assert!(matches!(
            error,
            Error::Invalid(InvalidRequest::Segment { .. } | InvalidRequest::Control { .. })
        ));
        assert_eq!(error.delivery(), Delivery::NotDelivered);
    }
    assert!(api.seen().is_empty() && authority.seen().is_empty());
    client.send(&isolate("a/../b?c"), PATIENCE).await.expect("an action");
    assert_eq!(api.seen()[0].path, "/api/machines/a%2F..%2Fb%3Fc/isolate");
}
