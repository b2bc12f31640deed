//! Restarts around the times at which runs begin.

use crate::stage::{Daemon, MINUTE, SECOND, quick};
use riposte_engine::HostStore;
use std::time::Duration;

const EVERY_TEN: &str = "schedule: '*/10 * * * *', missed: once, overlap: allow";

/// The planned times from the first to the last, each ten minutes after the one before, none missing and none twice.
fn assert_gapless(planned: &[String], count: usize) {
    let minutes: Vec<usize> = planned
        .iter()
        .map(|at| at[6..8].parse::<usize>().unwrap() * 60 + at[9..11].parse::<usize>().unwrap())
        .collect();
    assert_eq!(minutes, (1..=count).map(|number| number * 10).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn ten_restarts_around_the_times_lose_none_and_double_none() {
    let mut daemon = Daemon::new("2026-05-01T00:00:00Z", &[&quick(EVERY_TEN)]).await;
    // When it dies before the time, or after it, and how long nobody is there, in milliseconds.
    let deaths = [
        (-90_000, 30_000),
        (-1_000, 500),
        (-1, 1),
        (-1, 2),
        (0, 0),
        (1, 1),
        (-500, 59_000),
        (-500, 61_000),
        (-2_000, 300_000),
        (-1_000, 599_000),
    ];
    for (number, (dies, away)) in deaths.into_iter().enumerate() {
        let time = i64::try_from(number + 1).unwrap() * 600_000;
        let elapsed = i64::try_from(daemon.elapsed().as_millis()).unwrap();
        daemon.pass(Duration::from_millis(u64::try_from(time + dies - elapsed).unwrap())).await;
        daemon.die().await;
        daemon.pass(Duration::from_millis(away)).await;
        daemon.live().await;
    }
    daemon.pass(2 * MINUTE).await;
    assert_gapless(&daemon.planned().await, 11);
}

#[tokio::test(start_paused = true)]
async fn dying_anywhere_in_the_work_of_a_time_loses_none_and_doubles_none() {
    let mut daemon = Daemon::new("2026-05-01T00:00:00Z", &[&quick(EVERY_TEN)]).await;
    daemon.pass(10 * MINUTE - SECOND).await;
    for steps in 0..30 {
        tokio::time::sleep(SECOND).await;
        for _ in 0..steps {
            tokio::task::yield_now().await;
        }
        daemon.die().await;
        daemon.live().await;
        daemon.pass(10 * MINUTE - SECOND).await;
    }
    assert_gapless(&daemon.planned().await, 30);
}

#[tokio::test(start_paused = true)]
async fn a_note_that_was_not_written_before_a_crash_doubles_nothing() {
    let mut daemon = Daemon::new("2026-05-01T00:00:00Z", &[&quick(EVERY_TEN)]).await;
    daemon.pass(9 * MINUTE).await;
    for _ in 0..5 {
        let before = daemon.store.schedules().await.unwrap();
        daemon.pass(MINUTE).await;
        daemon.die().await;
        daemon.store.note_schedules(&before, &[]).await.unwrap();
        daemon.pass(SECOND).await;
        daemon.live().await;
        daemon.pass(9 * MINUTE - SECOND).await;
    }
    assert_gapless(&daemon.planned().await, 5);
}
