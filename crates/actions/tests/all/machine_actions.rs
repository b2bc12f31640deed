//! Actions that open a machine action: carried out once, followed to their end, true of the device afterwards.

use crate::stage::{DEVICE, Stage};
use riposte_model::ErrorKind;
use riposte_tenant::EffectKind;

const FILE: &str = "87662bc3d60e4200ceaf7aae249d1c343f4b83c9";

fn on_device(action: &str, more: &str) -> String {
    format!(
        "  - {{ id: last, action: defender.{action}, with: {{ machine_id: {DEVICE}, comment: because{more} }} }}\n"
    )
}

fn quarantine() -> String {
    on_device("stop_and_quarantine_file", &format!(", sha1: {FILE}"))
}

#[tokio::test]
async fn a_device_is_restricted_and_released_again() {
    let stage = Stage::new(&[]).await;
    let output = stage.output(&on_device("restrict_code_execution", "")).await;
    assert_eq!(output["type"], "RestrictCodeExecution");
    assert_eq!(output["status"], "Succeeded");
    let comment = output["requestorComment"].as_str().unwrap();
    assert!(comment.starts_with("[riposte run_") && comment.ends_with("] because"), "{comment}");
    assert_eq!(stage.tenant.is_restricted(DEVICE), Some(true));
    stage.output(&on_device("unrestrict_code_execution", "")).await;
    assert_eq!(stage.tenant.is_restricted(DEVICE), Some(false));
    assert_eq!(stage.count(EffectKind::RestrictCodeExecution), 1);
    assert_eq!(stage.count(EffectKind::UnrestrictCodeExecution), 1);
}

#[tokio::test]
async fn a_file_is_stopped_and_quarantined() {
    let stage = Stage::new(&[]).await;
    let output = stage.output(&quarantine()).await;
    assert_eq!(output["relatedFileInfo"]["fileIdentifier"], FILE);
    assert_eq!(stage.tenant.quarantined(DEVICE), Some(vec![FILE.to_owned()]));
}

#[tokio::test]
async fn a_device_is_offboarded_once_though_the_answer_was_lost() {
    let stage = Stage::new(&["offboard=drop-after"]).await;
    let output = stage.output(&on_device("offboard_machine", "")).await;
    assert_eq!((&output["type"], &output["status"]), (&"Offboard".into(), &"Succeeded".into()));
    assert_eq!(stage.tenant.is_offboarded(DEVICE), Some(true));
    assert_eq!((stage.count(EffectKind::Offboard), stage.struck()), (1, 1));
}

#[tokio::test]
async fn a_lost_answer_is_found_again_and_nothing_is_done_twice() {
    for (fault, steps, kind) in [
        (
            "restrictCodeExecution=drop-after",
            on_device("restrict_code_execution", ""),
            EffectKind::RestrictCodeExecution,
        ),
        (
            "unrestrictCodeExecution=503-after",
            on_device("unrestrict_code_execution", ""),
            EffectKind::UnrestrictCodeExecution,
        ),
        ("StopAndQuarantineFile=malformed", quarantine(), EffectKind::StopAndQuarantineFile),
    ] {
        let stage = Stage::new(&[fault]).await;
        let output = stage.output(&steps).await;
        assert_eq!(output["status"], "Succeeded", "{fault}");
        assert_eq!((stage.count(kind), stage.struck()), (1, 1), "{fault}");
    }
}

#[tokio::test]
async fn a_lost_request_is_sent_again() {
    let stage = Stage::new(&["StopAndQuarantineFile=drop"]).await;
    stage.output(&quarantine()).await;
    assert_eq!(stage.count(EffectKind::StopAndQuarantineFile), 1);
}

#[tokio::test]
async fn what_somebody_else_has_opened_is_a_conflict() {
    let stage = Stage::new(&[]).await;
    assert!(stage.tenant.set_online(DEVICE, false));
    let steps = on_device("restrict_code_execution", "").replace("with:", "await: accepted, with:");
    stage.output(&steps).await;
    let failure = stage.failure(&steps).await;
    assert_eq!(failure.kind, ErrorKind::Conflict);
    assert!(failure.message.starts_with("RestrictCodeExecution "), "{failure}");
    assert_eq!(stage.count(EffectKind::RestrictCodeExecution), 1);
}
