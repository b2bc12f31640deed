//! What people order: that a run ends, or all do.

use super::{HOUR, MINUTE, REST, STRIKE, World};
use riposte_engine::{Clock, RunStatus, StopOrder};
use riposte_model::PlaybookName;
use serde_json::json;
use std::time::Duration;

fn order(world: &World, playbook: Option<&str>, cancel: bool) -> StopOrder {
    let playbook = playbook.map(|name| PlaybookName::parse(name).unwrap());
    StopOrder { playbook, cancel, by: "ada".into(), at: world.clock.now() }
}

#[tokio::test(start_paused = true)]
async fn a_parked_run_is_cancelled_on_disk_before_that_is_answered() {
    let world = World::new(HOUR).await;
    let run = world.begin(STRIKE, json!({})).await;
    world.pass(MINUTE).await;
    world.host.cancel(run, "ada").await.unwrap();
    assert_eq!(world.kinds(run).await[3..4], ["cancel_requested"]);
    world.pass(MINUTE).await;
    assert_eq!(world.status(run).await, RunStatus::Cancelled);
    let over = world.host.cancel(run, "bob").await.unwrap_err().to_string();
    assert_eq!(over, format!("run {run} is over: cancelled"));
}

#[tokio::test(start_paused = true)]
async fn everything_stops_and_nothing_begins_until_it_may_again() {
    let mut world = World::with(HOUR, Duration::from_secs(30), &[]).await;
    let parked = world.begin(REST, json!({})).await;
    world.pass(MINUTE).await;
    let live = world.begin(STRIKE, json!({})).await;
    world.pass(Duration::from_secs(1)).await;
    assert_eq!(world.host.stop(order(&world, None, true)).await.unwrap(), 2);
    assert!(world.deliver(REST, "1").await.unwrap_err().to_string().contains("was stopped by ada"));
    world.crash().await;
    assert!(world.deliver(REST, "1").await.unwrap_err().to_string().contains("was stopped by ada"));
    world.pass(5 * MINUTE).await;
    assert_eq!(world.status(parked).await, RunStatus::Cancelled);
    assert_eq!(world.status(live).await, RunStatus::Cancelled);
    assert!(world.host.lift(None).await.unwrap());
    assert!(!world.host.lift(None).await.unwrap());
    world.deliver(REST, "1").await.unwrap();
    world.crash().await;
    world.pass(2 * HOUR).await;
    assert_eq!(world.statuses().await, [("cancelled", 2), ("succeeded", 1)].into());
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_lifted_before_a_crash_still_ends_what_it_covered() {
    let mut world = World::new(HOUR).await;
    let run = world.begin(REST, json!({})).await;
    world.pass(MINUTE).await;
    world.host.stop(order(&world, None, true)).await.unwrap();
    world.host.lift(None).await.unwrap();
    // Before anything could be done about it.
    world.crash().await;
    let after = world.begin(REST, json!({})).await;
    world.pass(2 * HOUR).await;
    assert_eq!(world.status(run).await, RunStatus::Cancelled);
    assert_eq!(world.status(after).await, RunStatus::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_playbook_that_is_disabled_begins_nothing_and_goes_on_with_what_has_begun() {
    let world = World::new(HOUR).await;
    let run = world.begin(REST, json!({})).await;
    assert_eq!(world.host.stop(order(&world, Some("rest"), false)).await.unwrap(), 0);
    assert!(world.deliver(REST, "1").await.is_err());
    world.begin(STRIKE, json!({})).await;
    world.pass(2 * HOUR).await;
    assert_eq!(world.status(run).await, RunStatus::Succeeded);
    assert!(world.host.lift(Some(&PlaybookName::parse("rest").unwrap())).await.unwrap());
    world.deliver(REST, "1").await.unwrap();
}

const INNER: &str =
    "name: inner\nsteps: [{ id: strike, action: world.strike, with: { target: d1 }, timeout: 2d }]\n";
const OUTER: &str = "name: outer\nsteps: [{ id: rest, wait: 10m }, { id: contain, call: inner }]\n";

#[tokio::test(start_paused = true)]
async fn a_run_that_cannot_go_on_is_left_alone_until_it_can_and_holds_nobody_up() {
    let mut world = World::with(HOUR, Duration::ZERO, &[INNER]).await;
    let run = world.begin(OUTER, json!({})).await;
    world.pass(MINUTE).await;
    let inner = std::mem::take(&mut world.callable);
    world.crash().await;
    world.pass(HOUR).await;
    let troubled = world.host.troubled();
    assert_eq!(troubled.iter().map(|(run, _)| *run).collect::<Vec<_>>(), [run]);
    assert_eq!(troubled[0].1.why, "it calls the playbook `inner`, which is not at hand");
    world.begin(STRIKE, json!({ "target": "d1" })).await;
    world.pass(2 * HOUR).await;
    assert_eq!(world.provider.sends(), 1);

    world.host.replace(inner);
    world.pass(2 * HOUR).await;
    // The called one too.
    assert_eq!(world.statuses().await, [("succeeded", 3)].into());
    assert_eq!((world.provider.sends(), world.host.troubled().len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn what_was_ordered_is_done_although_whoever_asked_has_gone() {
    let world = World::new(HOUR).await;
    let host = world.host.clone();
    let begins = tokio::spawn(async move { host.begin(vec![(super::new(REST, json!({})), None)]).await });
    tokio::task::yield_now().await;
    begins.abort();
    world.pass(2 * HOUR).await;
    assert_eq!(world.statuses().await, [("succeeded", 1)].into());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_has_failed_goes_on_in_the_same_host() {
    let world = World::new(HOUR).await;
    let fails = "name: fails\nsteps:\n  - { id: strike, action: world.strike, timeout: 30m }\n";
    let run = world.begin(fails, json!({})).await;
    world.pass(HOUR).await;
    assert_eq!(world.status(run).await, RunStatus::Failed);
    world.host.retry(run, "ada").await.unwrap();
    assert_eq!(world.status(run).await, RunStatus::Running);
    world.pass(HOUR).await;
    assert_eq!((world.status(run).await, world.provider.sends()), (RunStatus::Succeeded, 1));
    let refused = world.host.retry(run, "ada").await.unwrap_err().to_string();
    assert_eq!(refused, "it has succeeded: only a run that has failed can be retried");
}
