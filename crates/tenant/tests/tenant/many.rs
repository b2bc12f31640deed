//! What is done to many devices or alerts by one request, and alerts that are raised.

use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{DESKTOP, LINUX, World};

const ALERTS: [&str; 2] = ["da637472900382838869_1364969609", "da637308392288907382_-880718168"];
const TAG_MANY: &str = "/api/machines/AddOrRemoveTagForMultipleMachines";
const RAISE: &str = "/api/alerts/CreateAlertByReference";

fn did(world: &World) -> Vec<String> {
    world.tenant.effects().iter().map(|effect| effect.kind.to_string()).collect()
}

fn tag(action: &str, devices: &[&str]) -> String {
    json!({ "Value": "hot", "Action": action, "MachineIds": devices }).to_string()
}

#[tokio::test]
async fn many_devices_are_tagged_or_none() {
    let world = World::new().await;
    assert_eq!(world.post(TAG_MANY, &tag("Add", &[DESKTOP, "nobody"])).await.status, 404);
    assert!(did(&world).is_empty());
    for _ in 0..2 {
        let tagged = world.post(TAG_MANY, &tag("Add", &[DESKTOP, LINUX])).await.json();
        assert_eq!(tagged["value"][1]["machineTags"], json!(["hot"]));
    }
    world.post(TAG_MANY, &tag("Remove", &[DESKTOP])).await;
    assert_eq!(did(&world), ["addTag", "addTag", "removeTag"]);
    for (body, code) in [
        (tag("Drop", &[DESKTOP]), "InvalidInput"),
        (tag("Add", &[]), "InvalidInput"),
        (tag("Add", &[DESKTOP; 501]), "MaximumBatchSizeExceeded"),
        (r#"{"Value":"x","Action":"Add"}"#.into(), "MissingRequiredParameter"),
        (r#"{"Value":"x","Action":"Add","MachineIds":[1]}"#.into(), "InvalidRequestBody"),
    ] {
        assert_eq!(world.post(TAG_MANY, &body).await.error(), (400, code.into()), "{body}");
    }
}

#[tokio::test]
async fn a_device_gets_the_whole_list_of_its_tags() {
    let world = World::new().await;
    let path = format!("/api/machines/{DESKTOP}");
    let patch =
        async |body: Value| world.try_call(Method::PATCH, &path, Some(&body.to_string())).await.unwrap();
    let both = patch(json!({ "machineTags": ["a", "b"], "deviceValue": "High" })).await.json();
    assert_eq!((&both["machineTags"], &both["deviceValue"]), (&json!(["a", "b"]), &json!("High")));
    assert_eq!(patch(json!({ "machineTags": ["a", "b"] })).await.status, 200);
    assert_eq!(patch(json!({ "machineTags": [] })).await.json()["machineTags"], json!([]));
    let effects = world.tenant.effects();
    let what: Vec<_> = effects.iter().map(|effect| (effect.kind.as_str(), effect.action.as_str())).collect();
    assert_eq!(what, [("updateMachine", "a,b,High"), ("updateMachine", "")]);
    for (body, code) in [
        (json!({}), "InvalidRequestBody"),
        (json!({ "machineTags": "a" }), "InvalidRequestBody"),
        (json!({ "deviceValue": "Huge" }), "InvalidInput"),
    ] {
        assert_eq!(patch(body.clone()).await.error(), (400, code.into()), "{body}");
    }
}

#[tokio::test]
async fn many_alerts_are_changed_or_none() {
    let world = World::new().await;
    let path = "/api/alerts/batchUpdate";
    let body = |ids: &[&str]| {
        json!({
            "alertIds": ids, "status": "Resolved", "classification": "Informational, expected activity",
            "determination": "ConfirmedUserActivity", "comment": "done",
        })
        .to_string()
    };
    let unknown = world.post(path, &body(&[ALERTS[0], "x"])).await;
    assert_eq!(unknown.error(), (404, "ResourceNotFound".into()));
    assert!(did(&world).is_empty());
    let answer = world.post(path, &body(&ALERTS)).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    for id in ALERTS {
        let alert = world.get(&format!("/api/alerts/{id}")).await.json();
        assert_eq!(alert["classification"], "Informational, expected activity");
        assert_eq!(alert["comments"].as_array().unwrap().last().unwrap()["comment"], "done");
    }
    assert_eq!(world.last().operation.to_string(), "alerts");
    assert_eq!(world.tenant.effects()[0].action, ALERTS.join(","));
    let other_page = r#"{"alertIds":["x"],"determination":"NotMalicious"}"#;
    let other_page = other_page.replace('x', ALERTS[0]);
    assert_eq!(world.post(path, &other_page).await.error(), (400, "InvalidInput".into()));
}

fn event(title: &str, at: &str) -> Value {
    json!({
        "machineId": DESKTOP, "severity": "Low", "title": title, "description": "example alert",
        "recommendedAction": "nothing", "eventTime": at, "reportId": "20776", "category": "Exploit",
    })
}

#[tokio::test]
async fn an_event_raises_an_alert_or_joins_the_one_of_its_title_that_is_open() {
    let world = World::new().await;
    let raise = async |title: &str, at: &str| world.post(RAISE, &event(title, at).to_string()).await;
    let first = raise("example", "2024-12-31T16:45:21.7115183Z").await.json();
    assert_eq!(first["firstEventTime"], "2024-12-31T16:45:21.7115183Z");
    let joined = raise("example", "2024-12-31T17:00:00Z").await.json();
    assert_eq!((&joined["id"], &joined["firstEventTime"]), (&first["id"], &first["firstEventTime"]));
    assert_eq!(joined["lastEventTime"], "2024-12-31T17:00:00.0000000Z");
    assert_ne!(raise("another", "2024-12-31T17:00:00Z").await.json()["id"], first["id"]);
    let path = format!("/api/alerts/{}", first["id"].as_str().unwrap());
    world.try_call(Method::PATCH, &path, Some(r#"{"status":"Resolved"}"#)).await.unwrap();
    assert_ne!(raise("example", "2024-12-31T17:00:00Z").await.json()["id"], first["id"]);
    let listed = world.get(&format!("/api/machines/{DESKTOP}/alerts")).await.json();
    assert_eq!(listed["value"].as_array().unwrap().len(), 4);
    assert_eq!(did(&world).iter().filter(|kind| *kind == "CreateAlertByReference").count(), 4);
}

#[tokio::test]
async fn what_no_device_can_have_reported_is_no_event() {
    let world = World::new().await;
    let with = |name: &str, value: &str| {
        let mut event = event("example", "2024-12-31T16:45:21Z");
        event[name] = value.into();
        event.to_string()
    };
    for (body, error) in [
        (with("eventTime", "2001-01-01T00:00:00Z"), (404, "ResourceNotFound")),
        (with("eventTime", "2031-01-01T00:00:00Z"), (404, "ResourceNotFound")),
        (with("reportId", "x"), (404, "ResourceNotFound")),
        (with("machineId", "x"), (404, "ResourceNotFound")),
        (with("eventTime", "yesterday"), (400, "InvalidInput")),
        (with("severity", "Informational"), (400, "InvalidInput")),
        (with("category", "Weather"), (400, "InvalidInput")),
        (with("recommendedAction", ""), (400, "MissingRequiredParameter")),
    ] {
        assert_eq!(world.post(RAISE, &body).await.error(), (error.0, error.1.into()), "{body}");
    }
    assert!(did(&world).is_empty());
}
