//! The order of things: branches, stops, waits, cancellation.

use crate::stage::{PausedClock, Quiet, STRIKE, Script, accepted, done, left, new_run, reason, stage};
use riposte_engine::{RunStatus, Store, Withdrawal};
use riposte_executor::{Connections, Executor, Library};
use riposte_simulation::MemoryStore;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_first_learns_what_became_of_its_call() {
    let gate = Arc::new(Notify::new());
    let stage = Arc::new(stage(Script {
        sends: [accepted()].into(),
        withdrawals: [Withdrawal::Done { evidence: "gone".into() }].into(),
        gate: Some(gate.clone()),
        ..Script::default()
    }));
    let run = stage.executor.begin(new_run(STRIKE)).await.unwrap();
    let id = run.id();
    let cancel = CancellationToken::new();
    let drive = tokio::spawn({
        let (stage, cancel) = (stage.clone(), cancel.clone());
        async move { stage.executor.drive(run, cancel).await }
    });
    while stage.script.heard().is_empty() {
        tokio::task::yield_now().await;
    }
    cancel.cancel();
    while !stage.kinds(id).await.contains(&"cancel_requested".to_owned()) {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    let run = drive.await.unwrap().unwrap();
    assert_eq!(run.status(), RunStatus::Cancelled);
    assert_eq!(reason(&run).message, "cancelled by the operator");
    assert_eq!(
        stage.kinds(id).await,
        ["run_started", "call_intended", "cancel_requested", "call_accepted", "call_failed", "run_finished"]
    );
    assert_eq!(left(&run, "strike")["error"], json!({ "kind": "cancelled", "message": "gone" }));
}

#[tokio::test(start_paused = true)]
async fn a_wait_lasts_as_long_as_it_says() {
    let stage = stage(Script::default());
    let (run, kinds) = stage.play("  - wait: 36h\n").await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(kinds, ["run_started", "timer_set", "timer_fired", "run_finished"]);
    assert_eq!(stage.elapsed(), 36 * 3600);
}

#[tokio::test(start_paused = true)]
async fn the_first_branchs_stop_tells_why_the_run_ended() {
    let stage = stage(Script::default());
    let steps = "  - parallel:\n      - steps: [{ stop: first }]\n      - steps: [{ stop: second }]\n  - fail: never reached\n";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(run.finished().unwrap().message.as_deref(), Some("first"));
}

#[tokio::test(start_paused = true)]
async fn a_stop_counts_although_a_sibling_failed_and_was_allowed_to() {
    let stage = stage(Script::default());
    let steps = "  - id: both\n    on_error: continue\n    parallel:\n      - steps: [{ stop: enough }]\n      - steps: [{ fail: broken }]\n  - fail: never reached\n";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(run.finished().unwrap().message.as_deref(), Some("enough"));
}

#[tokio::test(start_paused = true)]
async fn no_branch_takes_its_turn_after_a_stop() {
    let stage = stage(Script::default());
    let steps = "  - max: 1\n    parallel:\n      - steps: [{ stop: enough }]\n      - steps: [{ id: strike, action: world.strike }]\n";
    let (run, kinds) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert!(!kinds.contains(&"call_intended".to_owned()), "{kinds:?}");
}

#[tokio::test(start_paused = true)]
async fn what_ends_a_step_and_what_begins_the_next_are_one_write() {
    let script = Script {
        sends: [accepted(), accepted()].into(),
        standings: [done(), done()].into(),
        ..Script::default()
    };
    let stage = stage(script);
    let steps = "  - { id: one, action: world.strike, with: { target: d } }\n  - { id: two, action: world.strike, with: { target: d } }\n";
    let (run, kinds) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    let call = ["call_intended", "call_accepted", "call_succeeded"];
    assert_eq!(kinds, [&["run_started"], &call[..], &call[..], &["run_finished"]].concat());
    // The beginning, the first intent, that it was accepted, its end with the second intent, that that was accepted, the ends.
    assert_eq!(stage.store.writes(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_run_without_its_connection_does_not_begin() {
    let store = Arc::new(MemoryStore::default());
    let clock = Arc::new(PausedClock::new());
    let executor =
        Executor::new(store.clone(), clock, Arc::new(Quiet), Connections::new(), Library::default());
    let refused = executor.begin(new_run(STRIKE)).await.unwrap_err();
    assert_eq!(refused.to_string(), "no connection is called `world`: configure one under `connections`");
    assert!(store.runs(1).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn memory_passes_the_stores_contract() {
    let ids = [1, 2, 3].map(|number| format!("run_{number:032}"));
    let store = MemoryStore::default();
    riposte_simulation::contract::check(&store, ids.map(|id| id.parse().unwrap())).await.unwrap();
    let ids = std::array::from_fn(|number| format!("run_{number:032}").parse().unwrap());
    riposte_simulation::contract::host::check(&MemoryStore::default(), ids).await.unwrap();
}
