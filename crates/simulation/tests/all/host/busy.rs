//! Storms.

use super::{HOUR, MINUTE, STRIKE, World};
use serde_json::json;
use std::time::Duration;

const STORM: &str = "
name: storm
steps: [{ id: look, action: world.look, with: { target: storm } }, { id: rest, wait: 1h }]
";

const CALM: &str = "name: calm\nsteps: [{ id: look, action: world.look, with: { target: calm } }]\n";

#[tokio::test(start_paused = true)]
async fn a_storm_of_one_playbook_does_not_hold_up_the_first_step_of_another() {
    let mut world = World::with(HOUR, Duration::from_secs(10), &[]).await;
    for _ in 0..2_000 {
        world.begin(STORM, json!({})).await;
    }
    world.pass(Duration::from_secs(1)).await;
    world.begin(CALM, json!({})).await;
    world.pass(Duration::from_secs(10)).await;
    assert_eq!(world.provider.looked_at("calm"), [11]);
    // And so after a restart.
    world.crash().await;
    world.begin(CALM, json!({})).await;
    world.pass(Duration::from_secs(10)).await;
    assert_eq!(world.provider.looked_at("calm").len(), 2);
    world.pass(HOUR + 10 * MINUTE).await;
    assert_eq!(world.statuses().await, [("succeeded", 2_002)].into());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_only_waits_gives_its_place_to_others_at_once() {
    let world = World::with(HOUR, Duration::from_secs(1), &[]).await;
    for _ in 0..300 {
        world.begin(STORM, json!({})).await;
    }
    // As many as may be at work at once are at work for a second each.
    world.pass(Duration::from_millis(3_500)).await;
    let counts = world.host.counts();
    assert_eq!((counts.at_work, counts.ready), (0, 0), "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn runs_that_wait_for_their_turn_do_what_they_began_for_without_being_loaded() {
    let world = World::with(MINUTE, Duration::from_secs(1), &[]).await;
    for number in 0..1_000 {
        world.begin(STRIKE, json!({ "target": format!("device-{number}") })).await;
    }
    assert!(world.host.counts().ready > 500, "{:?}", world.host.counts());
    world.pass(Duration::from_secs(15)).await;
    assert_eq!((world.provider.sends(), world.provider.overlaps(), world.store.loads()), (1_000, 0, 0));
    let mut struck = world.provider.targets();
    struck.sort_unstable();
    struck.dedup();
    assert_eq!(struck.len(), 1_000);
    world.pass(10 * MINUTE).await;
    assert_eq!(world.statuses().await, [("succeeded", 1_000)].into());
}
