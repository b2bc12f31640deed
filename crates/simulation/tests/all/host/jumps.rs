//! A wall clock that is set: what waits for a moment goes by what it shows, and what must not be too early does not.

use super::{HOUR, MINUTE, REST, STRIKE, Service, World};
use riposte_engine::{Clock, RunStatus};
use serde_json::json;
use std::time::Duration;

const DAY: i64 = 24 * 3600;
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_wait_is_over_when_the_clock_shows_its_end_in_memory_and_out_of_it() {
    for parked in [SECOND, MINUTE] {
        let world = World::new(HOUR).await;
        let run = world.begin(REST, json!({})).await;
        world.pass(parked).await;
        world.clock.set(DAY);
        world.pass(SECOND).await;
        assert_eq!(world.status(run).await, RunStatus::Succeeded, "{parked:?}");

        let run = world.begin(REST, json!({})).await;
        world.pass(parked).await;
        world.clock.set(-DAY);
        world.pass(20 * HOUR).await;
        assert_eq!(world.status(run).await, RunStatus::Running, "{parked:?}");
        world.pass(5 * HOUR).await;
        assert_eq!(world.status(run).await, RunStatus::Succeeded, "{parked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_provider_works_on_is_followed_as_before() {
    for by in [DAY, -DAY, -30 * DAY] {
        for parked in [SECOND, MINUTE] {
            let world = World::new(HOUR).await;
            let run = world.begin(STRIKE, json!({})).await;
            world.pass(parked).await;
            world.clock.set(by);
            world.pass(HOUR + 2 * MINUTE).await;
            assert_eq!(world.status(run).await, RunStatus::Succeeded, "{by} after {parked:?}");
            assert_eq!(world.provider.sends(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_in_doubt_is_not_absent_before_the_provider_had_its_time() {
    for by in [DAY, -DAY] {
        let mut world = World::with(HOUR, MINUTE, &[]).await;
        world.provider.serve(Service::Late(45 * SECOND));
        let run = world.begin(STRIKE, json!({})).await;
        world.pass(SECOND).await;
        world.crash().await;
        world.pass(SECOND).await;
        world.clock.set(by);
        world.pass(2 * HOUR).await;
        assert_eq!((world.status(run).await, world.provider.sends()), (RunStatus::Succeeded, 1), "{by}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_arrived_is_absent_as_soon_as_that_is_certain() {
    // The next attempt waits for a moment, so that it comes late when the clock was set back.
    for (by, until) in [(DAY, SECOND), (-DAY, 25 * HOUR)] {
        let world = World::new(HOUR).await;
        world.provider.serve(Service::Deaf);
        let run = world.begin(STRIKE, json!({})).await;
        world.pass(SECOND).await;
        world.clock.set(by);
        world.provider.serve(Service::Well);
        world.pass(55 * SECOND).await;
        assert!(!world.kinds(run).await.contains(&"reconciled"), "{by}: before the delay has passed");
        world.pass(10 * SECOND).await;
        assert!(world.kinds(run).await.contains(&"reconciled"), "{by}");
        world.pass(until).await;
        assert_eq!(world.provider.sends(), 1, "{by}: {:?}", world.kinds(run).await);
        world.pass(HOUR + MINUTE).await;
        assert_eq!((world.status(run).await, world.provider.sends()), (RunStatus::Succeeded, 1), "{by}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_of_a_time_that_has_not_come_is_looked_for_from_now_on() {
    let mut world = World::with(HOUR, MINUTE, &[]).await;
    world.clock.set(3 * DAY);
    let run = world.begin(STRIKE, json!({})).await;
    world.pass(SECOND).await;
    world.crash().await;
    world.clock.set(-3 * DAY);
    world.pass(SECOND).await;
    // The provider has never known another time.
    assert!(world.provider.asked_since() <= world.clock.now(), "{} is to come", world.provider.asked_since());
    world.pass(2 * HOUR).await;
    assert_eq!((world.status(run).await, world.provider.sends()), (RunStatus::Succeeded, 1));
}

const AGAIN: &str = "
name: again
steps: [{ id: strike, action: world.strike, retry: { attempts: 9, initial: 10m, factor: 1, max: 10m, jitter: none }, timeout: 7d }]
";

#[tokio::test(start_paused = true)]
async fn an_attempt_that_waits_is_made_once_early_or_late() {
    for (by, until) in [(DAY, SECOND), (-DAY, 24 * HOUR + 11 * MINUTE)] {
        for parked in [SECOND, MINUTE] {
            let world = World::new(HOUR).await;
            world.provider.serve(Service::Unavailable);
            let run = world.begin(AGAIN, json!({})).await;
            world.pass(parked).await;
            world.provider.serve(Service::Well);
            world.clock.set(by);
            world.pass(until).await;
            assert_eq!(world.provider.sends(), 1, "{by}");
            world.pass(2 * HOUR).await;
            assert_eq!((world.status(run).await, world.provider.sends()), (RunStatus::Succeeded, 1), "{by}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_stays_with_who_holds_it() {
    for by in [DAY, -DAY] {
        let mut world = World::new(HOUR).await;
        for _ in 0..3 {
            world.begin(STRIKE, json!({ "target": "d1" })).await;
        }
        world.pass(MINUTE).await;
        world.clock.set(by);
        world.pass(MINUTE).await;
        assert_eq!(world.provider.sends(), 1);
        world.crash().await;
        world.pass(4 * HOUR).await;
        assert_eq!(world.statuses().await, [("succeeded", 3)].into(), "{by}");
        assert_eq!((world.provider.sends(), world.provider.overlaps()), (3, 0), "{by}");
    }
}
