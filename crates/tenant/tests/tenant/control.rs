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

#[tokio::test]
async fn the_history_of_a_device_tells_what_was_done_to_it_in_order() {
    let world = World::new().await;
    world.open(DESKTOP, "isolate").await;
    world.clock.advance(std::time::Duration::from_secs(1));
    world.post(&format!("/api/machines/{DESKTOP}/tags"), r#"{"Value":"seen","Action":"Add"}"#).await;
    world.clock.advance(std::time::Duration::from_secs(1));
    let scan = world.open(OFFLINE, "runAntiVirusScan").await;
    world.open(DESKTOP, "unisolate").await;
    world.post(&format!("/api/machineactions/{scan}/cancel"), r#"{"Comment":"no"}"#).await;
    let history = async |device: &str| {
        let (status, body) = control(&world, Method::GET, &format!("devices/{device}/history"), "").await;
        assert_eq!(status, 200);
        body
    };
    let desktop = history("desktop-39g9tgl.contoso.example").await;
    assert_eq!((&desktop["id"], &desktop["isolated"]), (&json!(DESKTOP), &json!(false)));
    let steps = desktop["history"].as_array().unwrap();
    let kinds: Vec<&Value> = steps.iter().map(|step| &step["kind"]).collect();
    assert_eq!(kinds, ["isolate", "addTag", "unisolate"]);
    assert_eq!(
        steps[0],
        json!({
            "at": "2025-01-01T00:00:00.0000000Z", "kind": "isolate", "action": steps[0]["action"],
            "status": "Succeeded", "since": "2025-01-01T00:00:00.0000000Z", "requestor": "Riposte", "comment": "why",
        })
    );
    assert_eq!(steps[1], json!({ "at": "2025-01-01T00:00:01.0000000Z", "kind": "addTag", "action": "seen" }));
    let offline = history(OFFLINE).await;
    let steps: Vec<(&Value, &Value)> =
        offline["history"].as_array().unwrap().iter().map(|step| (&step["kind"], &step["status"])).collect();
    assert_eq!(
        steps,
        [(&json!("runAntiVirusScan"), &json!("Cancelled")), (&json!("cancel"), &json!("Cancelled"))]
    );
    assert_eq!(control(&world, Method::GET, "devices/nobody/history", "").await.0, 404);
}

#[tokio::test]
async fn alerts_can_be_raised() {
    let world = World::new().await;
    let body = json!({ "title": "New one", "device": OFFLINE, "severity": "High", "evidence": { "ips": ["192.0.2.7"] } });
    let (status, answer) = control(&world, Method::POST, "alerts", &body.to_string()).await;
    assert_eq!(status, 201);
    let id = answer["id"].as_str().unwrap();
    let alert = world.get(&format!("/api/alerts/{id}")).await.json();
    assert_eq!((&alert["title"], &alert["computerDnsName"]), (&json!("New one"), &json!(OFFLINE)));
    assert_eq!(alert["evidence"][0]["ipAddress"], "192.0.2.7");
    let newest = world.get("/api/alerts?$top=1").await.json();
    assert_eq!(newest["value"][0]["id"], id);
    for (body, says) in [
        (json!({ "title": "x", "device": "nobody" }).to_string(), "`nobody`"),
        (json!({ "title": "x", "device": DESKTOP, "id": id }).to_string(), "already"),
        (json!({ "title": "x", "device": DESKTOP, "severity": "Huge" }).to_string(), "`Informational`"),
        (json!({ "titel": "x" }).to_string(), "`title`"),
    ] {
        let (status, answer) = control(&world, Method::POST, "alerts", &body).await;
        assert!(status == 400 && answer["error"].as_str().unwrap().contains(says), "{body}: {answer}");
    }
}

#[tokio::test]
async fn a_device_can_be_added_as_a_scenario_has_it() {
    let world = World::new().await;
    let body = r#"{"name":"new.contoso.example","os":"Ubuntu","isolated":true,"tags":["x"],"users":["user1","new"]}"#;
    let (status, device) = control(&world, Method::POST, "devices", body).await;
    assert_eq!((status, &device["isolated"], &device["effects"]["isolate"]), (201, &json!(true), &json!(0)));
    let machine = world.get("/api/machines/new.contoso.example").await.json();
    assert_eq!((&machine["osPlatform"], &machine["machineTags"]), (&json!("Ubuntu"), &json!(["x"])));
    let users = world.get("/api/machines/new.contoso.example/logonusers").await.json();
    let names: Vec<&Value> =
        users["value"].as_array().unwrap().iter().map(|user| &user["accountName"]).collect();
    assert_eq!(names, ["user1", "new"]);
}

#[tokio::test]
async fn all_tokens_can_be_made_to_expire() {
    let world = World::new().await;
    assert_eq!(world.get("/api/machines").await.status, 200);
    let token = world.token.lock().unwrap().clone();
    let (status, answer) = control(&world, Method::POST, "tokens/expire", "").await;
    assert_eq!((status, answer), (200, json!({ "expired": 1 })));
    assert_eq!(world.get("/api/machines").await.status, 200, "a token that was issued afterwards is good");
    *world.token.lock().unwrap() = token;
    assert_eq!(world.get("/api/machines").await.status, 401);
}

#[tokio::test]
async fn what_is_spent_of_the_limits_can_be_read() {
    let world = World::with(|config| config.rate_limits = true).await;
    world.get("/api/machines").await;
    world.clock.advance(std::time::Duration::from_secs(61));
    world.get("/api/machines").await;
    let (_, limits) = control(&world, Method::GET, "limits", "").await;
    assert_eq!(
        limits["general"],
        json!({ "last_minute": 1, "per_minute": 100, "last_hour": 2, "per_hour": 1_500 })
    );
    assert_eq!(limits["getPackageUri"]["last_hour"], 0);
}
