//! Calls that change something and may be repeated: they leave without an intent, and their answers are not lost.

use crate::stage::{Script, failure, left, new_run, stage};
use riposte_engine::{Outcome, RunStatus};
use riposte_model::{ErrorKind, RunId};
use serde_json::json;
use std::sync::Mutex;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The first call fails at once, the second one is answered after ten seconds.
fn one_fails_while_another_is_under_way() -> Script {
    Script {
        sends: [Outcome::Failed(failure(ErrorKind::Forbidden))].into(),
        calls: [Outcome::Done(json!({ "seen": 1 }))].into(),
        takes_first: Mutex::new([Duration::ZERO].into()),
        takes: Duration::from_secs(10),
        ..Script::default()
    }
}

async fn is_told(stage: &crate::stage::Stage, run: RunId) -> bool {
    stage.kinds(run).await.contains(&"call_succeeded".to_owned())
}

#[tokio::test(start_paused = true)]
async fn what_changed_something_in_an_item_is_told_although_another_item_failed() {
    let stage = stage(Script {
        calls: [Outcome::Failed(failure(ErrorKind::Forbidden)), Outcome::Done(json!({}))].into(),
        ..one_fails_while_another_is_under_way()
    });
    let steps = "  - { id: sweep, for_each: '[1, 2, 3]', as: n, max: 2, steps: [{ id: label, action: world.label }] }\n";
    let (run, kinds) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Failed);
    assert!(is_told(&stage, run.id()).await, "{kinds:?}");
    assert_eq!(stage.elapsed(), 10);
}

#[tokio::test(start_paused = true)]
async fn what_changed_something_in_a_branch_is_told_although_another_branch_failed() {
    let stage = stage(one_fails_while_another_is_under_way());
    let steps = "  - max: 2
    parallel:
      - steps: [{ id: mark, action: world.mark }]
      - steps: [{ id: label, action: world.label }]
      - steps: [{ id: last, action: world.label }]
";
    let (run, kinds) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Failed);
    assert!(is_told(&stage, run.id()).await, "{kinds:?}");
    assert_eq!(left(&run, "label")["output"], json!({ "seen": 1 }));
    assert_eq!(stage.script.heard().len(), 2, "what waited for its turn did not get it");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_first_learns_whether_something_was_changed() {
    let stage = stage(Script {
        calls: [Outcome::Done(json!({}))].into(),
        takes: Duration::from_secs(10),
        ..Script::default()
    });
    let run = stage
        .executor
        .begin(new_run("  - { id: label, action: world.label }\n  - wait: 1h\n"))
        .await
        .unwrap();
    let run = stage.drive_and_cancel(run, Duration::from_secs(5)).await;
    assert_eq!(
        stage.kinds(run.id()).await,
        ["run_started", "cancel_requested", "call_succeeded", "run_finished"]
    );
    assert_eq!(run.status(), RunStatus::Cancelled);
    assert_eq!(stage.elapsed(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_does_not_wait_for_a_question() {
    let stage = stage(Script {
        calls: [Outcome::Done(json!({}))].into(),
        takes: Duration::from_secs(10),
        ..Script::default()
    });
    let run = stage.executor.begin(new_run("  - { id: look, action: world.look }\n")).await.unwrap();
    let run = stage.drive_and_cancel(run, Duration::from_secs(5)).await;
    assert_eq!(stage.kinds(run.id()).await, ["run_started", "cancel_requested", "run_finished"]);
    assert_eq!(stage.elapsed(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_does_not_try_a_change_again() {
    let stage = stage(Script {
        calls: [Outcome::Failed(failure(ErrorKind::Throttled))].into(),
        takes: Duration::from_secs(10),
        ..Script::default()
    });
    let run = stage.executor.begin(new_run("  - { id: label, action: world.label }\n")).await.unwrap();
    let run = stage.drive_and_cancel(run, Duration::from_secs(5)).await;
    assert_eq!(
        stage.kinds(run.id()).await,
        ["run_started", "cancel_requested", "call_failed", "run_finished"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_may_be_repeated_is_repeated_after_a_lost_answer() {
    let stage = stage(Script {
        calls: [Outcome::Unknown(failure(ErrorKind::Unavailable)), Outcome::Done(json!({}))].into(),
        ..Script::default()
    });
    let (run, kinds) = stage.play("  - { id: label, action: world.label }\n").await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(kinds, ["run_started", "call_failed", "call_succeeded", "run_finished"]);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_which_an_attempt_may_have_been_carried_out_is_never_said_not_to_have_been() {
    let lost = || Outcome::Unknown(failure(ErrorKind::Unavailable));
    let refused = |kind| Outcome::Failed(failure(kind));
    for (calls, attempts, kind) in [
        (vec![lost()], 1, ErrorKind::UnknownOutcome),
        (vec![lost(), refused(ErrorKind::Throttled)], 2, ErrorKind::UnknownOutcome),
        (
            vec![lost(), refused(ErrorKind::Throttled), refused(ErrorKind::Forbidden)],
            5,
            ErrorKind::UnknownOutcome,
        ),
        (vec![refused(ErrorKind::Throttled), refused(ErrorKind::Unavailable)], 2, ErrorKind::Unavailable),
        (vec![refused(ErrorKind::Forbidden)], 5, ErrorKind::Forbidden),
    ] {
        let stage = stage(Script { calls: calls.into_iter().collect(), ..Script::default() });
        let step = format!("  - {{ id: label, action: world.label, retry: {{ attempts: {attempts} }} }}\n");
        let (run, _) = stage.play(&step).await;
        let failure = run.finished().unwrap().failure.clone().unwrap();
        assert_eq!(failure.kind, kind, "{failure}");
        let says_so =
            failure.message.ends_with("it may have been done all the same, and doing it again does no harm");
        assert_eq!(says_so, kind == ErrorKind::UnknownOutcome, "{failure}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_a_dead_process_may_have_sent_is_never_said_not_to_have_been_made() {
    let refused = || Outcome::Failed(failure(ErrorKind::Forbidden));
    let calls = [refused(), refused()].into();
    let stage = stage(Script { calls, takes: Duration::from_secs(10), ..Script::default() });
    let steps =
        "  - { id: label, action: world.label, on_error: continue }\n  - { id: more, action: world.label }\n";
    let run = stage.executor.begin(new_run(steps)).await.unwrap();
    let (id, playbook) = (run.id(), run.playbook().clone());
    stage.drive_and_die(run, Duration::from_secs(5)).await;

    let next = stage.after_a_crash(&[]);
    let run = next.recorded(&playbook, id).await;
    let run = next.executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!(left(&run, "label")["error"]["kind"], "unknown_outcome");
    assert_eq!(left(&run, "more")["error"]["kind"], "forbidden", "nobody can have sent that one before");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_recorded_of_a_question_that_nobody_waits_for_any_more() {
    let stage = stage(one_fails_while_another_is_under_way());
    let steps = "  - id: both
    max: 2
    on_error: continue
    parallel:
      - steps: [{ id: mark, action: world.mark }]
      - steps: [{ id: look, action: world.look }]
      - steps: [{ id: last, action: world.look }]
  - wait: 1m
";
    let (run, kinds) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        kinds,
        [
            "run_started",
            "call_intended",
            "call_failed",
            "step_failed",
            "timer_set",
            "timer_fired",
            "run_finished"
        ]
    );
}
