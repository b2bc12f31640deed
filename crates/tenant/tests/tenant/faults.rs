use reqwest::Method;
use riposte_tenant::{Operation, Status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::helpers::{DESKTOP, World, token_form, token_path};

const ISOLATE: &str = "/api/machines/1e5bc9d7e413ddd7902c2932e418702b84d0cc07/isolate";
const BODY: &str = r#"{"Comment":"why","IsolationType":"Full"}"#;

async fn isolate(world: &World) -> reqwest::Result<u16> {
    world.try_call(Method::POST, ISOLATE, Some(BODY)).await.map(|answer| answer.status)
}

#[tokio::test]
async fn refusals_before_the_effect_leave_no_trace() {
    for (fault, status) in [("isolate=429", 429), ("isolate=500", 500), ("isolate=503", 503), ("*=503", 503)]
    {
        let world = World::new().await;
        world.inject(fault);
        let answer = world.post(ISOLATE, BODY).await;
        assert_eq!(answer.error().0, status);
        assert_eq!(answer.retry_after, (status == 429).then_some(1));
        assert!(world.tenant.effects().is_empty());
        assert_eq!(world.last().effect, None);
        assert_eq!(world.last().fault.unwrap().to_string(), fault);
        assert_eq!(world.last().operation, Operation::Isolate);
        assert_eq!(isolate(&world).await.unwrap(), 201, "the fault is spent");
    }
}

#[tokio::test]
async fn errors_after_the_effect_hide_it() {
    for (fault, status) in [("isolate=500-after", 500), ("isolate=503-after", 503)] {
        let world = World::new().await;
        world.inject(fault);
        assert_eq!(isolate(&world).await.unwrap(), status);
        assert_eq!(world.tenant.effects().len(), 1);
        assert_eq!(world.last().effect.as_ref(), world.tenant.effects().last());
        assert_eq!(world.last().status, Status::Answered(status));
    }
}

#[tokio::test]
async fn a_dropped_request_has_no_status() {
    for (fault, effects) in [("isolate=drop", 0), ("isolate=drop-after", 1)] {
        let world = World::new().await;
        world.inject(fault);
        let error = isolate(&world).await.unwrap_err();
        assert!(error.is_request() && error.status().is_none() && !error.is_timeout(), "{error:?}");
        assert_eq!(world.tenant.effects().len(), effects);
        assert_eq!(world.last().status, Status::Dropped);
        assert_eq!(world.last().effect.is_some(), effects == 1);
        assert_eq!(world.get("/api/machines").await.status, 200, "the next connection is served");
    }
}

#[tokio::test]
async fn not_one_byte_of_a_dropped_answer_arrives() {
    for fault in ["isolate=drop", "isolate=drop-after"] {
        let world = World::new().await;
        world.inject(fault);
        let token = world.token.lock().unwrap().clone();
        let mut stream = TcpStream::connect(world.tenant.address()).await.unwrap();
        let request = format!(
            "POST {ISOLATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{BODY}",
            BODY.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // Closed in order or reset: both are an end without an answer.
        let _ = stream.read_to_end(&mut answer).await;
        assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    }
}

#[tokio::test]
async fn a_revoked_token_stays_revoked_and_a_fresh_one_works() {
    let world = World::new().await;
    world.inject("machineactions=401");
    assert_eq!(world.get("/api/machineactions").await.error(), (401, "Unauthorized".into()));
    assert_eq!(world.get("/api/machineactions").await.status, 401);
    assert_eq!(world.get("/api/machines").await.status, 401);
    world.renew().await;
    assert_eq!(world.get("/api/machineactions").await.status, 200);
}

#[tokio::test]
async fn a_malformed_answer_is_200_and_no_json() {
    let world = World::new().await;
    world.inject("isolate=malformed");
    let answer = world.post(ISOLATE, BODY).await;
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&answer.text).is_err(), "{}", answer.text);
    assert_eq!(world.tenant.effects().len(), 1);
}

#[tokio::test]
async fn a_late_answer_finds_a_client_gone_and_its_effect_done() {
    let world = World::new().await;
    world.inject("isolate=latency-10m");
    let token = world.token.lock().unwrap().clone();
    let request = world.client.post(world.url(ISOLATE)).bearer_auth(token).body(BODY);
    let waiting = tokio::spawn(request.send());
    while world.tenant.log().len() < 2 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    waiting.abort();
    assert_eq!(world.tenant.effects().len(), 1);
    assert_eq!(world.last().status, Status::Answered(201));

    world.inject("isolate=latency-1ms");
    assert_eq!(isolate(&world).await.unwrap(), 201);
}

#[tokio::test]
async fn stopping_does_not_wait_for_late_answers() {
    let world = World::new().await;
    world.inject("machines=latency-10m");
    let token = world.token.lock().unwrap().clone();
    let request = world.client.get(world.url("/api/machines")).bearer_auth(token);
    let waiting = tokio::spawn(request.send());
    while world.tenant.log().len() < 2 {
        tokio::task::yield_now().await;
    }
    let World { tenant, .. } = world;
    tenant.stop().await;
    assert!(waiting.await.unwrap().is_err());
}

#[tokio::test]
async fn a_fault_strikes_as_often_as_it_says_and_nobody_else() {
    let world = World::new().await;
    world.inject("*=429:3");
    for path in ["/api/machines", "/api/machineactions", "/api/machines/x"] {
        assert_eq!(world.get(path).await.status, 429);
    }
    assert_eq!(world.get("/api/machines").await.status, 200);

    world.inject("cancel=500");
    world.inject("getPackageUri=500");
    assert_eq!(isolate(&world).await.unwrap(), 201);
    assert_eq!(world.get("/api/unknown").await.status, 404);
    let id = world.open(DESKTOP, "collectInvestigationPackage").await;
    assert_eq!(world.get(&format!("/api/machineactions/{id}/getPackageUri")).await.status, 500);
    assert_eq!(world.get(&format!("/api/machineactions/{id}/getPackageUri")).await.status, 200);
    assert_eq!(world.post(&format!("/api/machineactions/{id}/cancel"), "{}").await.status, 500);
}

#[tokio::test]
async fn the_authority_fails_in_its_own_words() {
    let world = World::new().await;
    for (fault, status, error) in [
        ("token=500", 500, "temporarily_unavailable"),
        ("token=429", 429, "temporarily_unavailable"),
        ("token=401", 401, "invalid_client"),
        ("token=503-after", 503, "temporarily_unavailable"),
    ] {
        world.inject(fault);
        let answer = world.ask_token(&token_path(), &token_form()).await;
        assert_eq!((answer.status, answer.field("error").as_str()), (status, error), "{fault}");
    }
    world.inject("token=drop");
    let request = world.client.post(world.url(&token_path())).form(&token_form());
    assert!(request.send().await.unwrap_err().status().is_none());
    world.renew().await;
}

#[tokio::test]
async fn faults_wait_from_the_start_too() {
    let world = World::with(|config| config.faults = vec!["isolate=503:2".parse().unwrap()]).await;
    assert_eq!(isolate(&world).await.unwrap(), 503);
    assert_eq!(isolate(&world).await.unwrap(), 503);
    assert_eq!(isolate(&world).await.unwrap(), 201);
}
