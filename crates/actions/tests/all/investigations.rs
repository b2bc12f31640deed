//! Automated investigations: started once, told apart from others only by their absence.

use crate::stage::{DEVICE, Stage};
use riposte_model::ErrorKind;
use riposte_tenant::EffectKind;
use serde_json::json;

fn start(more: &str) -> String {
    format!(
        "  - {{ id: last, action: defender.start_investigation, with: {{ machine_id: {DEVICE}, comment: look }}{more} }}\n"
    )
}

#[tokio::test]
async fn an_investigation_is_started_and_looked_up() {
    let stage = Stage::new(&[]).await;
    let id = "\"${{ steps.last.output.id }}\"";
    let steps = format!(
        "{}  - {{ id: one, action: defender.get_investigation, with: {{ investigation_id: {id} }} }}\n  - {{ id: all, action: defender.list_investigations, with: {{ machine_id: {DEVICE}, state: Benign, triggering_alert_id: \"${{{{ steps.one.output.triggeringAlertId }}}}\", started_since: \"2024-01-01T00:00:00Z\", top: 5 }} }}\n",
        start("")
    );
    let run = stage.play(&steps).await;
    let [_, (_, values), ..] = run.values();
    assert_eq!(values["last"]["output"]["machineId"], DEVICE);
    assert_eq!(values["one"]["output"]["id"], values["last"]["output"]["id"]);
    assert_eq!(values["all"]["output"], json!([values["one"]["output"]]));
    assert_eq!(stage.count(EffectKind::StartInvestigation), 1);
}

#[tokio::test]
async fn a_request_that_was_lost_is_sent_again() {
    let stage = Stage::new(&["startInvestigation=drop"]).await;
    stage.output(&start(", retry: { attempts: 2, initial: 10ms }")).await;
    assert_eq!((stage.count(EffectKind::StartInvestigation), stage.struck()), (1, 1));
}

#[tokio::test]
async fn after_a_lost_answer_it_is_not_started_twice_and_a_person_has_to_look() {
    let stage = Stage::new(&["startInvestigation=drop-after"]).await;
    let failure = stage.failure(&start(", timeout: 1s")).await;
    assert_eq!(failure.kind, ErrorKind::UnknownOutcome);
    assert_eq!(stage.count(EffectKind::StartInvestigation), 1);
}
