//! Times that come while the run before is still under way.

use crate::stage::{Daemon, HOUR, MINUTE, slow};
use riposte_server::schedule::MOST_WAITING;

/// Every ten minutes something that takes twenty-five, for an hour.
async fn hour(overlap: &str) -> Vec<(String, String)> {
    let source = slow("25m", &format!("schedule: '*/10 * * * *', overlap: {overlap}"));
    let daemon = Daemon::new("2026-05-01T00:05:00Z", &[&source]).await;
    daemon.pass(HOUR).await;
    let begun = daemon.begun().await.into_iter();
    begun.map(|(planned, at)| (planned[6..11].to_owned(), at[..5].to_owned())).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(planned, at)| ((*planned).to_owned(), (*at).to_owned())).collect()
}

#[tokio::test(start_paused = true)]
async fn skip_begins_none() {
    assert_eq!(hour("skip").await, pairs(&[("00:10", "00:10"), ("00:40", "00:40")]));
}

#[tokio::test(start_paused = true)]
async fn what_came_of_each_time_is_counted() {
    let source = slow("25m", "schedule: '*/10 * * * *', overlap: skip");
    let daemon = Daemon::new("2026-05-01T00:05:00Z", &[&source]).await;
    daemon.pass(HOUR).await;
    let counts = daemon.scheduler.as_ref().unwrap().meter().counts();
    let counts: Vec<_> =
        counts.into_iter().map(|((playbook, what), count)| (playbook.to_string(), what, count)).collect();
    assert_eq!(counts, [("slow".to_owned(), "begun", 2), ("slow".to_owned(), "skipped", 4)]);
}

#[tokio::test(start_paused = true)]
async fn allow_begins_each() {
    let each = ["00:10", "00:20", "00:30", "00:40", "00:50", "01:00"].map(|at| (at, at));
    assert_eq!(hour("allow").await, pairs(&each));
}

#[tokio::test(start_paused = true)]
async fn queue_begins_each_when_the_one_before_has_ended() {
    assert_eq!(hour("queue").await, pairs(&[("00:10", "00:10"), ("00:20", "00:35"), ("00:30", "01:00")]));
}

#[tokio::test(start_paused = true)]
async fn what_waits_still_does_after_a_restart_and_was_not_missed() {
    let source = slow("25m", "schedule: '*/10 0 * * *', overlap: queue, missed: skip");
    let mut daemon = Daemon::new("2026-05-01T00:05:00Z", &[&source]).await;
    daemon.pass(50 * MINUTE).await;
    daemon.die().await;
    daemon.pass(10 * MINUTE).await;
    daemon.live().await;
    daemon.pass(3 * HOUR).await;
    let planned: Vec<String> = daemon.planned().await.iter().map(|at| at[6..11].to_owned()).collect();
    assert_eq!(planned, ["00:10", "00:20", "00:30", "00:40", "00:50"]);
}

#[tokio::test(start_paused = true)]
async fn as_many_as_may_wait_and_the_oldest_goes_for_one_more() {
    let source = slow("1d", "schedule: '* 0-1 * * *', overlap: queue");
    let daemon = Daemon::new("2026-05-01T00:00:30Z", &[&source]).await;
    daemon.pass(2 * HOUR).await;
    use riposte_engine::HostStore;
    let note = daemon.store.schedules().await.unwrap().remove(0);
    // 119 times, of which the first has its run.
    assert_eq!(note.waiting.len(), MOST_WAITING);
    assert_eq!(note.waiting[0].to_string(), "2026-05-01T00:20:00.000Z");
    assert_eq!(note.waiting[MOST_WAITING - 1].to_string(), "2026-05-01T01:59:00.000Z");
}

#[tokio::test(start_paused = true)]
async fn what_makes_up_for_missed_times_waits_whatever_the_overlap() {
    let source = slow("25m", "schedule: '*/10 0 * * *', overlap: skip, missed: all");
    let mut daemon = Daemon::new("2026-05-01T00:05:00Z", &[&source]).await;
    daemon.die().await;
    daemon.pass(30 * MINUTE).await;
    daemon.live().await;
    daemon.pass(2 * HOUR).await;
    let begun: Vec<(String, String)> = daemon.begun().await;
    let begun: Vec<(&str, &str)> = begun.iter().map(|(planned, at)| (&planned[6..11], &at[..5])).collect();
    assert_eq!(begun, [("00:10", "00:35"), ("00:20", "01:00"), ("00:30", "01:25")]);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_under_way_at_a_crash_is_still_the_one_before() {
    let source = slow("25m", "schedule: '*/10 * * * *', overlap: skip, missed: skip");
    let mut daemon = Daemon::new("2026-05-01T00:05:00Z", &[&source]).await;
    daemon.pass(6 * MINUTE).await;
    daemon.die().await;
    daemon.live().await;
    daemon.pass(HOUR - 6 * MINUTE).await;
    let planned: Vec<String> = daemon.planned().await.iter().map(|at| at[6..11].to_owned()).collect();
    assert_eq!(planned, ["00:10", "00:40"]);
}
