//! A cancelled run takes back what Defender has not ended.

use crate::stage::{DEVICE, Stage};
use riposte_engine::{Connector as _, EventBody, Marker, Standing, Withdrawal};
use riposte_model::{ErrorKind, Failure, StepPath};
use riposte_tenant::EffectKind;
use std::time::Duration;

fn on_device(action: &str, more: &str) -> String {
    let with = format!("machine_id: {DEVICE}, comment: x{more}");
    format!("  - {{ id: last, action: defender.{action}, with: {{ {with} }} }}\n")
}

async fn offline(faults: &[&str]) -> Stage {
    let stage = Stage::new(faults).await;
    assert!(stage.tenant.set_online(DEVICE, false));
    stage
}

/// Why the step ended, of a run that was cancelled.
fn failed(after: &[EventBody]) -> &Failure {
    match after {
        [EventBody::CallFailed { failure, .. }, EventBody::RunFinished(_)] => failure,
        other => panic!("{other:?}"),
    }
}

/// How many requests to cancel something were made.
fn requests(stage: &Stage) -> usize {
    stage.tenant.log().iter().filter(|entry| entry.path.ends_with("/cancel")).count()
}

#[tokio::test]
async fn what_a_device_has_not_begun_never_happens_to_it() {
    let kinds = [
        ("isolate_machine", "", "Isolate"),
        ("restrict_code_execution", "", "RestrictCodeExecution"),
        ("run_antivirus_scan", ", scan_type: Quick", "RunAntiVirusScan"),
        ("collect_investigation_package", "", "CollectInvestigationPackage"),
        ("run_live_response", ", run_scripts: [{ script_name: script.sh }]", "LiveResponse"),
    ];
    for (action, more, kind) in kinds {
        let stage = offline(&[]).await;
        let (run, after) = stage.play_and_cancel(&on_device(action, more)).await;
        let failure = failed(&after);
        assert_eq!(failure.kind, ErrorKind::Cancelled, "{failure}");
        let effects = stage.tenant.effects();
        let [begun, cancelled] = &effects[..] else { panic!("{action}: {effects:?}") };
        assert_eq!((cancelled.kind, &cancelled.action), (EffectKind::Cancel, &begun.action), "{action}");
        assert_eq!(failure.message, format!("Defender's {kind} {} was cancelled", begun.action));
        assert_eq!(requests(&stage), 1);
        assert_eq!(run.finished().unwrap().failure.as_ref().unwrap().message, "cancelled by the operator");

        let look = format!(
            "  - {{ id: last, action: defender.get_machine_action, with: {{ action_id: {} }} }}\n",
            begun.action
        );
        let shown = stage.output(&look).await;
        assert_eq!(shown["status"], "Cancelled");
        let comment = format!("[riposte {} last #1] its run was cancelled by the operator", run.id());
        assert_eq!(shown["cancellationComment"], comment);
        stage.tenant.set_online(DEVICE, true);
        assert_eq!(stage.tenant.is_isolated(DEVICE), Some(false));
    }
}

#[tokio::test]
async fn a_withdrawal_whose_answer_was_lost_is_found_in_the_action_itself() {
    for fault in ["cancel=drop-after", "cancel=503-after", "cancel=malformed"] {
        let stage = offline(&[fault]).await;
        let (_, after) = stage.play_and_cancel(&on_device("isolate_machine", "")).await;
        assert_eq!(failed(&after).kind, ErrorKind::Cancelled, "{fault}");
        assert_eq!((stage.count(EffectKind::Cancel), requests(&stage), stage.struck()), (1, 1, 1), "{fault}");
    }
}

#[tokio::test]
async fn a_withdrawal_that_had_no_effect_is_made_again() {
    for fault in ["cancel=drop", "cancel=503", "cancel=429"] {
        let stage = offline(&[fault]).await;
        let (_, after) = stage.play_and_cancel(&on_device("isolate_machine", "")).await;
        assert_eq!(failed(&after).kind, ErrorKind::Cancelled, "{fault}");
        assert_eq!((stage.count(EffectKind::Cancel), requests(&stage)), (1, 2), "{fault}");
    }
}

#[tokio::test]
async fn what_has_happened_meanwhile_is_recorded_as_done() {
    let stage = Stage::new(&[]).await;
    let (run, after) = stage.play_and_cancel(&on_device("isolate_machine", "")).await;
    assert!(matches!(&after[..], [EventBody::CallSucceeded { .. }, EventBody::RunFinished(_)]), "{after:?}");
    assert_eq!(run.values()[1].1["last"]["output"]["status"], "Succeeded");
    assert_eq!(stage.tenant.is_isolated(DEVICE), Some(true));
    assert_eq!((stage.count(EffectKind::Cancel), requests(&stage)), (0, 1));
}

#[tokio::test]
async fn what_has_happened_meanwhile_is_looked_for_until_it_is_known() {
    let stage = Stage::new(&["machineactions=503:2"]).await;
    let (_, after) = stage.play_and_cancel(&on_device("isolate_machine", "")).await;
    assert!(matches!(&after[..], [EventBody::CallSucceeded { .. }, EventBody::RunFinished(_)]), "{after:?}");
}

#[tokio::test]
async fn what_defender_does_not_let_us_cancel_is_said_to_go_on() {
    let stage = offline(&["cancel=401:9"]).await;
    let (run, after) = stage.play_and_cancel(&on_device("isolate_machine", "")).await;
    let [EventBody::WithdrawalFailed { failure, .. }, EventBody::RunFinished(_)] = &after[..] else {
        panic!("{after:?}")
    };
    assert_eq!(failure.kind, ErrorKind::Unauthorized);
    let id = &stage.tenant.effects()[0].action;
    assert_eq!(
        run.finished().unwrap().failure.as_ref().unwrap().message,
        format!("cancelled by the operator; not known to have ended at the provider: `last` as {id}")
    );
    assert_eq!(stage.count(EffectKind::Cancel), 0);
}

#[tokio::test]
async fn what_somebody_else_has_cancelled_is_told_as_theirs() {
    let stage = offline(&[]).await;
    let other = stage
        .output(&format!(
            "  - {{ id: isolate, action: defender.isolate_machine, await: accepted, with: {{ machine_id: {DEVICE}, comment: x }} }}
  - id: last
    action: defender.cancel_machine_action
    with: {{ action_id: \"${{{{ steps.isolate.output.id }}}}\", comment: not this one }}
"
        ))
        .await;
    let id = other["id"].as_str().unwrap();
    let run = "run_00000000000000000000000000000001".parse().unwrap();
    let marker = Marker::new(run, &StepPath::root("isolate"), 1);
    match stage.connector.withdraw(id, &marker, "x", Duration::from_secs(60)).await {
        Withdrawal::Ended(Standing::Failed(failure)) => {
            assert_eq!(failure.kind, ErrorKind::ProviderFailed);
            assert!(failure.message.contains(" last #1] not this one)"), "{failure}");
        }
        other => panic!("{other:?}"),
    }
}
