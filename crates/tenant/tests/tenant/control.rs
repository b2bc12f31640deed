use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{Answer, DESKTOP, OFFLINE, World};

/// A request of the control API, which needs no token.
async fn control(world: &World, method: Method, path: &str, body: &str) -> (u16, Value) {
    world.token.lock().unwrap().clear();
    let answer: Answer = world.try_call(method, &format!("/_tenant/{path}"), Some(body)).await.unwrap();
    world.renew().await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn the_log_can_be_read_over_http() {
    let world = World::new().await;
    world.inject("isolate=drop-after");
    let body = r#"{"Comment":"x"}"#;
    world.try_call(Method::POST, &format!("/api/machines/{DESKTOP}/isolate"), Some(body)).await.unwrap_err();
    let (status, log) = control(&world, Method::GET, "log", "").await;
    assert_eq!(status, 200);
    assert_eq!(
        log[1],
        json!({
            "at": "2025-01-01T00:00:00.0000000Z",
            "method": "POST",
            "path": format!("/api/machines/{DESKTOP}/isolate"),
            "query": null,
            "operation": "isolate",
            "status": "dropped",
            "fault": "isolate=drop-after",
            "effect": {
                "at": "2025-01-01T00:00:00.0000000Z",
                "device": DESKTOP,
                "kind": "isolate",
                "action": world.tenant.effects()[0].action,
            },
        })
    );
    assert_eq!(log[0]["status"], 200);
    assert_eq!(log[0]["effect"], Value::Null);
    assert_eq!(log.as_array().unwrap().len(), 2, "the control API does not log itself");
}

#[tokio::test]
async fn devices_show_what_truly_happened_to_them() {
    let world = World::new().await;
    world.open(DESKTOP, "isolate").await;
    world.open(OFFLINE, "runAntiVirusScan").await;
    let (_, devices) = control(&world, Method::GET, "devices", "").await;
    assert_eq!(devices.as_array().unwrap().len(), 6);
    assert_eq!(
        devices[0],
        json!({
            "id": DESKTOP,
            "name": "desktop-39g9tgl.contoso.example",
            "online": true,
            "isolated": true,
            "restricted": false,
            "quarantined": [],
            "offboarded": false,
            "effects": {
                "isolate": 1, "unisolate": 0, "runAntiVirusScan": 0, "collectInvestigationPackage": 0,
                "restrictCodeExecution": 0, "unrestrictCodeExecution": 0, "StopAndQuarantineFile": 0,
                "offboard": 0, "runliveresponse": 0,
            },
        })
    );
    let (_, online) =
        control(&world, Method::POST, &format!("devices/{OFFLINE}/online"), r#"{"online":true}"#).await;
    assert_eq!((&online["online"], &online["effects"]["runAntiVirusScan"]), (&json!(true), &json!(1)));
    assert_eq!(world.get(&format!("/api/machines/{OFFLINE}")).await.field("healthStatus"), "Active");
}

#[tokio::test]
async fn faults_can_be_ordered_as_text_or_json() {
    let world = World::new().await;
    for body in ["machines=503", r#"{"fault":"machines=503"}"#] {
        let (status, answer) = control(&world, Method::POST, "faults", body).await;
        assert_eq!((status, answer), (201, json!({ "fault": "machines=503" })));
        assert_eq!(world.get("/api/machines").await.status, 503);
        assert_eq!(world.get("/api/machines").await.status, 200);
    }
    let (status, answer) = control(&world, Method::POST, "faults", "machines=418").await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("valid are"));
    for n in 0..=1_000 {
        let (status, _) = control(&world, Method::POST, "faults", "cancel=drop").await;
        assert_eq!(status, if n < 1_000 { 201 } else { 409 });
    }
}

#[tokio::test]
async fn devices_can_be_added() {
    let world = World::new().await;
    let (status, device) =
        control(&world, Method::POST, "devices", r#"{"id":"abc-1","name":"evil\u001b[2J","online":false}"#)
            .await;
    assert_eq!((status, &device["online"]), (201, &json!(false)));
    assert_eq!(world.get("/api/machines/abc-1").await.field("computerDnsName"), "evil\u{1b}[2J");
    let id = world.open("abc-1", "isolate").await;
    assert_eq!(world.status(&id).await, "Pending");
    for (body, expected) in [
        (r#"{"id":"abc-1","name":"again"}"#, 409),
        (r#"{"id":"a b","name":"x"}"#, 400),
        (r#"{"id":"x"}"#, 400),
        ("", 400),
        (r#"{"id":"x","name":"x"}"#, 201),
    ] {
        let (status, answer) = control(&world, Method::POST, "devices", body).await;
        assert_eq!(status, expected, "{body}: {answer}");
    }
    let (status, _) = control(&world, Method::POST, "devices/nobody/online", r#"{"online":true}"#).await;
    assert_eq!(status, 404);
    let (status, _) = control(&world, Method::POST, "devices/abc-1/online", r#"{"offline":true}"#).await;
    assert_eq!(status, 400);
}
