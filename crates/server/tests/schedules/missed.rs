//! Times at which nobody was there, clocks that are set, and what stands in the way.

use crate::stage::{DAY, Daemon, HOUR, MINUTE, SECOND, quick};
use riposte_engine::{Clock, HostStore, StopOrder};
use riposte_model::PlaybookName;

fn hourly(missed: &str) -> String {
    quick(&format!("schedule: '0 * * * *', missed: {missed}"))
}

/// The planned hours, shortly.
async fn hours(daemon: &Daemon) -> Vec<String> {
    daemon.planned().await.iter().map(|at| at.replace(":00:00Z", "").replace("05-0", "")).collect()
}

#[tokio::test(start_paused = true)]
async fn the_clock_begins_runs() {
    let daemon = Daemon::new("2026-05-01T00:30:00Z", &[&hourly("skip")]).await;
    daemon.pass(2 * HOUR).await;
    let expected = [("05-01T01:00:00Z", "01:00:00"), ("05-01T02:00:00Z", "02:00:00")];
    assert_eq!(daemon.begun().await, expected.map(|(planned, at)| (planned.to_owned(), at.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn zones_fire_by_their_own_clocks_through_a_change() {
    let zones = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
    let triggers = zones.map(|zone| format!("  - {{ schedule: '15 2 * * *', timezone: {zone} }}\n")).concat();
    let source = format!("name: zones\ntriggers:\n{triggers}steps:\n  - stop: done\n");
    let daemon = Daemon::new("2026-03-28T12:00:00Z", &[&source]).await;
    daemon.pass(DAY).await;
    let expected =
        ["03-29T02:15:00+11:00", "03-29T02:15:00+05:30", "03-29T03:00:00+02:00", "03-29T02:15:00-04:00"];
    assert_eq!(daemon.planned().await, expected);
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_while_nobody_was_there_is_made_up_for_as_the_schedule_says() {
    for (missed, expected) in
        [("skip", &["1T04"][..]), ("once", &["1T03", "1T04"]), ("all", &["1T01", "1T02", "1T03", "1T04"])]
    {
        let mut daemon = Daemon::new("2026-05-01T00:30:00Z", &[&hourly(missed)]).await;
        // It never fired, and is known all the same.
        daemon.die().await;
        daemon.pass(3 * HOUR).await;
        daemon.live().await;
        daemon.pass(HOUR).await;
        assert_eq!(hours(&daemon).await, expected, "{missed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_put_forward_misses_what_it_jumps_over() {
    for (hours_forward, expected) in [(1, &["1T01", "1T02", "1T03"][..]), (24, &["1T01", "2T01", "2T02"])] {
        let daemon = Daemon::new("2026-05-01T00:30:00Z", &[&hourly("once")]).await;
        daemon.pass(45 * MINUTE).await;
        daemon.clock.step(hours_forward);
        daemon.pass(MINUTE).await;
        daemon.pass(50 * MINUTE).await;
        assert_eq!(hours(&daemon).await, expected, "{hours_forward}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_put_back_doubles_nothing() {
    for back in [1, 24] {
        let mut daemon = Daemon::new("2026-05-02T00:30:00Z", &[&hourly("once")]).await;
        daemon.pass(3 * HOUR).await;
        let before = hours(&daemon).await;
        assert_eq!(before, ["2T01", "2T02", "2T03"]);
        daemon.clock.step(-back);
        daemon.pass(MINUTE).await;
        // Nor does a restart.
        daemon.die().await;
        daemon.live().await;
        daemon.pass(u32::try_from(back).unwrap() * HOUR).await;
        let mut all = hours(&daemon).await;
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "each time once");
        // A time that never was before is served when it comes: a wrong clock that is put right stops nothing.
        let new = if back == 24 { 21 } else { 0 };
        assert_eq!(count, 3 + new);
        daemon.pass(HOUR).await;
        assert_eq!(hours(&daemon).await.len(), 4 + new);
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_years_ahead_stops_nothing_once_it_is_right() {
    let daemon = Daemon::new("2026-05-01T00:30:00Z", &[&hourly("skip")]).await;
    daemon.clock.step(24 * 365 * 4);
    daemon.pass(MINUTE).await;
    daemon.clock.step(-24 * 365 * 4);
    daemon.pass(HOUR).await;
    assert_eq!(hours(&daemon).await, ["1T01"]);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_loses_no_time_that_is_made_up_for() {
    for (missed, expected) in [("once", &["1T03", "1T04"][..]), ("skip", &["1T04"])] {
        let daemon = Daemon::new("2026-05-01T00:30:00Z", &[&hourly(missed)]).await;
        daemon.store.set_full(true);
        daemon.pass(3 * HOUR).await;
        assert!(daemon.planned().await.is_empty());
        daemon.store.set_full(false);
        daemon.pass(MINUTE).await;
        daemon.pass(29 * MINUTE).await;
        assert_eq!(hours(&daemon).await, expected, "{missed}");
        assert_eq!(daemon.store.schedules().await.unwrap()[0].until.to_string(), "2026-05-01T04:00:00.000Z");
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_trouble_delays_a_run_that_nobody_makes_up_for() {
    let daemon = Daemon::new("2026-05-01T00:59:50Z", &[&hourly("skip")]).await;
    daemon.store.set_full(true);
    daemon.pass(25 * SECOND).await;
    daemon.store.set_full(false);
    daemon.pass(MINUTE).await;
    assert_eq!(daemon.begun().await, [("05-01T01:00:00Z".to_owned(), "01:00:20".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn the_times_of_a_playbook_that_is_stopped_are_let_go() {
    let daemon = Daemon::new("2026-05-01T00:30:00Z", &[&hourly("all")]).await;
    let playbook = PlaybookName::parse("quick").unwrap();
    let order = StopOrder {
        playbook: Some(playbook.clone()),
        cancel: false,
        by: "ada".into(),
        at: daemon.clock.now(),
    };
    daemon.host.stop(order).await.unwrap();
    daemon.pass(2 * HOUR).await;
    daemon.host.lift(Some(&playbook)).await.unwrap();
    daemon.pass(HOUR).await;
    assert_eq!(hours(&daemon).await, ["1T03"]);
}

#[tokio::test(start_paused = true)]
async fn runs_begin_later_by_their_jitter_and_keep_it_through_a_restart() {
    let source = quick("schedule: '0 * * * *', jitter: 50m");
    let mut begun = Vec::new();
    for restarts in [false, true] {
        let mut daemon = Daemon::new("2026-05-01T00:00:00Z", &[&source]).await;
        for _ in 0..60 {
            daemon.pass(5 * MINUTE).await;
            if restarts {
                daemon.die().await;
                daemon.live().await;
            }
        }
        begun.push(daemon.begun().await);
    }
    assert_eq!(begun[0].len(), 4, "{begun:?}");
    assert_eq!(begun[0], begun[1]);
    assert!(begun[0].iter().any(|(_, at)| !at.ends_with("00:00")), "{begun:?}");
}
