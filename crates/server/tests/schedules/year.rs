//! A year of local times, day by day, against what calendars and the rules of clocks say.

use crate::stage::{Daemon, quick};
use riposte_engine::{EventBody, Store};
use std::time::Duration;

/// Days of each month of 2026.
const MONTHS: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// One zone's 2026.
struct Zone {
    name: &'static str,
    time: &'static str,
    /// What stands behind the times from that day on.
    offsets: &'static [(&'static str, &'static str)],
    /// Days on which it fires at another time than usual, because there is no such time.
    moved: &'static [(&'static str, &'static str)],
}

/// Each is written down from the published rules: the day on which clocks change, and what happens to the time then.
const ZONES: [Zone; 7] = [
    // 29 March: from 02:00 to 03:00, so that there is no 02:15. 25 October: from 03:00 back to 02:00, so that there are two.
    Zone {
        name: "Europe/Paris",
        time: "02:15",
        offsets: &[("01-01", "+01:00"), ("03-29", "+02:00"), ("10-26", "+01:00")],
        moved: &[("03-29", "03:00")],
    },
    // 8 March: from 02:00 to 03:00. 1 November: from 02:00 back to 01:00, before 02:15.
    Zone {
        name: "America/New_York",
        time: "02:15",
        offsets: &[("01-01", "-05:00"), ("03-08", "-04:00"), ("11-01", "-05:00")],
        moved: &[("03-08", "03:00")],
    },
    // There are two of 01:45 on 1 November.
    Zone {
        name: "America/New_York",
        time: "01:45",
        offsets: &[("01-01", "-05:00"), ("03-09", "-04:00"), ("11-02", "-05:00")],
        moved: &[],
    },
    // 5 April: from 02:00 back to 01:30, before 02:15. 4 October: from 02:00 to 02:30.
    Zone {
        name: "Australia/Lord_Howe",
        time: "02:15",
        offsets: &[("01-01", "+11:00"), ("04-05", "+10:30"), ("10-04", "+11:00")],
        moved: &[("10-04", "02:30")],
    },
    // There are two of 01:45 on 5 April.
    Zone {
        name: "Australia/Lord_Howe",
        time: "01:45",
        offsets: &[("01-01", "+11:00"), ("04-06", "+10:30"), ("10-05", "+11:00")],
        moved: &[],
    },
    Zone { name: "Asia/Kolkata", time: "02:15", offsets: &[("01-01", "+05:30")], moved: &[] },
    Zone { name: "UTC", time: "02:15", offsets: &[("01-01", "+00:00")], moved: &[] },
];

impl Zone {
    fn expected(&self) -> Vec<String> {
        let months = (1..).zip(MONTHS);
        let days = months.flat_map(|(month, days)| (1..=days).map(move |day| format!("{month:02}-{day:02}")));
        days.map(|day| {
            let offset = self.offsets.iter().rev().find(|(from, _)| *from <= day.as_str()).unwrap().1;
            let moved = self.moved.iter().find(|(moved, _)| *moved == day);
            let time = moved.map_or(self.time, |(_, time)| time);
            format!("{day}T{time}:00{offset}")
        })
        .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_year_has_one_run_for_each_day_at_the_time_that_the_table_says() {
    let named = |number: usize, zone: &Zone| {
        let (hour, minute) = zone.time.split_once(':').unwrap();
        let schedule = format!("schedule: '{minute} {hour} * * *', timezone: {}", zone.name);
        quick(&schedule).replace("name: quick", &format!("name: zone-{number}"))
    };
    let sources: Vec<String> = ZONES.iter().enumerate().map(|(number, zone)| named(number, zone)).collect();
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    // A day more than a year, so that all zones have all of it.
    let daemon = Daemon::new("2025-12-31T12:00:00Z", &sources).await;
    daemon.pass(Duration::from_secs(366 * 24 * 3600)).await;
    let planned = planned_by_playbook(&*daemon.store).await;
    for (number, zone) in ZONES.iter().enumerate() {
        let planned: Vec<&str> = planned
            .iter()
            .filter(|(playbook, _)| *playbook == format!("zone-{number}"))
            .filter_map(|(_, planned)| planned.strip_prefix("2026-"))
            .collect();
        assert_eq!(planned, zone.expected(), "{} at {}", zone.name, zone.time);
    }
}

async fn planned_by_playbook(store: &dyn Store) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for run in store.runs(u32::MAX).await.unwrap().into_iter().rev() {
        let first = store.events(run.id).await.unwrap().remove(0);
        let EventBody::RunStarted(started) = first.body else { panic!("a run begins with its start") };
        let planned = started.trigger.body["planned"].as_str().unwrap();
        all.push((run.playbook.to_string(), planned.to_owned()));
    }
    all
}
