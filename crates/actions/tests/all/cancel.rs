//! Cancelling a machine action: only while it has not ended, and whatever became of the answer.

use crate::stage::{DEVICE, Stage};
use riposte_model::ErrorKind;
use riposte_tenant::EffectKind;

/// Isolates a device that is offline, so that there is something to cancel.
fn isolate_and(then: &str) -> String {
    format!(
        "  - {{ id: isolate, action: defender.isolate_machine, await: accepted, with: {{ machine_id: {DEVICE}, comment: x }} }}\n{then}"
    )
}

const CANCEL: &str = "  - id: last\n    action: defender.cancel_machine_action\n    with: { action_id: \"${{ steps.isolate.output.id }}\", comment: no longer needed }\n";

async fn offline(faults: &[&str]) -> Stage {
    let stage = Stage::new(faults).await;
    assert!(stage.tenant.set_online(DEVICE, false));
    stage
}

fn cancellations(stage: &Stage) -> usize {
    let log = stage.tenant.log();
    let effects = log.iter().filter_map(|entry| entry.effect.as_ref());
    effects.filter(|effect| effect.kind == EffectKind::Cancel).count()
}

#[tokio::test]
async fn a_pending_isolation_is_cancelled_and_never_happens() {
    let stage = offline(&[]).await;
    let output = stage.output(&isolate_and(CANCEL)).await;
    assert_eq!(output["status"], "Cancelled");
    let comment = output["cancellationComment"].as_str().unwrap();
    assert!(comment.starts_with("[riposte run_") && comment.ends_with("] no longer needed"), "{comment}");
    stage.tenant.set_online(DEVICE, true);
    assert_eq!(stage.tenant.is_isolated(DEVICE), Some(false));
}

#[tokio::test]
async fn a_cancellation_whose_answer_was_lost_is_found_in_the_action_itself() {
    for fault in ["cancel=drop-after", "cancel=503-after", "cancel=malformed"] {
        let stage = offline(&[fault]).await;
        let output = stage.output(&isolate_and(CANCEL)).await;
        assert_eq!(output["status"], "Cancelled", "{fault}");
        let asked = stage.tenant.log().iter().filter(|entry| entry.path.ends_with("/cancel")).count();
        assert_eq!((cancellations(&stage), asked, stage.struck()), (1, 1, 1), "{fault}");
    }
}

#[tokio::test]
async fn a_cancellation_that_never_arrived_is_sent_again() {
    let stage = offline(&["cancel=drop", "machineactions=503"]).await;
    let retry = CANCEL.replace("    with:", "    retry: { attempts: 2, initial: 10ms }\n    with:");
    let output = stage.output(&isolate_and(&retry)).await;
    assert_eq!(output["status"], "Cancelled");
    assert!(output["cancellationComment"].as_str().unwrap().contains(" #2] "), "{output}");
    assert_eq!(cancellations(&stage), 1);
}

#[tokio::test]
async fn what_has_ended_cannot_be_cancelled() {
    let stage = Stage::new(&[]).await;
    let failure = stage.failure(&isolate_and(CANCEL).replace("await: accepted, ", "")).await;
    assert_eq!(failure.kind, ErrorKind::Invalid);
    assert!(failure.message.starts_with("there is nothing to cancel: Defender ended Isolate "), "{failure}");
    assert!(failure.message.ends_with(" as Succeeded"), "{failure}");
    assert_eq!(failure.provider.unwrap().status, Some(400));
    assert_eq!(stage.tenant.is_isolated(DEVICE), Some(true));
}

#[tokio::test]
async fn a_lost_cancellation_of_what_ended_in_another_way_is_certain_to_have_failed() {
    let stage = Stage::new(&["cancel=drop"]).await;
    let steps = isolate_and(CANCEL)
        .replace("await: accepted, ", "")
        .replace("    with: { action_id", "    retry: { attempts: 1 }\n    with: { action_id");
    let failure = stage.failure(&steps).await;
    assert_eq!(failure.kind, ErrorKind::Unavailable);
    assert!(
        failure.message.contains("nothing was done: not by this call, Defender ended Isolate "),
        "{failure}"
    );
}

#[tokio::test]
async fn an_action_that_is_not_there_is_not_found() {
    let stage = Stage::new(&[]).await;
    let nobody = "2e9da30d-27f6-4208-81f2-9cd3d67893ba";
    let steps = format!(
        "  - {{ id: last, action: defender.cancel_machine_action, with: {{ action_id: {nobody}, comment: x }} }}\n"
    );
    assert_eq!(stage.failure(&steps).await.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn what_another_run_has_cancelled_is_not_taken_for_ours() {
    let stage = offline(&[]).await;
    let first = stage.output(&isolate_and(CANCEL)).await;
    let id = first["id"].as_str().unwrap();
    let steps = format!(
        "  - {{ id: last, action: defender.cancel_machine_action, with: {{ action_id: {id}, comment: x }} }}\n"
    );
    let failure = stage.failure(&steps).await;
    assert_eq!(failure.kind, ErrorKind::Invalid);
    assert!(failure.message.contains(" as Cancelled, cancelled by Riposte ([riposte run_"), "{failure}");
    assert_eq!(cancellations(&stage), 1);
}
