//! Other playbooks while times come and go.

use crate::stage::{Daemon, HOUR, MINUTE, quick};
use riposte_engine::HostStore;

const HOURLY: &str = "schedule: '0 * * * *', missed: once";

#[tokio::test(start_paused = true)]
async fn reloading_around_the_times_loses_none_and_doubles_none() {
    let mut daemon = Daemon::new("2026-05-01T00:30:00Z", &[&quick(HOURLY)]).await;
    for number in 0..8 {
        daemon.pass(HOUR / 2).await;
        // With other steps and other rules it is the same schedule.
        let rules = if number % 2 == 0 { "missed: all, overlap: allow" } else { "missed: once" };
        let source = quick(&format!("schedule: '0 * * * *', {rules}"));
        daemon.reload(&[&source.replace("done", &format!("number {number}"))]).await;
    }
    let planned: Vec<String> = daemon.planned().await.iter().map(|at| at[6..8].to_owned()).collect();
    assert_eq!(planned, ["01", "02", "03", "04"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_due_when_another_set_comes_is_dealt_with_first() {
    let mut daemon = Daemon::new("2026-05-01T00:30:00Z", &[&quick(HOURLY)]).await;
    // The clock is put forward, and before anybody has noticed the schedule is taken out.
    daemon.clock.step(1);
    daemon.reload(&[&quick("schedule: '30 12 * * *'")]).await;
    assert_eq!(daemon.planned().await, ["05-01T01:00:00Z"]);
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_is_new_or_another_one_begins_now() {
    let mut daemon =
        Daemon::new("2026-05-01T00:30:00Z", &[&quick("schedule: '0 0 1 1 *', missed: all")]).await;
    daemon.pass(5 * HOUR).await;
    daemon.reload(&[&quick("schedule: '0 * * * *', missed: all")]).await;
    daemon.pass(HOUR).await;
    assert_eq!(daemon.planned().await, ["05-01T06:00:00Z"]);
    assert_eq!(daemon.store.schedules().await.unwrap().len(), 1, "the other one is forgotten");
    // Taken out and put back, it has missed nothing.
    daemon.reload(&[]).await;
    daemon.pass(3 * HOUR).await;
    daemon.die().await;
    daemon.live().await;
    daemon.reload(&[&quick("schedule: '0 * * * *', missed: all")]).await;
    daemon.pass(MINUTE).await;
    assert_eq!(daemon.planned().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_forgotten_when_there_is_room_for_it() {
    let mut daemon = Daemon::new("2026-05-01T00:30:00Z", &[&quick(HOURLY)]).await;
    daemon.store.set_full(true);
    daemon.reload(&[]).await;
    assert_eq!(daemon.store.schedules().await.unwrap().len(), 1);
    daemon.store.set_full(false);
    daemon.pass(MINUTE).await;
    assert!(daemon.store.schedules().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn closed_it_begins_nothing_and_has_noted_all() {
    let mut daemon = Daemon::new("2026-05-01T00:30:00Z", &[&quick(HOURLY)]).await;
    daemon.pass(HOUR).await;
    daemon.scheduler.take().unwrap().close().await;
    daemon.pass(5 * HOUR).await;
    assert_eq!(daemon.planned().await, ["05-01T01:00:00Z"]);
    let note = daemon.store.schedules().await.unwrap().remove(0);
    assert_eq!(note.until.to_string(), "2026-05-01T01:00:00.000Z");
}
