//! What a retired file operation became on a current tenant.

use crate::stage::{DEVICE, Stage};
use riposte_model::ErrorKind;
use riposte_tenant::EffectKind;
use serde_json::json;

const FILE: &str = "87662bc3d60e4200ceaf7aae249d1c343f4b83c9";

fn sample() -> String {
    format!(
        "  - id: sample\n    action: defender.request_sample\n    with: {{ machine_id: {DEVICE}, comment: look at it, path: \"C:\\\\bad.exe\" }}\n"
    )
}

fn of(action: &str, with: &str) -> String {
    format!("  - id: last\n    action: defender.{action}\n    with: {{ {with} }}\n")
}

#[tokio::test]
async fn a_sample_is_fetched_by_live_response_and_can_be_downloaded() {
    let stage = Stage::new(&["runliveresponse=drop-after"]).await;
    let link = of("get_live_response_result", "action_id: \"${{ steps.sample.output.id }}\", index: 0");
    let run = stage.play(&(sample() + &link)).await;
    let sample = &run.values()[1].1["sample"]["output"];
    assert_eq!((&sample["type"], &sample["status"]), (&json!("LiveResponse"), &json!("Succeeded")));
    let asked = json!({ "type": "GetFile", "params": [{ "key": "Path", "value": "C:\\bad.exe" }] });
    assert_eq!(sample["commands"][0]["command"], asked);
    assert_eq!(run.values()[1].1["last"]["output"]["available"], true);
    assert_eq!(stage.count(EffectKind::RunLiveResponse), 1);
}

#[tokio::test]
async fn only_what_concerns_a_file_is_a_file_machine_action() {
    let stage = Stage::new(&[]).await;
    let on = |action: &str, more: &str| {
        format!("  - {{ action: defender.{action}, with: {{ machine_id: {DEVICE}, comment: x{more} }} }}\n")
    };
    let script = on("run_live_response", ", run_scripts: [{ script_name: script.sh }]");
    let quarantine = on("stop_and_quarantine_file", &format!(", sha1: {FILE}"));
    let all = of("list_file_machine_actions", &format!("machine_id: {DEVICE}"));
    let steps = [on("isolate_machine", ""), script, quarantine, sample(), all].concat();
    let listed = stage.output(&steps).await;
    let kinds: Vec<_> = listed.as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["LiveResponse", "StopAndQuarantineFile"], "newest first, as Defender lists them");
    let top = stage.output(&of("list_file_machine_actions", "top: 1, status: Succeeded")).await;
    assert_eq!(top, json!([listed[0]]));
    let other = "0".repeat(40);
    let none = stage.output(&of("list_file_machine_actions", &format!("machine_id: \"{other}\""))).await;
    assert_eq!(none, json!([]));

    for one in listed.as_array().unwrap() {
        let id = one["id"].as_str().unwrap();
        assert_eq!(&stage.output(&of("get_file_machine_action", &format!("action_id: {id}"))).await, one);
    }
    let effects = stage.tenant.effects();
    for effect in &effects[..2] {
        let failure =
            stage.failure(&of("get_file_machine_action", &format!("action_id: {}", effect.action))).await;
        assert_eq!(failure.kind, ErrorKind::NotFound);
        assert!(failure.message.ends_with(" and concerns no file"), "{failure}");
    }
}
