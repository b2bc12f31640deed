//! A journal that is full for a while.

use super::{HOUR, MINUTE, REST, World};
use riposte_engine::{Begun, RunStatus, StoreError};
use riposte_executor::HostError;
use serde_json::json;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Strikes twice.
const TWICE: &str = "
name: twice
steps:
  - { id: first, action: world.strike, with: { target: d0 }, timeout: 2d }
  - { id: second, action: world.strike, with: { target: d0 }, timeout: 2d }
";

#[tokio::test(start_paused = true)]
async fn nothing_is_taken_in_until_there_is_room() {
    let world = World::new(HOUR).await;
    world.store.set_full(true);
    for _ in 0..3 {
        let refused = world.deliver(REST, "alert").await.unwrap_err();
        assert!(matches!(refused, HostError::Store(StoreError::Full(_))), "{refused:?}");
    }
    assert_eq!(world.statuses().await, [].into());
    world.store.set_full(false);
    let (run, begun) = world.deliver(REST, "alert").await.unwrap();
    assert_eq!(begun, Begun::New);
    world.pass(HOUR + SECOND).await;
    assert_eq!((world.status(run).await, world.statuses().await.len()), (RunStatus::Succeeded, 1));
}

#[tokio::test(start_paused = true)]
async fn no_call_leaves_until_there_is_room_and_then_all_goes_on() {
    // Full while the first one is under way, in memory and out of it; and while its answer comes.
    for (answers_after, full_at) in [(0, 1), (0, 60), (30, 10)] {
        let world = World::with(HOUR, answers_after * SECOND, &[]).await;
        let run = world.begin(TWICE, json!({})).await;
        world.pass(full_at * SECOND).await;
        world.store.set_full(true);
        world.pass(5 * HOUR).await;
        assert_eq!(world.provider.sends(), 1, "{full_at}");
        let before = world.kinds(run).await;
        assert!(!before.contains(&"call_succeeded"), "{before:?}");
        world.store.set_full(false);
        world.pass(HOUR + 5 * MINUTE).await;
        assert_eq!(world.status(run).await, RunStatus::Succeeded, "{full_at}: {:?}", world.kinds(run).await);
        assert_eq!((world.provider.sends(), world.provider.overlaps()), (2, 0), "{full_at}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_journal_through_a_restart_loses_nothing() {
    let mut world = World::with(HOUR, 30 * SECOND, &[]).await;
    let (run, rest) = (world.begin(TWICE, json!({})).await, world.begin(REST, json!({})).await);
    world.pass(10 * SECOND).await;
    world.store.set_full(true);
    world.pass(MINUTE).await;
    world.host.crash();
    world.store.set_full(false);
    world.crash().await;
    world.store.set_full(true);
    world.pass(3 * HOUR).await;
    assert_eq!(world.provider.sends(), 1);
    assert_eq!(world.status(rest).await, RunStatus::Running);
    world.store.set_full(false);
    world.pass(HOUR + 5 * MINUTE).await;
    assert_eq!(world.statuses().await, [("succeeded", 2)].into(), "{:?}", world.kinds(run).await);
    assert_eq!((world.provider.sends(), world.provider.overlaps()), (2, 0));
}
