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
async fn an_answer_is_spoilt_as_proxies_and_bugs_spoil_it() {
    let world = World::new().await;
    for (fault, kind, says) in [
        ("malformed-html", "text/html; charset=utf-8", "<h1>Sign in"),
        ("malformed-empty", "application/json; charset=utf-8", ""),
        ("malformed-types", "application/json; charset=utf-8", r#""id":{"unexpected":true}"#),
    ] {
        let done = world.tenant.effects().len();
        world.inject(&format!("runAntiVirusScan={fault}"));
        let token = world.token.lock().unwrap().clone();
        let path = world.url(&format!("/api/machines/{DESKTOP}/runAntiVirusScan"));
        let body = r#"{"Comment":"why","ScanType":"Quick"}"#;
        let answer = world.client.post(path).bearer_auth(token).body(body).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()),
            (200, kind)
        );
        let text = answer.text().await.unwrap();
        assert!(text.contains(says) && text.is_empty() == says.is_empty(), "{fault}: {text}");
        assert_eq!(world.tenant.effects().len(), done + 1, "{fault}");
    }
    world.inject("machines=malformed-types");
    assert_eq!(world.get("/api/machines").await.json()["value"], "unexpected");
    world.inject("deleteIndicator=malformed-types");
    let gone = world.try_call(Method::DELETE, "/api/indicators/995", None).await.unwrap();
    assert_eq!((gone.status, gone.text.as_str()), (200, "[]"));
}

#[tokio::test]
async fn half_a_body_arrives_and_then_the_connection_ends() {
    let world = World::new().await;
    world.inject("isolate=malformed-cut");
    let token = world.token.lock().unwrap().clone();
    let mut stream = TcpStream::connect(world.tenant.address()).await.unwrap();
    let request = format!(
        "POST {ISOLATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    assert!(answer.contains("@odata.context") && !answer.contains("relatedFileInfo"), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "no end that a client could take for one: {answer}");
    assert_eq!(world.tenant.effects().len(), 1);
    assert_eq!(world.last().status, Status::Answered(201));

    world.inject("isolate=malformed-cut");
    let (path, token) = (world.url(ISOLATE), world.token.lock().unwrap().clone());
    let answer = world.client.post(path).bearer_auth(token).body(BODY).send().await.unwrap();
    answer.bytes().await.unwrap_err();
}

#[tokio::test]
async fn an_expired_token_is_told_so_and_all_of_them_are_expired() {
    let world = World::new().await;
    let other = world.token.lock().unwrap().clone();
    world.renew().await;
    world.inject("machines=expired-token");
    let token = world.token.lock().unwrap().clone();
    let answer = world.client.get(world.url("/api/machines")).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let challenge = answer.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(challenge.starts_with("Bearer error=\"invalid_token\""), "{challenge}");
    assert_eq!(world.get("/api/machines").await.error(), (401, "Unauthorized".into()));
    *world.token.lock().unwrap() = other;
    assert_eq!(world.get("/api/machines").await.status, 401);
    world.renew().await;
    assert_eq!(world.get("/api/machines").await.status, 200);
}

#[tokio::test]
async fn a_throttled_client_hears_of_its_pause_in_several_ways() {
    let world = World::new().await;
    for (fault, expected) in [
        ("429", Some("1")),
        ("429-90s", Some("90")),
        ("429-0s", Some("0")),
        ("429-date", Some("Wed, 01 Jan 2025 00:00:02 GMT")),
        ("429-none", None),
    ] {
        world.inject(&format!("machines={fault}"));
        let token = world.token.lock().unwrap().clone();
        let answer = world.client.get(world.url("/api/machines")).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), 429);
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("retry-after"), expected, "{fault}");
        if fault == "429-date" {
            assert_eq!(
                header("date"),
                Some("Wed, 01 Jan 2025 00:00:00 GMT"),
                "the two dates are of one clock"
            );
        }
    }
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
