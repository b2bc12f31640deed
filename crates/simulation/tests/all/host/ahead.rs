//! A run that need not wait for anything: its first call is intended in one commit with its beginning.

use super::{HOUR, MINUTE, REST, STRIKE, World};
use riposte_engine::{Begun, Clock, RunStatus, StopOrder};
use riposte_executor::HostError;
use serde_json::json;
use std::time::Duration;

const AT_ONCE: [&str; 2] = ["run_started", "call_intended"];

/// Strikes its target when no other run of it does.
const IN_LINE: &str = "
name: in-line
inputs: { target: { type: string } }
concurrency: { key: '\"all\"' }
steps: [{ id: strike, action: world.strike, with: { target: '${{ inputs.target }}' }, timeout: 2d }]
";

/// A provider whose answers take a moment.
async fn slow(takes: Duration) -> World {
    World::with(takes, Duration::from_secs(5), &[]).await
}

#[tokio::test(start_paused = true)]
async fn a_call_that_need_not_wait_is_intended_with_the_beginning() {
    let world = slow(MINUTE).await;
    let run = world.begin(STRIKE, json!({})).await;
    assert_eq!((world.kinds(run).await, world.store.writes()), (AT_ONCE.to_vec(), 1));
    assert_eq!(world.provider.sends(), 1);
    world.pass(5 * MINUTE).await;
    assert_eq!(world.status(run).await, RunStatus::Succeeded);
    let after = ["call_accepted", "call_succeeded", "run_finished"];
    assert_eq!(world.kinds(run).await, [&AT_ONCE[..], &after].concat());
    assert_eq!(world.provider.sends(), 1);
}

#[tokio::test(start_paused = true)]
async fn observers_hear_of_the_beginning_once_the_call_has_left_and_of_everything_once() {
    let world = slow(MINUTE).await;
    let called = world.begin(STRIKE, json!({})).await;
    let rested = world.begin(REST, json!({})).await;
    world.pass(2 * HOUR).await;
    for run in [called, rested] {
        assert_eq!(world.listener.heard(run), world.kinds(run).await);
    }
    assert_eq!(world.listener.sends_by_its_beginning(called), 1);
}

#[tokio::test(start_paused = true)]
async fn what_comes_before_the_call_is_recorded_with_it_and_what_would_end_the_run_is_not() {
    let world = slow(MINUTE).await;
    let source = "name: before\nsteps:\n  - { id: not, if: 'false', action: world.strike }\n  - { id: strike, action: world.strike }\n";
    let run = world.begin(source, json!({})).await;
    assert_eq!(world.kinds(run).await, ["run_started", "step_skipped", "call_intended"]);
    let nobody = "name: nobody\nsteps:\n  - { id: not, if: 'false', action: world.strike }\n";
    let run = world.begin(nobody, json!({})).await;
    world.pass(5 * MINUTE).await;
    assert_eq!(world.kinds(run).await, ["run_started", "step_skipped", "run_finished"]);
    assert_eq!(world.statuses().await, [("succeeded", 2)].into());
}

#[tokio::test(start_paused = true)]
async fn who_has_to_wait_for_a_device_or_in_line_only_begins() {
    let world = slow(HOUR).await;
    let first = world.begin(STRIKE, json!({ "target": "d1" })).await;
    let same_device = world.begin(STRIKE, json!({ "target": "d1" })).await;
    let other_device = world.begin(STRIKE, json!({ "target": "d2" })).await;
    let in_line = world.begin(IN_LINE, json!({ "target": "d3" })).await;
    let behind = world.begin(IN_LINE, json!({ "target": "d4" })).await;
    for run in [first, other_device, in_line] {
        assert_eq!(world.kinds(run).await, AT_ONCE);
    }
    for run in [same_device, behind] {
        assert_eq!(world.kinds(run).await, ["run_started"]);
    }
    world.pass(3 * HOUR).await;
    assert_eq!(world.statuses().await, [("succeeded", 5)].into());
    assert_eq!((world.provider.sends(), world.provider.overlaps()), (5, 0));
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_for_a_run_that_does_not_begin_is_free_again() {
    let world = slow(MINUTE).await;
    let (first, begun) = world.deliver(STRIKE, "alert").await.unwrap();
    assert_eq!(begun, Begun::New);
    world.pass(5 * MINUTE).await;
    for _ in 0..3 {
        let again = world.deliver(STRIKE, "alert").await.unwrap();
        assert_eq!(again, (first, Begun::Already(first)));
    }
    world.store.set_full(true);
    for _ in 0..3 {
        let refused = world.deliver(STRIKE, "another").await.unwrap_err();
        assert!(matches!(refused, HostError::Store(_)), "{refused}");
    }
    world.store.set_full(false);
    assert_eq!(world.host.counts().at_work, 0);
    let run = world.begin(STRIKE, json!({})).await;
    assert_eq!(world.kinds(run).await, AT_ONCE, "the device is free");
    world.pass(5 * MINUTE).await;
    assert_eq!((world.provider.sends(), world.provider.overlaps()), (2, 0));
    assert_eq!(world.statuses().await, [("succeeded", 2)].into());
}

#[tokio::test(start_paused = true)]
async fn whoever_closes_waits_for_the_answer_of_a_call_that_was_intended() {
    let world = slow(HOUR).await;
    let run = world.begin(STRIKE, json!({})).await;
    world.host.close().await;
    assert_eq!(world.kinds(run).await, [&AT_ONCE[..], &["call_accepted"]].concat());
    assert_eq!(world.listener.heard(run), world.kinds(run).await);
    let refused = world.deliver(STRIKE, "late").await.unwrap_err();
    assert!(matches!(refused, HostError::Closing), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_stopped_on_its_way_to_the_disk_calls_nobody() {
    let world = slow(HOUR).await;
    world.store.hold_beginnings(true);
    let begun = async { world.begin(STRIKE, json!({})).await };
    let stopped = async {
        world.pass(Duration::from_secs(1)).await;
        let stop = StopOrder { playbook: None, cancel: true, by: "ada".into(), at: world.clock.now() };
        world.host.stop(stop).await.unwrap();
        world.store.hold_beginnings(false);
    };
    let (run, ()) = tokio::join!(begun, stopped);
    world.pass(10 * MINUTE).await;
    assert_eq!(world.status(run).await, RunStatus::Cancelled, "{:?}", world.kinds(run).await);
    assert_eq!(world.provider.sends(), 0);
    assert_eq!(world.listener.heard(run), world.kinds(run).await);
    world.host.lift(None).await.unwrap();
    let run = world.begin(STRIKE, json!({})).await;
    assert_eq!(world.kinds(run).await, AT_ONCE, "the device is free");
}
