//! Runs that wait for each other: for a device, for a place among the runs of a playbook.

use super::{HOUR, MINUTE, REST, STRIKE, Service, World};
use riposte_engine::{Begun, RunStatus};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn two_runs_act_on_one_device_one_after_the_other() {
    let world = World::new(HOUR).await;
    for target in ["d1", "d1", "d1", "d2"] {
        world.begin(STRIKE, json!({ "target": target })).await;
    }
    world.pass(MINUTE).await;
    assert_eq!((world.provider.sends(), world.host.counts().parked), (2, 4));
    world.pass(4 * HOUR).await;
    assert_eq!(world.statuses().await, [("succeeded", 4)].into());
    assert_eq!((world.provider.sends(), world.provider.overlaps()), (4, 0));
}

#[tokio::test(start_paused = true)]
async fn a_device_is_still_held_after_a_restart() {
    let mut world = World::new(HOUR).await;
    world.begin(STRIKE, json!({ "target": "d1" })).await;
    world.pass(MINUTE).await;
    world.begin(STRIKE, json!({ "target": "d1" })).await;
    world.crash().await;
    world.begin(STRIKE, json!({ "target": "d1" })).await;
    for _ in 0..4 {
        world.pass(MINUTE).await;
        world.crash().await;
    }
    assert_eq!(world.provider.sends(), 1);
    world.pass(4 * HOUR).await;
    assert_eq!(world.statuses().await, [("succeeded", 3)].into());
    assert_eq!((world.provider.sends(), world.provider.overlaps()), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_device_is_held_for_a_call_that_was_in_flight_when_the_process_died() {
    let mut world = World::with(HOUR, MINUTE, &[]).await;
    world.begin(STRIKE, json!({ "target": "d1" })).await;
    world.pass(MINUTE / 60).await;
    world.crash().await;
    world.begin(STRIKE, json!({ "target": "d1" })).await;
    world.pass(4 * HOUR).await;
    assert_eq!(world.statuses().await, [("succeeded", 2)].into());
    assert_eq!((world.provider.sends(), world.provider.overlaps()), (2, 0));
}

const AGAIN: &str = "
name: again
steps:
  - id: strike
    action: world.strike
    with: { target: d0 }
    retry: { attempts: 9, initial: 10m, factor: 1, max: 10m, jitter: none }
    timeout: 2d
";

#[tokio::test(start_paused = true)]
async fn a_step_that_waits_for_its_next_attempt_holds_no_device() {
    let world = World::new(HOUR).await;
    world.provider.serve(Service::Unavailable);
    world.begin(AGAIN, json!({})).await;
    world.pass(MINUTE).await;
    world.provider.serve(Service::Well);
    let other = world.begin(STRIKE, json!({})).await;
    world.pass(HOUR + 2 * MINUTE).await;
    assert_eq!(world.status(other).await, RunStatus::Succeeded);
    world.pass(2 * HOUR).await;
    assert_eq!(world.statuses().await, [("succeeded", 2)].into());
    assert_eq!((world.provider.sends(), world.provider.overlaps()), (2, 0));
}

const SCAN: &str = "
name: scan
steps: [{ id: scan, action: world.scan, with: { target: d0 }, timeout: 2d }]
";

#[tokio::test(start_paused = true)]
async fn a_call_that_never_arrived_is_made_again_only_after_what_went_before_it() {
    let world = World::new(HOUR).await;
    world.provider.serve(Service::Deaf);
    world.begin(SCAN, json!({})).await;
    world.pass(MINUTE / 60).await;
    world.provider.serve(Service::Well);
    // What stops harm does not wait for a scan that may be under way.
    world.begin(STRIKE, json!({})).await;
    world.pass(MINUTE / 60).await;
    assert_eq!(world.provider.sends(), 1);
    world.pass(3 * HOUR).await;
    assert_eq!(world.statuses().await, [("succeeded", 2)].into());
    assert_eq!((world.provider.sends(), world.provider.overlaps()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn what_has_not_begun_waits_for_what_stops_harm_and_came_meanwhile() {
    let world = World::new(HOUR).await;
    world.provider.has_room.send_replace(false);
    world.begin(SCAN, json!({})).await;
    world.pass(MINUTE).await;
    // The scan has the device, and not yet its turn under the provider's limits.
    world.begin(STRIKE, json!({})).await;
    world.pass(MINUTE).await;
    assert_eq!(world.provider.sends(), 1);
    world.provider.has_room.send_replace(true);
    world.pass(3 * HOUR).await;
    assert_eq!(world.statuses().await, [("succeeded", 2)].into());
    assert_eq!((world.provider.sends(), world.provider.overlaps()), (2, 0));
}

const STRIKE_AND_SCAN: &str = "
name: strike-and-scan
steps:
  - { id: strike, action: world.strike, with: { target: d0 } }
  - { id: scan, action: world.scan, with: { target: d0 }, timeout: 2d }
";

#[tokio::test(start_paused = true)]
async fn the_next_step_goes_behind_those_who_wait_for_the_device_already() {
    let world = World::new(HOUR).await;
    world.begin(STRIKE_AND_SCAN, json!({})).await;
    world.pass(MINUTE).await;
    let other = world.begin(SCAN, json!({})).await;
    world.pass(HOUR + 30 * MINUTE).await;
    let kinds = ["run_started", "call_intended", "call_accepted"];
    assert_eq!(world.kinds(other).await, kinds);
    world.pass(3 * HOUR).await;
    assert_eq!(world.statuses().await, [("succeeded", 2)].into());
    assert_eq!((world.provider.sends(), world.provider.overlaps()), (3, 0));
}

const ONE_AT_A_TIME: &str = "
name: one-at-a-time
concurrency: { key: '1', limit: 1 }
steps: [{ id: look, action: world.look, with: { target: begun } }, { id: rest, wait: 1h }]
";

#[tokio::test(start_paused = true)]
async fn a_place_among_the_runs_of_a_playbook_is_kept_while_parked_and_through_a_restart() {
    let mut world = World::new(HOUR).await;
    for _ in 0..3 {
        world.begin(ONE_AT_A_TIME, json!({})).await;
    }
    world.pass(MINUTE).await;
    assert_eq!(world.provider.looked_at("begun"), [0]);
    world.crash().await;
    world.begin(ONE_AT_A_TIME, json!({})).await;
    world.pass(MINUTE).await;
    assert_eq!(world.provider.looked_at("begun"), [0]);
    world.pass(5 * HOUR).await;
    assert_eq!(world.provider.looked_at("begun"), [0, 3600, 7200, 10800]);
    assert_eq!(world.statuses().await, [("succeeded", 4)].into());
}

#[tokio::test(start_paused = true)]
async fn an_event_that_comes_again_is_answered_with_the_run_that_it_began() {
    let mut world = World::new(HOUR).await;
    let (run, begun) = world.deliver(REST, "alert-1").await.unwrap();
    assert_eq!(begun, Begun::New);
    assert_eq!(world.deliver(REST, "alert-1").await.unwrap(), (run, Begun::Already(run)));
    world.crash().await;
    assert_eq!(world.deliver(REST, "alert-1").await.unwrap(), (run, Begun::Already(run)));
    assert_eq!(world.deliver(REST, "alert-2").await.unwrap().1, Begun::New);
    assert_eq!(world.statuses().await, [("running", 2)].into());
}

const SKIP: &str = "
name: skip
concurrency: { key: '1', limit: 1, when_full: skip }
steps: [{ id: rest, wait: 1h }]
";

#[tokio::test(start_paused = true)]
async fn an_event_for_which_there_is_no_place_is_refused_unless_it_has_one_already() {
    let world = World::new(HOUR).await;
    let (run, _) = world.deliver(SKIP, "alert-1").await.unwrap();
    assert_eq!(world.deliver(SKIP, "alert-1").await.unwrap(), (run, Begun::Already(run)));
    let refused = world.deliver(SKIP, "alert-2").await.unwrap_err().to_string();
    assert_eq!(refused, "skip is under way 1 times with the key 1, and says `when_full: skip`");
    world.pass(HOUR).await;
    assert_eq!(world.status(run).await, RunStatus::Succeeded);
    assert_eq!(world.deliver(SKIP, "alert-2").await.unwrap().1, Begun::New);
}
