//! Many alerts are changed as one, and an alert is raised once.

use crate::stage::{DEVICE, Stage};
use crate::world::{ALERT, World};
use riposte_engine::Outcome;
use riposte_model::ErrorKind;
use riposte_tenant::EffectKind;
use serde_json::{Value, json};

const OTHER: &str = "da637308392288907382_-880718168";

async fn comments(world: &World, id: &str) -> usize {
    let alert = world.done("get_alert", json!({ "alert_id": id })).await;
    alert["comments"].as_array().unwrap().iter().filter(|comment| comment["comment"] == "seen").count()
}

#[tokio::test]
async fn many_alerts_get_one_comment_each_however_often_it_is_sent() {
    let world = World::new().await;
    world.done("update_alert", json!({ "alert_id": OTHER, "comment": "seen" })).await;
    world.inject("batchUpdate=drop-after");
    let update = json!({
        "alert_ids": [ALERT, OTHER, ALERT], "status": "Resolved", "classification": "FalsePositive",
        "determination": "NotMalicious", "comment": "seen",
    });
    assert!(matches!(world.call("batch_update_alerts", &update).await, Outcome::Unknown(_)));
    let done = world.done("batch_update_alerts", update.clone()).await;
    assert_eq!(done, json!({ "updated": [ALERT, OTHER], "commented": [] }));
    for id in [ALERT, OTHER] {
        assert_eq!(comments(&world, id).await, 1);
        let alert = world.done("get_alert", json!({ "alert_id": id })).await;
        assert_eq!(
            (&alert["status"], &alert["classification"]),
            (&json!("Resolved"), &json!("FalsePositive"))
        );
    }
    let comment = json!({ "alert_ids": [OTHER], "comment": "seen" });
    assert_eq!(world.done("batch_update_alerts", comment).await["commented"], json!([]));
    let comment = json!({ "alert_ids": [OTHER], "comment": "seen again" });
    assert_eq!(world.done("batch_update_alerts", comment).await["commented"], json!([OTHER]));
}

#[tokio::test]
async fn an_alert_that_is_not_there_keeps_all_from_being_changed() {
    let world = World::new().await;
    for (ids, kind) in [([ALERT, "da1_1"], "not_found"), ([ALERT, &OTHER.to_uppercase()], "invalid")] {
        let update = json!({ "alert_ids": ids, "status": "Resolved" });
        assert_eq!(world.failed("batch_update_alerts", update).await.as_str(), kind);
    }
    let nothing = json!({ "alert_ids": [ALERT] });
    assert_eq!(world.failed("batch_update_alerts", nothing).await.as_str(), "invalid");
    assert!(world.did().is_empty());
}

#[tokio::test]
async fn more_alerts_than_one_address_holds_are_looked_up() {
    let world = World::new().await;
    let mut ids: Vec<String> = (0..99).map(|n| format!("da{n:0120}_1")).collect();
    ids.insert(0, ALERT.to_owned());
    let update = json!({ "alert_ids": ids, "status": "Resolved" });
    assert_eq!(world.failed("batch_update_alerts", update).await.as_str(), "not_found");
}

/// An event of the moment at which the device was last seen.
fn raise(more: &str) -> String {
    let device =
        format!("  - {{ id: device, action: defender.get_machine, with: {{ machine_id: {DEVICE} }} }}\n");
    let event = "event_time: \"${{ steps.device.output.lastSeen }}\", report_id: \"20776\"";
    let words =
        "severity: Low, title: Found by a hunt, description: example alert, recommended_action: nothing";
    format!(
        "{device}  - id: last\n    action: defender.create_alert_by_reference\n    with: {{ machine_id: {DEVICE}, {event}, {words}, category: Exploit }}\n{more}"
    )
}

async fn alerts(stage: &Stage) -> Vec<Value> {
    let steps = format!(
        "  - {{ id: last, action: defender.get_machine_alerts, with: {{ machine_id: {DEVICE} }} }}\n"
    );
    stage.output(&steps).await.as_array().unwrap().clone()
}

#[tokio::test]
async fn an_alert_is_raised_and_carries_the_marker() {
    let stage = Stage::new(&[]).await;
    let alert = stage.output(&raise("")).await;
    assert_eq!((&alert["machineId"], &alert["title"]), (&json!(DEVICE), &json!("Found by a hunt")));
    let description = alert["description"].as_str().unwrap();
    assert!(description.ends_with(" example alert") && description.starts_with('['), "{description}");
    assert_eq!(stage.count(EffectKind::CreateAlert), 1);
}

#[tokio::test]
async fn an_alert_whose_request_was_lost_is_raised_by_the_next() {
    let stage = Stage::new(&["CreateAlertByReference=drop"]).await;
    stage.output(&raise("    retry: { attempts: 2, initial: 10ms }\n")).await;
    assert_eq!((stage.count(EffectKind::CreateAlert), stage.struck()), (1, 1));
}

#[tokio::test]
async fn an_alert_whose_answer_was_lost_is_found_and_not_raised_twice() {
    let stage = Stage::new(&["CreateAlertByReference=drop-after"]).await;
    let found = stage.output(&raise("    retry: { attempts: 2, initial: 10ms }\n")).await;
    assert_eq!(stage.count(EffectKind::CreateAlert), 1);
    assert_eq!(alerts(&stage).await[0]["id"], found["id"]);
}

#[tokio::test]
async fn an_event_that_may_have_joined_an_open_alert_is_for_a_person_to_look_at() {
    let stage = Stage::new(&[]).await;
    stage.output(&raise("")).await;
    stage.tenant.inject("CreateAlertByReference=drop-after".parse().unwrap());
    let failure = stage.failure(&raise("    timeout: 1s\n")).await;
    assert_eq!(failure.kind, ErrorKind::UnknownOutcome);
    assert_eq!(stage.count(EffectKind::CreateAlert), 2);
}

#[tokio::test]
async fn an_event_that_is_not_there_raises_nothing() {
    let stage = Stage::new(&[]).await;
    let failure = stage.failure(&raise("").replace("20776", "x")).await;
    assert_eq!(failure.kind, ErrorKind::NotFound);
    assert_eq!(stage.count(EffectKind::CreateAlert), 0);
}
