//! Calls that wait for room under the provider's limits.

use crate::stage::{STRIKE, Script, accepted, done, new_run, reason, stage};
use riposte_engine::RunStatus;
use riposte_model::ErrorKind;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

fn queueing() -> (Script, Arc<Notify>) {
    let turns = Arc::new(Notify::new());
    let script = Script {
        sends: [accepted()].into(),
        standings: [done()].into(),
        turns: Some(turns.clone()),
        ..Script::default()
    };
    (script, turns)
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_turn_is_not_intended_yet() {
    let (script, turns) = queueing();
    let stage = stage(script);
    let run = stage.executor.begin(new_run(STRIKE)).await.unwrap();
    let id = run.id();
    let drive = stage.executor.drive(run, CancellationToken::new());
    tokio::pin!(drive);
    tokio::select! {
        biased;
        _ = &mut drive => panic!("it has no turn"),
        () = tokio::time::sleep(Duration::from_secs(300)) => {}
    }
    assert_eq!(stage.kinds(id).await, ["run_started"]);
    turns.notify_one();
    let run = drive.await.unwrap();
    assert_eq!((run.status(), stage.elapsed()), (RunStatus::Succeeded, 302));
    assert_eq!(stage.script.heard(), ["turn world.strike", "send strike #1", "standings p1"]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_while_it_waits_leaves_nothing_in_doubt() {
    let (script, _) = queueing();
    let stage = stage(script);
    let run = stage.executor.begin(new_run(STRIKE)).await.unwrap();
    let id = run.id();
    stage.drive_and_die(run, Duration::from_secs(60)).await;
    assert_eq!(stage.kinds(id).await, ["run_started"]);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_while_it_waits_sends_nothing() {
    let (script, turns) = queueing();
    let stage = stage(script);
    let run = stage.executor.begin(new_run(STRIKE)).await.unwrap();
    let run = stage.drive_and_cancel(run, Duration::from_secs(60)).await;
    turns.notify_one();
    assert_eq!(run.status(), RunStatus::Cancelled);
    assert_eq!(stage.script.heard(), ["turn world.strike"]);
}

#[tokio::test(start_paused = true)]
async fn a_step_whose_time_is_over_before_its_turn_says_so() {
    let (script, _) = queueing();
    let stage = stage(script);
    let (run, kinds) = stage.play("  - { id: strike, action: world.strike, timeout: 10m }\n").await;
    assert_eq!((run.status(), stage.elapsed()), (RunStatus::Failed, 600));
    assert_eq!(kinds, ["run_started", "step_failed", "run_finished"]);
    let failure = reason(&run);
    assert_eq!(failure.kind, ErrorKind::Timeout);
    assert_eq!(
        failure.message,
        "the step's time is over before it began: the provider's limits were used up"
    );
    assert_eq!(stage.script.heard(), ["turn world.strike"]);
}
