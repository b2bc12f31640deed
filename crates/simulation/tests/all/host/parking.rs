//! Runs that only wait leave memory, and come back when there is something to do.

use super::{HOUR, MINUTE, REST, STRIKE, World};
use riposte_engine::{RunStatus, Store};
use riposte_executor::Counts;
use serde_json::json;
use std::time::Duration;

fn parked(parked: usize) -> Counts {
    Counts { parked, ..Counts::default() }
}

#[tokio::test(start_paused = true)]
async fn a_timer_wakes_a_parked_run() {
    let world = World::new(HOUR).await;
    let run = world.begin(REST, json!({})).await;
    world.pass(MINUTE).await;
    assert_eq!(world.host.counts(), parked(1));
    world.pass(HOUR).await;
    assert_eq!((world.status(run).await, world.host.counts()), (RunStatus::Succeeded, Counts::default()));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_what_a_provider_works_on_wakes_a_parked_run() {
    let world = World::new(HOUR).await;
    let run = world.begin(STRIKE, json!({})).await;
    world.pass(MINUTE).await;
    assert_eq!(world.host.counts(), parked(1));
    world.pass(HOUR).await;
    assert_eq!((world.status(run).await, world.host.counts()), (RunStatus::Succeeded, Counts::default()));
    assert_eq!(world.provider.sends(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_parked_runs_cost_few_questions() {
    let world = World::new(HOUR).await;
    for number in 0..1000 {
        world.begin(STRIKE, json!({ "target": format!("d{number}") })).await;
    }
    world.pass(HOUR + 2 * MINUTE).await;
    assert_eq!(world.statuses().await, [("succeeded", 1000)].into());
    assert!(world.provider.questions() < 1200, "{} questions", world.provider.questions());
}

#[tokio::test(start_paused = true)]
async fn a_parked_run_is_not_loaded_after_a_restart_and_wakes_all_the_same() {
    let mut world = World::new(HOUR).await;
    let (rest, strike) = (world.begin(REST, json!({})).await, world.begin(STRIKE, json!({})).await);
    world.pass(MINUTE).await;
    world.crash().await;
    assert_eq!(world.host.counts(), parked(2));
    world.pass(HOUR).await;
    assert_eq!(world.status(rest).await, RunStatus::Succeeded);
    assert_eq!(world.status(strike).await, RunStatus::Succeeded);
    assert_eq!(world.provider.sends(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_ended_while_nobody_was_there_ends_at_once() {
    let mut world = World::new(HOUR).await;
    let (rest, strike) = (world.begin(REST, json!({})).await, world.begin(STRIKE, json!({})).await);
    world.pass(MINUTE).await;
    world.host.crash();
    world.pass(2 * HOUR).await;
    world.crash().await;
    world.pass(3 * MINUTE).await;
    assert_eq!(world.status(rest).await, RunStatus::Succeeded);
    assert_eq!(world.status(strike).await, RunStatus::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_call_in_flight_when_the_process_died_is_looked_for_and_not_made_again() {
    let mut world = World::with(HOUR, MINUTE, &[]).await;
    let run = world.begin(STRIKE, json!({})).await;
    world.pass(Duration::from_secs(1)).await;
    world.crash().await;
    world.pass(2 * HOUR).await;
    assert_eq!((world.status(run).await, world.provider.sends()), (RunStatus::Succeeded, 1));
    let kinds =
        ["run_started", "call_intended", "outcome_unknown", "reconciled", "call_succeeded", "run_finished"];
    assert_eq!(world.kinds(run).await, kinds);
}

const INNER: &str = "name: inner\nsteps: [{ id: strike, action: world.strike, timeout: 2d }]\n";
const OUTER: &str = "name: outer\nsteps: [{ id: contain, call: inner }, { id: rest, wait: 1h }]\n";

#[tokio::test(start_paused = true)]
async fn a_run_and_those_that_it_called_are_parked_and_woken_together() {
    let mut world = World::with(HOUR, Duration::ZERO, &[INNER]).await;
    let run = world.begin(OUTER, json!({})).await;
    world.pass(MINUTE).await;
    assert_eq!(world.host.counts(), parked(1));
    world.crash().await;
    assert_eq!(world.host.counts(), parked(1));
    world.pass(HOUR + MINUTE).await;
    assert_eq!(world.kinds(run).await, ["run_started", "child_started", "child_finished", "timer_set"]);
    world.pass(HOUR).await;
    assert_eq!((world.status(run).await, world.provider.sends()), (RunStatus::Succeeded, 1));
}

#[tokio::test(start_paused = true)]
async fn closing_leaves_runs_for_the_next_process() {
    let mut world = World::with(HOUR, Duration::from_secs(30), &[]).await;
    let (rest, strike) = (world.begin(REST, json!({})).await, world.begin(STRIKE, json!({})).await);
    world.pass(Duration::from_secs(1)).await;
    world.host.close().await;
    // The call that was in flight has come back, and is in no doubt.
    assert_eq!(world.kinds(strike).await, ["run_started", "call_intended", "call_accepted"]);
    assert!(world.deliver(REST, "late").await.unwrap_err().to_string().contains("stopping"));
    assert_eq!(world.store.runs(9).await.unwrap().len(), 2);
    world.crash().await;
    world.pass(2 * HOUR).await;
    assert_eq!(world.status(rest).await, RunStatus::Succeeded);
    assert_eq!((world.status(strike).await, world.provider.sends()), (RunStatus::Succeeded, 1));
}
