//! Changes do what they say, say what they did, and do no harm when they are repeated.

use crate::world::{ALERT, DEVICE, World};
use riposte_engine::Outcome;
use riposte_tenant::Config;
use serde_json::{Value, json};

const HASH: &str = "220e7d15b011d7fac48f2bd61114db1022197f7f";

fn indicator(value: &str, action: &str) -> Value {
    json!({
        "indicator_value": value, "indicator_type": "FileSha1", "action": action, "title": "t",
        "description": "d", "severity": "High", "generate_alert": true,
        "expiration_time": "2031-01-01T00:00:00Z", "rbac_group_names": ["a"],
    })
}

#[tokio::test]
async fn an_indicator_is_created_once_however_often_it_is_sent() {
    let world = World::new().await;
    world.inject("createIndicator=drop-after");
    let lost = world.call("create_indicator", &indicator(HASH, "Audit")).await;
    assert!(matches!(lost, Outcome::Unknown(_)), "{lost:?}");
    let made = world.done("create_indicator", indicator(HASH, "Audit")).await;
    assert_eq!(made["expirationTime"], "2031-01-01T00:00:00.0000000Z");
    assert_eq!((&made["generateAlert"], &made["rbacGroupNames"]), (&json!(true), &json!(["a"])));
    let found = world.done("list_indicators", json!({ "indicator_value": HASH })).await;
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    let id = json!({ "indicator_id": made["id"] });
    assert_eq!(world.done("delete_indicator", id.clone()).await["deleted"], true);
    assert_eq!(world.done("delete_indicator", id).await["deleted"], false);
    assert_eq!(world.did(), ["createIndicator", "updateIndicator", "deleteIndicator"]);
}

#[tokio::test]
async fn an_import_tells_of_each_and_is_deleted_again() {
    let world = World::new().await;
    let indicators = [indicator(HASH, "Block"), indicator("no hash", "Block")];
    let results = world.done("import_indicators", json!({ "indicators": indicators })).await;
    assert_eq!((&results[0]["isFailed"], &results[1]["isFailed"]), (&json!(false), &json!(true)));
    let ids = json!({ "indicator_ids": [results[0]["id"]] });
    assert_eq!(world.done("batch_delete_indicators", ids.clone()).await["deleted"], ids["indicator_ids"]);
    assert_eq!(world.done("batch_delete_indicators", ids.clone()).await["absent"], ids["indicator_ids"]);
    let other = world.done("create_indicator", indicator(HASH, "Block")).await["id"].clone();
    let mixed = json!({ "indicator_ids": [results[0]["id"], other] });
    let output = world.done("batch_delete_indicators", mixed).await;
    assert_eq!(output, json!({ "deleted": [other], "absent": [results[0]["id"]] }));
}

#[tokio::test]
async fn a_file_is_blocked_and_unblocked() {
    let world = World::new().await;
    let block = json!({ "file_hash": HASH.to_uppercase(), "comment": "alert 1" });
    let first = world.done("block_file", block.clone()).await;
    assert_eq!(
        (&first["previous"], &first["indicator"]["action"]),
        (&Value::Null, &json!("BlockAndRemediate"))
    );
    assert_eq!(world.done("block_file", block).await["previous"]["id"], first["indicator"]["id"]);
    let file = json!({ "file_hash": HASH });
    let lifted = world.done("unblock_file", file.clone()).await;
    assert_eq!(lifted, json!({ "unblocked": true, "deleted": [first["indicator"]["id"]] }));
    assert_eq!(world.done("unblock_file", file).await, json!({ "unblocked": false, "deleted": [] }));
}

#[tokio::test]
async fn a_file_is_listed_for_as_long_as_it_is_blocked() {
    let world = World::new().await;
    let listed = || world.done("list_file_actions", json!({}));
    assert_eq!(listed().await, json!([]), "what a person allowed and an address are no blocked files");
    let sha256 = HASH.repeat(2)[..64].to_owned();
    let block = json!({ "file_hash": HASH, "comment": "alert 1" });
    let first = world.done("block_file", block).await["indicator"].clone();
    let block = json!({ "file_hash": sha256, "comment": "alert 2", "action": "Block" });
    let second = world.done("block_file", block).await["indicator"].clone();
    world.done("create_indicator", indicator(&HASH.replace('2', "3"), "Audit")).await;
    assert_eq!(listed().await, json!([first, second]));
    world.done("unblock_file", json!({ "file_hash": HASH })).await;
    assert_eq!(listed().await, json!([second]));
}

#[tokio::test]
async fn unblocking_leaves_alone_what_does_not_block() {
    let world = World::new().await;
    world.done("create_indicator", indicator(HASH, "Allowed")).await;
    let lifted = world.done("unblock_file", json!({ "file_hash": HASH })).await;
    assert_eq!(lifted["unblocked"], false);
    assert_eq!(world.did(), ["createIndicator"]);
    let block = json!({ "file_hash": HASH, "comment": "alert 1", "action": "Block" });
    assert_eq!(world.done("block_file", block).await["previous"]["action"], "Allowed");
}

#[tokio::test]
async fn a_repeated_update_leaves_one_comment() {
    let world = World::new().await;
    world.inject("updateAlert=500-after");
    let update = json!({
        "alert_id": ALERT, "status": "Resolved", "assigned_to": "riposte",
        "classification": "InformationalExpectedActivity", "determination": "SecurityTesting", "comment": "seen",
    });
    assert!(matches!(world.call("update_alert", &update).await, Outcome::Unknown(_)));
    let alert = world.done("update_alert", update).await;
    assert_eq!(alert["comments"].as_array().map(Vec::len), Some(1));
    assert_eq!((&alert["status"], &alert["assignedTo"]), (&json!("Resolved"), &json!("riposte")));
    let again = world.done("update_alert", json!({ "alert_id": ALERT, "comment": "seen" })).await;
    assert_eq!(again["comments"], alert["comments"]);
    assert_eq!(world.did(), ["updateAlert", "updateAlert"]);
    assert_eq!(world.failed("update_alert", json!({ "alert_id": ALERT })).await.as_str(), "invalid");
}

#[tokio::test]
async fn a_device_is_labelled_and_the_labels_are_taken_off() {
    let world = World::new().await;
    let tag = json!({ "machine_id": DEVICE, "tag": "contained' by riposte" });
    let tagged = world.done("add_machine_tag", tag.clone()).await;
    assert_eq!(tagged["machineTags"][2], "contained' by riposte");
    world.done("add_machine_tag", tag.clone()).await;
    let found = world.done("list_machines", json!({ "tag": "contained' by riposte" })).await;
    assert_eq!(found[0]["id"], DEVICE);
    world.done("remove_machine_tag", tag).await;
    let value = json!({ "machine_id": DEVICE, "device_value": "High" });
    assert_eq!(world.done("set_device_value", value).await["deviceValue"], "High");
    assert_eq!(world.did(), ["addTag", "removeTag", "setDeviceValue"]);
}

#[tokio::test]
async fn many_devices_are_labelled_at_once_and_one_gets_all_its_labels() {
    let world = World::new().await;
    let all = world.done("list_machines", json!({})).await;
    let tag = json!({ "machine_ids": [DEVICE, all[1]["id"]], "tag": "hot" });
    let tagged = world.done("add_machine_tag_multiple", tag.clone()).await;
    assert_eq!((&tagged[0]["machineTags"][2], &tagged[1]["machineTags"][0]), (&json!("hot"), &json!("hot")));
    world.done("add_machine_tag_multiple", tag.clone()).await;
    let cleared = world.done("remove_machine_tag_multiple", tag).await;
    assert_eq!(cleared[1]["machineTags"], json!([]));
    let both = json!({ "machine_id": DEVICE, "machine_tags": ["a", "b"], "device_value": "High" });
    let updated = world.done("update_machine", both.clone()).await;
    assert_eq!((&updated["machineTags"], &updated["deviceValue"]), (&json!(["a", "b"]), &json!("High")));
    world.done("update_machine", both).await;
    let none = json!({ "machine_id": DEVICE, "machine_tags": [] });
    assert_eq!(world.done("update_machine", none).await["machineTags"], json!([]));
    assert_eq!(world.did(), ["addTag", "addTag", "removeTag", "removeTag", "updateMachine", "updateMachine"]);
    let nothing = json!({ "machine_id": DEVICE });
    assert_eq!(world.failed("update_machine", nothing).await.as_str(), "invalid");
}

#[tokio::test]
async fn a_missing_permission_changes_nothing() {
    let permissions = vec!["Machine.Read.All".to_owned()];
    let world = World::with(Config { permissions, ..Config::default() }).await;
    let tag = json!({ "machine_id": DEVICE, "tag": "x" });
    assert_eq!(world.failed("add_machine_tag", tag).await.as_str(), "forbidden");
    assert!(world.did().is_empty());
}
