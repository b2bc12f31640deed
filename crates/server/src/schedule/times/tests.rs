use super::*;
use crate::schedule::source;
use riposte_model::{Catalogue, PlaybookName};
use riposte_playbook::load;

fn schedule(cron: &str, rules: &str) -> (String, Schedule) {
    let text = format!("name: a\ntriggers:\n  - {{ schedule: '{cron}', {rules} }}\nsteps:\n  - stop: done\n");
    let loaded = load("a.yaml", &text, &Catalogue::default());
    let playbook = loaded.playbook.unwrap_or_else(|| panic!("{cron} {rules}"));
    let schedule = playbook.schedules().next().unwrap().clone();
    (source(&PlaybookName::parse("a").unwrap(), &schedule), schedule)
}

fn at(text: &str) -> Timestamp {
    Timestamp::try_from(text.to_owned()).unwrap()
}

/// What a look finds, as text: `-` for a time that was missed, `+` for one that makes up for it.
fn look(cron: &str, rules: &str, until: &str, now: &str) -> Vec<String> {
    let (source, schedule) = schedule(cron, rules);
    let due = due(&schedule, &source, at(until), at(now));
    let let_go = due.let_go.map(|(first, last)| format!("- {first} {last}"));
    let fires =
        due.fires.iter().map(|fire| format!("{}{}", if fire.is_made_up { "+ " } else { "" }, fire.at));
    let_go.into_iter().chain(fires).map(|line| line.replace(":00.000Z", "").replace("2026-", "")).collect()
}

#[test]
fn a_time_is_due_when_it_has_come_and_missed_a_minute_later() {
    let day = |now: &str| look("0 3 * * *", "missed: skip", "2026-05-01T03:00:00Z", now);
    assert!(day("2026-05-02T02:59:59.999Z").is_empty());
    assert_eq!(day("2026-05-02T03:00:00Z"), ["05-02T03:00"]);
    assert_eq!(day("2026-05-02T03:00:59.999Z"), ["05-02T03:00"]);
    assert_eq!(day("2026-05-02T03:01:00Z"), ["- 05-02T03:00 05-02T03:00"]);
}

#[test]
fn missed_times_are_made_up_for_as_the_schedule_says() {
    let hours = |missed: &str| {
        look("0 * * * *", &format!("missed: {missed}"), "2026-05-01T00:30:00Z", "2026-05-01T04:00:10Z")
    };
    assert_eq!(hours("skip"), ["- 05-01T01:00 05-01T03:00", "05-01T04:00"]);
    assert_eq!(hours("once"), ["+ 05-01T03:00", "05-01T04:00"]);
    assert_eq!(hours("all"), ["+ 05-01T01:00", "+ 05-01T02:00", "+ 05-01T03:00", "05-01T04:00"]);
}

#[test]
fn a_year_of_seconds_is_made_up_for_in_no_time_and_with_a_limit() {
    let (source, schedule) = schedule("* * * * * *", "missed: all");
    let due = due(&schedule, &source, at("2025-05-01T00:00:00Z"), at("2026-05-01T00:00:00Z"));
    let made_up = due.fires.iter().filter(|fire| fire.is_made_up).count();
    assert_eq!((made_up, due.fires.len()), (MOST_MADE_UP, MOST_MADE_UP + 60));
    let late = at("2026-05-01T00:00:00Z").as_millis() - 60_000;
    let last = Timestamp::from_millis(late - 100_000);
    assert_eq!(due.let_go, Some((at("2025-05-01T00:00:01Z"), last)));
    assert!(due.fires.windows(2).all(|pair| pair[1].at.since(pair[0].at) == Duration::from_secs(1)));
}

#[test]
fn a_run_begins_later_by_its_jitter_which_is_always_the_same() {
    let (source, schedule) = schedule("0 * * * *", "jitter: 10m");
    let fires: Vec<Timestamp> =
        std::iter::successors(next(&schedule, at("2026-05-01T00:00:00Z")), |at| next(&schedule, *at))
            .take(200)
            .collect();
    let delays: Vec<u64> =
        fires.iter().map(|fire| start(&source, &schedule, *fire).since(*fire).as_secs()).collect();
    assert!(delays.iter().all(|delay| *delay <= 600), "{delays:?}");
    assert!(delays.iter().any(|delay| *delay < 120) && delays.iter().any(|delay| *delay > 480));
    assert_ne!(start("other", &schedule, fires[0]), start(&source, &schedule, fires[0]));
    // It is due with its jitter and not before, and missed only after that.
    let (fire, begins) = (fires[7], start(&source, &schedule, fires[7]));
    let looked = |now: Timestamp| due(&schedule, &source, fires[6], now);
    assert_eq!(looked(back(begins, TICK)), Due::default());
    let fires = vec![Fire { at: fire, is_made_up: false }];
    assert_eq!(looked(begins), Due { let_go: None, fires: fires.clone() });
    assert_eq!(looked(begins.saturating_add(GRACE - TICK)), Due { let_go: None, fires });
    assert_eq!(looked(begins.saturating_add(GRACE)).let_go, Some((fire, fire)));
}

/// Each zone's days on which clocks are changed in 2026, counted by hand for a quarter past two.
#[test]
fn a_year_has_a_run_for_each_day_also_where_clocks_are_changed() {
    let table = [
        // 29 March: from 02:00 to 03:00. 25 October: from 03:00 back to 02:00, and the first 02:15 counts.
        (
            "Europe/Paris",
            &["03-28T01:15", "03-29T01:00", "03-30T00:15", "10-24T00:15", "10-25T00:15", "10-26T01:15"][..],
        ),
        // 8 March: from 02:00 to 03:00. 1 November: from 02:00 back to 01:00, before there is a 02:15.
        (
            "America/New_York",
            &["03-07T07:15", "03-08T07:00", "03-09T06:15", "10-31T06:15", "11-01T07:15", "11-02T07:15"],
        ),
        // By half an hour. 5 April: from 02:00 back to 01:30. 4 October: from 02:00 to 02:30.
        (
            "Australia/Lord_Howe",
            &["04-03T15:15", "04-04T15:45", "04-05T15:45", "10-02T15:45", "10-03T15:30", "10-04T15:15"],
        ),
        ("Asia/Kolkata", &["03-28T20:45", "03-29T20:45", "10-25T20:45"]),
    ];
    for (zone, days) in table {
        let (source, schedule) = schedule("15 2 * * *", &format!("timezone: {zone}"));
        let (mut until, end) = (at("2025-12-31T12:00:00Z"), at("2026-12-31T12:00:00Z"));
        let mut fires = Vec::new();
        while let Some(now) = next_start(&schedule, &source, until).filter(|now| *now < end) {
            let due = due(&schedule, &source, until, now);
            assert_eq!(due, Due { let_go: None, fires: vec![Fire { at: now, is_made_up: false }] }, "{zone}");
            fires.push(now.to_string());
            until = now;
        }
        assert_eq!(fires.len(), 365, "{zone}");
        for day in days {
            assert!(fires.contains(&format!("2026-{day}:00.000Z")), "{zone} {day}");
        }
    }
}
