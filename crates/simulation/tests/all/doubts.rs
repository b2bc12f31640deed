//! Calls whose outcome is unknown, whatever the reason.

use crate::stage::{STRIKE, Script, accepted, failure, new_run, reason, stage};
use riposte_engine::{EventBody, Finding, Ledger, Outcome, Run, RunStatus, Sighting, Standing, Store};
use riposte_model::{ErrorKind, Failure};
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_that_is_found_is_adopted_and_not_sent_again() {
    let found = Sighting::Found { provider_id: "p9".into(), output: json!({}), evidence: "seen".into() };
    let not_seen = || Sighting::NotSeen { evidence: "looked".into() };
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable))].into(),
        sightings: [Ok(not_seen()), Err(failure(ErrorKind::Unavailable)), Ok(found)].into(),
        standings: [Ok(Standing::Succeeded(json!({})))].into(),
        ..Script::default()
    });
    let (run, kinds) = stage.play(STRIKE).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        kinds,
        ["run_started", "call_intended", "outcome_unknown", "reconciled", "call_succeeded", "run_finished"]
    );
    assert_eq!(stage.script.heard().iter().filter(|line| line.starts_with("send")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn absence_is_believed_only_after_the_visibility_delay() {
    let not_seen = || Ok(Sighting::NotSeen { evidence: "looked".into() });
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable)), accepted()].into(),
        sightings: (0..20).map(|_| not_seen()).collect(),
        standings: [Ok(Standing::Succeeded(json!({})))].into(),
        ..Script::default()
    });
    let (run, kinds) = stage.play(STRIKE).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        kinds,
        [
            "run_started",
            "call_intended",
            "outcome_unknown",
            "reconciled",
            "call_intended",
            "call_accepted",
            "call_succeeded",
            "run_finished"
        ]
    );
    let events = stage.store.events(run.id()).await.unwrap();
    assert!(matches!(&events[3].body, EventBody::Reconciled { finding: Finding::Absent { .. }, .. }));
    assert!(events[3].at.since(events[2].at) >= Duration::from_secs(60), "a minute has passed");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_can_settle_is_left_to_a_person() {
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable))].into(),
        sightings: (0..500).map(|_| Err(failure(ErrorKind::Forbidden))).collect(),
        ..Script::default()
    });
    let (run, _) = stage.play("  - { id: strike, action: world.strike, timeout: 10m }\n").await;
    let failure = run.finished().unwrap().failure.clone().unwrap();
    assert_eq!(failure.kind, ErrorKind::UnknownOutcome);
    assert!(
        failure.message.contains("look in the provider's action log for the marker [riposte run_"),
        "{failure}"
    );
    assert_eq!(stage.elapsed(), 600);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_process_died_is_taken_up_by_the_same_code() {
    let found = Sighting::Found { provider_id: "p1".into(), output: json!({}), evidence: "seen".into() };
    let stage = stage(Script {
        sightings: [Ok(found)].into(),
        standings: [Ok(Standing::Succeeded(json!({})))].into(),
        ..Script::default()
    });
    // The process died after the intent was written.
    let mut run = stage.executor.begin(new_run(STRIKE)).await.unwrap();
    let ledger = Ledger::new(stage.store.clone(), stage.clock.clone());
    let riposte_engine::Command::Call(call) = run.next().remove(0) else {
        panic!("a call is what comes first")
    };
    ledger.intend(&mut run, call.intent()).await.unwrap();

    let events = stage.store.events(run.id()).await.unwrap();
    let again = Run::replay(run.id(), run.playbook().clone(), &events).unwrap();
    let done = stage.executor.drive(again, CancellationToken::new()).await.unwrap();
    assert_eq!(done.status(), RunStatus::Succeeded);
    assert!(stage.script.heard().iter().all(|line| !line.starts_with("send")), "{:?}", stage.script.heard());
}

#[tokio::test(start_paused = true)]
async fn who_waits_only_for_acceptance_does_so_after_a_doubt_too() {
    let found =
        Sighting::Found { provider_id: "p9".into(), output: json!({ "seen": 9 }), evidence: "seen".into() };
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable))].into(),
        sightings: [Ok(found)].into(),
        ..Script::default()
    });
    let (run, kinds) = stage.play("  - { id: strike, action: world.strike, await: accepted }\n").await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(kinds[3..], ["reconciled", "call_succeeded", "run_finished"]);
    assert_eq!(run.values()[1].1["strike"]["output"], json!({ "seen": 9 }));
}

#[tokio::test(start_paused = true)]
async fn a_call_in_doubt_is_looked_for_at_least_once() {
    let found = Sighting::Found { provider_id: "p1".into(), output: json!({}), evidence: "seen".into() };
    let stage = stage(Script {
        sightings: [Ok(found)].into(),
        standings: [Ok(Standing::Succeeded(json!({})))].into(),
        ..Script::default()
    });
    let mut run = stage
        .executor
        .begin(new_run("  - { id: strike, action: world.strike, timeout: 10s }\n"))
        .await
        .unwrap();
    let ledger = Ledger::new(stage.store.clone(), stage.clock.clone());
    let riposte_engine::Command::Call(call) = run.next().remove(0) else {
        panic!("a call is what comes first")
    };
    ledger.intend(&mut run, call.intent()).await.unwrap();
    // The process was away for longer than the step's whole time.
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let done = stage.executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!(done.status(), RunStatus::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn what_ends_with_its_answer_ends_with_being_found() {
    let found =
        Sighting::Found { provider_id: "p9".into(), output: json!({ "seen": 9 }), evidence: "seen".into() };
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable))].into(),
        sightings: [Ok(found)].into(),
        ..Script::default()
    });
    let (run, kinds) = stage.play("  - { id: mark, action: world.mark }\n").await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(run.values()[1].1["mark"]["output"], json!({ "seen": 9 }));
    assert_eq!(
        kinds,
        ["run_started", "call_intended", "outcome_unknown", "reconciled", "call_succeeded", "run_finished"]
    );
    assert_eq!(stage.script.heard(), ["send mark #1", "find mark #1"], "it is not followed");
}

fn cannot_tell() -> Result<Sighting, Failure> {
    Ok(Sighting::CannotTell { hint: "ask whoever runs the world".into() })
}

/// A call that ends with its answer, at a world that keeps no log.
const MARK: &str =
    "  - { id: mark, action: world.mark, retry: { attempts: 3, initial: 2s, jitter: none } }\n";

#[tokio::test(start_paused = true)]
async fn where_there_is_no_log_to_look_into_a_person_is_asked_at_once() {
    let lost = Failure { retry_after_ms: Some(9_000), ..failure(ErrorKind::Unavailable) };
    let stage = stage(Script {
        sends: [Outcome::Unknown(lost)].into(),
        sightings: [cannot_tell()].into(),
        ..Script::default()
    });
    let (run, kinds) = stage.play(MARK).await;
    assert_eq!(kinds, ["run_started", "call_intended", "outcome_unknown", "call_failed", "run_finished"]);
    assert_eq!(stage.script.heard(), ["send mark #1", "find mark #1"], "it is not sent again");
    assert_eq!(stage.elapsed(), 0, "nothing is waited for");
    let failure = reason(&run);
    assert_eq!((failure.kind, failure.retry_after_ms), (ErrorKind::UnknownOutcome, None));
    assert_eq!(
        failure.message,
        "scripted; nobody can say whether world.mark was carried out: ask whoever runs the world"
    );
}

#[tokio::test(start_paused = true)]
async fn a_doubt_that_nobody_can_settle_is_a_failure_like_any_other_to_the_playbook() {
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable)), Outcome::Done(json!({ "seen": 1 }))]
            .into(),
        sightings: [cannot_tell()].into(),
        ..Script::default()
    });
    let (run, _) = stage
        .play(
            "  - { id: mark, action: world.mark, on_error: continue }\n  - { id: again, action: world.mark, if: \
             \"steps.mark.status == 'failed' && steps.mark.error.kind == 'unknown_outcome'\" }\n",
        )
        .await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(stage.script.heard(), ["send mark #1", "find mark #1", "send again #1"]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_over_a_call_that_leaves_no_trace_is_told_and_not_repaired() {
    let stage = stage(Script { sightings: [cannot_tell()].into(), ..Script::default() });
    let mut run = stage.executor.begin(new_run(MARK)).await.unwrap();
    let ledger = Ledger::new(stage.store.clone(), stage.clock.clone());
    let riposte_engine::Command::Call(call) = run.next().remove(0) else {
        panic!("a call is what comes first")
    };
    ledger.intend(&mut run, call.intent()).await.unwrap();
    let events = stage.store.events(run.id()).await.unwrap();
    let again = Run::replay(run.id(), run.playbook().clone(), &events).unwrap();
    let done = stage.executor.drive(again, CancellationToken::new()).await.unwrap();
    assert_eq!(reason(&done).kind, ErrorKind::UnknownOutcome);
    assert_eq!(stage.script.heard(), ["find mark #1"], "it is not sent again");
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_leaves_such_a_doubt_told_too() {
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable))].into(),
        sightings: [cannot_tell()].into(),
        takes: Duration::from_secs(5),
        ..Script::default()
    });
    let run = stage.executor.begin(new_run(MARK)).await.unwrap();
    let done = stage.drive_and_cancel(run, Duration::from_secs(1)).await;
    assert_eq!(done.status(), RunStatus::Cancelled);
    let kinds = stage.kinds(done.id()).await;
    assert_eq!(
        kinds,
        [
            "run_started",
            "call_intended",
            "cancel_requested",
            "outcome_unknown",
            "call_failed",
            "run_finished"
        ]
    );
}
