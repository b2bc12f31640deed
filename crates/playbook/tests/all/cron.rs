//! When schedules fire: by hand where clocks are changed, against another crate where they are not, and against plain
//! counting everywhere.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use riposte_model::Timestamp;
use riposte_playbook::{Cron, CronFault, Zone};
use std::collections::BTreeSet;

fn cron(text: &str) -> Cron {
    Cron::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn at(text: &str) -> Timestamp {
    text.parse::<DateTime<Utc>>().unwrap().into()
}

/// The first fires after a moment.
fn fires(text: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let (cron, zone) = (cron(text), Zone::parse(zone).unwrap());
    let next = |after: &Timestamp| cron.next_after(*after, zone);
    std::iter::successors(next(&at(after)), next)
        .take(count)
        .map(|at| at.to_string().replace(":00.000Z", "Z").replace(".000Z", "Z"))
        .collect()
}

#[test]
fn expressions_mean_what_people_mean_by_them() {
    // Friday.
    let start = "2026-05-01T10:00:00Z";
    let table: [(&str, &[&str]); 17] = [
        ("*/15 * * * *", &["2026-05-01T10:15Z", "2026-05-01T10:30Z"]),
        ("0 9 * * 1-5", &["2026-05-04T09:00Z", "2026-05-05T09:00Z"]),
        (
            "0 9 * * FRI-MON",
            &["2026-05-02T09:00Z", "2026-05-03T09:00Z", "2026-05-04T09:00Z", "2026-05-08T09:00Z"],
        ),
        (
            "0 9 * * 5-1",
            &["2026-05-02T09:00Z", "2026-05-03T09:00Z", "2026-05-04T09:00Z", "2026-05-08T09:00Z"],
        ),
        ("0 9 * * FRI-MON/2", &["2026-05-03T09:00Z", "2026-05-08T09:00Z", "2026-05-10T09:00Z"]),
        ("0 0 * * 0", &["2026-05-03T00:00Z", "2026-05-10T00:00Z"]),
        ("0 0 * * 7", &["2026-05-03T00:00Z", "2026-05-10T00:00Z"]),
        ("0 0 * * 5-7", &["2026-05-02T00:00Z", "2026-05-03T00:00Z", "2026-05-08T00:00Z"]),
        ("0 0 * * Sunday,wed", &["2026-05-03T00:00Z", "2026-05-06T00:00Z"]),
        // Either of the two days.
        ("0 0 13 * FRI", &["2026-05-08T00:00Z", "2026-05-13T00:00Z", "2026-05-15T00:00Z"]),
        // Both of them, as one begins with `*`.
        ("0 0 */2 * SUN", &["2026-05-03T00:00Z", "2026-05-17T00:00Z", "2026-05-31T00:00Z"]),
        ("0 0 29 FEB *", &["2028-02-29T00:00Z", "2032-02-29T00:00Z"]),
        ("0 0 31 * *", &["2026-05-31T00:00Z", "2026-07-31T00:00Z"]),
        ("15,45 30 10 * * *", &["2026-05-01T10:30:15Z", "2026-05-01T10:30:45Z", "2026-05-02T10:30:15Z"]),
        ("0 0 12 ? * MON", &["2026-05-04T12:00Z", "2026-05-11T12:00Z"]),
        ("@weekly", &["2026-05-03T00:00Z", "2026-05-10T00:00Z"]),
        ("  @midnight ", &["2026-05-02T00:00Z", "2026-05-03T00:00Z"]),
    ];
    for (text, expected) in table {
        assert_eq!(fires(text, "UTC", start, expected.len()), expected, "{text}");
    }
    for (name, fields) in [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 JAN *"),
        ("*/1 0-23 * * *", "* * * * *"),
    ] {
        // The last pair differs in what it does where clocks are changed.
        assert_eq!(cron(name) == cron(fields), name.starts_with('@'), "{name}");
    }
}

#[test]
fn a_fire_is_after_the_moment_and_never_at_it() {
    assert_eq!(fires("*/15 * * * *", "UTC", "2026-05-01T10:14:59.999Z", 1), ["2026-05-01T10:15Z"]);
    assert_eq!(fires("*/15 * * * *", "UTC", "2026-05-01T10:15:00.000Z", 1), ["2026-05-01T10:30Z"]);
    assert_eq!(fires("*/15 * * * *", "UTC", "2026-05-01T10:15:00.001Z", 1), ["2026-05-01T10:30Z"]);
}

#[test]
fn the_calendar_has_a_beginning_and_an_end() {
    assert_eq!(fires("0 0 1 1 *", "UTC", "1950-06-01T00:00:00Z", 1), ["1970-01-01T00:00Z"]);
    assert_eq!(fires("0 0 1 1 *", "UTC", "2099-06-01T00:00:00Z", 2), ["2100-01-01T00:00Z"]);
    let daily = cron("@daily");
    for far in [i64::MIN, i64::MAX, 8_210_266_876_799_000, -8_334_601_228_800_000, 5_000_000_000_000] {
        assert_eq!(
            daily.next_after(Timestamp::from_millis(far), Zone::UTC).is_some(),
            (-9_000_000_000_000_000..0).contains(&far),
            "{far}"
        );
    }
}

/// What happens where clocks are changed, counted by hand. The days are given in UTC.
#[test]
fn changed_clocks_lose_no_run_and_double_none() {
    let table: [(&str, &str, &str, &[&str]); 22] = [
        // Paris, 29 March 2026: at 01:00Z the clock goes from 02:00 to 03:00.
        ("Europe/Paris", "30 2 * * *", "2026-03-28T02:00:00Z", &["2026-03-29T01:00Z", "2026-03-30T00:30Z"]),
        ("Europe/Paris", "*/15 2 * * *", "2026-03-28T02:00:00Z", &["2026-03-29T01:00Z", "2026-03-30T00:00Z"]),
        (
            "Europe/Paris",
            "0,30 2,3 * * *",
            "2026-03-29T00:00:00Z",
            &["2026-03-29T01:00Z", "2026-03-29T01:30Z", "2026-03-30T00:00Z"],
        ),
        ("Europe/Paris", "0 3 * * *", "2026-03-29T00:00:00Z", &["2026-03-29T01:00Z", "2026-03-30T01:00Z"]),
        ("Europe/Paris", "30 * * * *", "2026-03-29T00:00:00Z", &["2026-03-29T00:30Z", "2026-03-29T01:30Z"]),
        ("Europe/Paris", "0 */2 * * *", "2026-03-28T22:00:00Z", &["2026-03-28T23:00Z", "2026-03-29T02:00Z"]),
        (
            "Europe/Paris",
            "*/20 * * * *",
            "2026-03-29T00:30:00Z",
            &["2026-03-29T00:40Z", "2026-03-29T01:00Z", "2026-03-29T01:20Z"],
        ),
        // Paris, 25 October 2026: at 01:00Z the clock goes from 03:00 back to 02:00.
        ("Europe/Paris", "30 2 * * *", "2026-10-24T12:00:00Z", &["2026-10-25T00:30Z", "2026-10-26T01:30Z"]),
        ("Europe/Paris", "*/30 2 * * *", "2026-10-25T00:00:00Z", &["2026-10-25T00:30Z", "2026-10-26T01:00Z"]),
        ("Europe/Paris", "30 2 * * *", "2026-10-25T01:10:00Z", &["2026-10-26T01:30Z"]),
        ("Europe/Paris", "0 3 * * *", "2026-10-25T01:10:00Z", &["2026-10-25T02:00Z"]),
        (
            "Europe/Paris",
            "30 * * * *",
            "2026-10-24T23:00:00Z",
            &["2026-10-24T23:30Z", "2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T02:30Z"],
        ),
        ("Europe/Paris", "@daily", "2026-10-24T12:00:00Z", &["2026-10-24T22:00Z", "2026-10-25T23:00Z"]),
        // New York, 8 March 2026: at 07:00Z from 02:00 to 03:00; 1 November: at 06:00Z from 02:00 back to 01:00.
        (
            "America/New_York",
            "30 2 * * *",
            "2026-03-07T12:00:00Z",
            &["2026-03-08T07:00Z", "2026-03-09T06:30Z"],
        ),
        (
            "America/New_York",
            "30 1 * * *",
            "2026-10-31T12:00:00Z",
            &["2026-11-01T05:30Z", "2026-11-02T06:30Z"],
        ),
        (
            "America/New_York",
            "0 1,2 * * *",
            "2026-10-31T12:00:00Z",
            &["2026-11-01T05:00Z", "2026-11-01T07:00Z"],
        ),
        (
            "America/New_York",
            "15 * * * *",
            "2026-11-01T05:00:00Z",
            &["2026-11-01T05:15Z", "2026-11-01T06:15Z", "2026-11-01T07:15Z"],
        ),
        // Lord Howe, by half an hour. 5 April 2026: at 15:00Z the day before, from 02:00 back to 01:30.
        (
            "Australia/Lord_Howe",
            "45 1 * * *",
            "2026-04-04T12:00:00Z",
            &["2026-04-04T14:45Z", "2026-04-05T15:15Z"],
        ),
        (
            "Australia/Lord_Howe",
            "45 * * * *",
            "2026-04-04T14:30:00Z",
            &["2026-04-04T14:45Z", "2026-04-04T15:15Z", "2026-04-04T16:15Z"],
        ),
        // 4 October 2026: at 15:30Z the day before, from 02:00 to 02:30.
        (
            "Australia/Lord_Howe",
            "15 2 * * *",
            "2026-10-03T12:00:00Z",
            &["2026-10-03T15:30Z", "2026-10-04T15:15Z"],
        ),
        (
            "Australia/Lord_Howe",
            "15 * * * *",
            "2026-10-03T14:00:00Z",
            &["2026-10-03T14:45Z", "2026-10-03T16:15Z"],
        ),
        // India never changes its clocks.
        ("Asia/Kolkata", "30 2 * * *", "2026-03-28T22:00:00Z", &["2026-03-29T21:00Z", "2026-03-30T21:00Z"]),
    ];
    for (zone, text, after, expected) in table {
        assert_eq!(fires(text, zone, after, expected.len()), expected, "{text} in {zone}");
    }
    // A whole day that was never there: Samoa, 30 December 2011.
    assert_eq!(
        fires("0 12 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", 3),
        ["2011-12-29T22:00Z", "2011-12-30T10:00Z", "2011-12-30T22:00Z"]
    );
    assert_eq!(
        fires("0 */12 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", 3),
        ["2011-12-29T22:00Z", "2011-12-30T10:00Z", "2011-12-30T22:00Z"]
    );
}

#[test]
fn changes_of_clocks_are_told() {
    let changes = |zone: &str, from: &str, to: &str| {
        let changes = Zone::parse(zone).unwrap().changes(at(from), at(to));
        changes.into_iter().map(|change| (change.at.to_string(), change.from, change.to)).collect::<Vec<_>>()
    };
    let told = |at: &str, from: &str, to: &str| (at.to_owned(), from.to_owned(), to.to_owned());
    assert_eq!(
        changes("Australia/Lord_Howe", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        [
            told("2026-04-04T15:00:00.000Z", "2026-04-05T02:00:00+11:00", "2026-04-05T01:30:00+10:30"),
            told("2026-10-03T15:30:00.000Z", "2026-10-04T02:00:00+10:30", "2026-10-04T02:30:00+11:00"),
        ]
    );
    // Exactly at the change it has happened; a second before it has not.
    assert_eq!(changes("Europe/Paris", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z").len(), 1);
    assert_eq!(changes("Europe/Paris", "2026-03-28T12:00:00Z", "2026-03-29T00:59:59Z").len(), 0);
    assert_eq!(changes("Europe/Paris", "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z").len(), 0);
    assert_eq!(changes("Asia/Kolkata", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), []);
}

#[test]
fn a_time_in_place_of_another_and_one_of_two_are_told() {
    let paris = Zone::parse("Europe/Paris").unwrap();
    let stands_in = |text: &str, fire: &str| cron(text).stands_in(at(fire), paris);
    assert!(stands_in("30 2 * * *", "2026-03-29T01:00:00Z"));
    assert!(!stands_in("30 2 * * *", "2026-03-30T00:30:00Z"));
    // It was to fire then anyway.
    assert!(!stands_in("0,30 2,3 * * *", "2026-03-29T01:00:00Z"));
    let which = |moment: &str| paris.which_of_two(at(moment));
    assert_eq!(which("2026-10-24T23:59:59Z"), None);
    assert_eq!(which("2026-10-25T00:00:00Z"), Some(1));
    assert_eq!(which("2026-10-25T00:59:59Z"), Some(1));
    assert_eq!(which("2026-10-25T01:00:00Z"), Some(2));
    assert_eq!(which("2026-10-25T02:00:00Z"), None);
}

#[test]
fn the_shortest_pause_is_told() {
    for (text, seconds) in [
        ("* * * * *", 60),
        ("*/15 * * * *", 900),
        ("0,50 * * * *", 600),
        ("0 9 * * *", 86400),
        ("0 9,10 * * *", 3600),
        ("59 9 * * *", 86400),
        ("0,59 9,10 * * *", 60),
        ("0 0,23 * * *", 3600),
        ("*/20 * * * * *", 20),
        ("0,59 * * * * *", 1),
        ("30 0 0 1 1 *", 86400),
    ] {
        assert_eq!(cron(text).shortest_pause().as_secs(), seconds, "{text}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_column() {
    let table = [
        "",
        "@dayly",
        "@reboot",
        "@every 5m",
        "* * * *",
        "0 0 12 * * MON 2026",
        "CRON_TZ=Europe/Paris 0 9 * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "* * * * MONN",
        "* * * * Tusday",
        "* * * Sept *",
        "* * L * *",
        "* * 15W * *",
        "* * * * FRI#2",
        "*/0 * * * *",
        "*/90 * * * *",
        "*/ * * * *",
        "5/15 * * * *",
        "0/15 * * * *",
        "0 22-4 * * *",
        "1,,2 * * * *",
        "1-  * * * * *",
        "? * * * *",
        "é * * * *",
        "99999999999999999999 * * * *",
        "0 0 30 2 *",
        "0 0 31 2,4,6,9,11 *",
    ];
    let mut told = String::new();
    for text in table {
        let error = Cron::parse(text).unwrap_err();
        let part = &text[error.span.clone()];
        told.push_str(&format!(
            "{text:?}: {error} | {part:?} {} | {}\n",
            error.label,
            error.help.as_deref().unwrap_or_default()
        ));
        assert_eq!(error.fault == CronFault::NeverFires, text.starts_with("0 0 3"), "{text}");
    }
    insta::assert_snapshot!(told);
    assert!(Cron::parse(&"1,".repeat(200)).is_err());
}

/// One part of a field's list, for tests.
#[derive(Clone, Debug)]
enum Part {
    Every(u32),
    Range(u32, u32, u32),
}

/// A field as a text, and its values by another way than the one that is tested.
#[derive(Clone, Debug)]
struct Written {
    text: String,
    values: BTreeSet<u32>,
    is_open: bool,
}

fn field(least: u32, most: u32, open: bool) -> impl Strategy<Value = Written> {
    let range = (least..=most, least..=most, 1..=(most - least))
        .prop_map(|(a, b, step)| Part::Range(a.min(b), a.max(b), step));
    let part =
        prop_oneof![2 => range.clone(), 1 => (least..=most).prop_map(|value| Part::Range(value, value, 1))];
    let list = prop::collection::vec(part, 1..3);
    let every = (1..=(most - least)).prop_map(|step| vec![Part::Every(step)]);
    let star = Just(vec![Part::Every(1)]);
    let parts = if open { prop_oneof![2 => star, 1 => every, 2 => list].boxed() } else { list.boxed() };
    parts.prop_map(move |parts| {
        let mut written = Written { text: String::new(), values: BTreeSet::new(), is_open: false };
        for part in parts {
            if !written.text.is_empty() {
                written.text.push(',');
            }
            let (text, (first, last, step)) = match part {
                Part::Every(1) => ("*".to_owned(), (least, most, 1)),
                Part::Every(step) => (format!("*/{step}"), (least, most, step)),
                Part::Range(a, b, _) if a == b => (a.to_string(), (a, b, 1)),
                Part::Range(a, b, 1) => (format!("{a}-{b}"), (a, b, 1)),
                Part::Range(a, b, step) => (format!("{a}-{b}/{step}"), (a, b, step)),
            };
            written.is_open |= text.starts_with('*');
            written.text.push_str(&text);
            written.values.extend((first..=last).step_by(step as usize));
        }
        written
    })
}

/// Minute, hour, day, month, day of the week.
fn expression() -> impl Strategy<Value = [Written; 5]> {
    let plain = |least, most| field(least, most, true);
    let month = prop_oneof![3 => Just(Written { text: "*".into(), values: (1..=12).collect(), is_open: true }), 1 => field(1, 12, true)];
    [plain(0, 59).boxed(), plain(0, 23).boxed(), plain(1, 31).boxed(), month.boxed(), plain(0, 6).boxed()]
}

fn text(fields: &[Written; 5]) -> String {
    fields.iter().map(|field| field.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Whether a clock's time is one of an expression's.
fn fits(fields: &[Written; 5], local: NaiveDateTime) -> bool {
    let [minute, hour, day, month, weekday] = fields;
    let days =
        (day.values.contains(&local.day()), weekday.values.contains(&local.weekday().num_days_from_sunday()));
    let day_fits = if day.is_open || weekday.is_open { days.0 && days.1 } else { days.0 || days.1 };
    day_fits
        && month.values.contains(&local.month())
        && hour.values.contains(&local.hour())
        && minute.values.contains(&local.minute())
}

/// All fires within some days, by looking at every minute.
fn counted(fields: &[Written; 5], zone: Tz, start: DateTime<Utc>, minutes: i64) -> Vec<DateTime<Utc>> {
    let follows_hours = fields[1].is_open;
    let mut seen = BTreeSet::new();
    let mut before: Option<NaiveDateTime> = None;
    let mut fires = Vec::new();
    for at in (0..minutes).map(|minute| start + TimeDelta::minutes(minute)) {
        let local = at.with_timezone(&zone).naive_local();
        let skipped = before.is_some_and(|before| {
            let mut minute = before + TimeDelta::minutes(1);
            let mut found = false;
            while minute < local {
                found |= fits(fields, minute);
                minute += TimeDelta::minutes(1);
            }
            found
        });
        let is_first = seen.insert(local);
        if (fits(fields, local) && (follows_hours || is_first)) || (skipped && !follows_hours) {
            fires.push(at);
        }
        before = Some(local);
    }
    fires
}

/// Days on which clocks were changed, and one on which none was.
const CHANGES: [(Tz, (i32, u32, u32)); 9] = [
    (Tz::Europe__Paris, (2026, 3, 29)),
    (Tz::Europe__Paris, (2026, 10, 25)),
    (Tz::America__New_York, (2026, 3, 8)),
    (Tz::America__New_York, (2026, 11, 1)),
    (Tz::Australia__Lord_Howe, (2026, 4, 4)),
    (Tz::Australia__Lord_Howe, (2026, 10, 3)),
    (Tz::Pacific__Apia, (2011, 12, 30)),
    (Tz::Asia__Kolkata, (2026, 3, 29)),
    (Tz::UTC, (2028, 2, 29)),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_minute_around_a_change_is_as_it_is_counted(
        fields in expression(),
        change in 0..CHANGES.len(),
        late in 0..1440i64,
    ) {
        let (zone, (year, month, day)) = CHANGES[change];
        let start = Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).unwrap() - TimeDelta::hours(36);
        let minutes = 3 * 24 * 60;
        let Ok(cron) = Cron::parse(&text(&fields)) else { return Ok(()) };
        let expected = counted(&fields, zone, start, minutes);
        let zone = Zone::parse(zone.name()).unwrap();
        let end = start + TimeDelta::minutes(minutes);
        let mut fires = Vec::new();
        let mut now = Timestamp::from(start - TimeDelta::seconds(1));
        while let Some(next) = cron.next_after(now, zone).filter(|next| *next < end.into()) {
            prop_assert!(next > now);
            fires.push(next);
            now = next;
        }
        let expected: Vec<Timestamp> = expected.into_iter().map(Timestamp::from).collect();
        prop_assert_eq!(&fires, &expected, "{} in {}", cron, zone);
        // From anywhere, also from within the hour that comes twice.
        let anywhere = Timestamp::from(start + TimeDelta::minutes(24 * 60 + late) + TimeDelta::seconds(7));
        let first = expected.iter().copied().find(|fire| *fire > anywhere);
        if let Some(first) = first {
            prop_assert_eq!(cron.next_after(anywhere, zone), Some(first), "{} in {} after {}", cron, zone, anywhere);
        }
    }

    #[test]
    fn another_crate_agrees_on_days_on_which_no_clock_is_changed(
        fields in expression(),
        second in prop::option::of(field(0, 59, true)),
        zone in prop::sample::select(vec![
            Tz::UTC, Tz::Europe__Paris, Tz::America__New_York, Tz::Australia__Lord_Howe, Tz::Asia__Kolkata,
        ]),
        start in 1_000_000_000i64..3_000_000_000,
    ) {
        // The other one takes `*/2` for a day that was asked for.
        let [_, _, day, _, weekday] = &fields;
        let stepped = |field: &Written| field.is_open && field.text != "*";
        prop_assume!(!stepped(day) && !stepped(weekday));
        let text = match &second {
            Some(second) => format!("{} {}", second.text, text(&fields)),
            None => text(&fields),
        };
        let other = croner::parser::CronParser::builder()
            .seconds(croner::parser::Seconds::Optional)
            .build()
            .parse(&text)
            .unwrap();
        let Ok(cron) = Cron::parse(&text) else {
            // There is no such day.
            prop_assert!(!fits_some_day(&fields));
            return Ok(());
        };
        let ours = Zone::parse(zone.name()).unwrap();
        let mut now = zone.timestamp_opt(start, 0).unwrap();
        for _ in 0..5 {
            let Some(next) = cron.next_after(now.with_timezone(&Utc).into(), ours) else { break };
            let theirs = match other.find_next_occurrence(&now, false) {
                Ok(theirs) => theirs,
                Err(error) => return Err(TestCaseError::fail(format!("{text} after {now}: {error}"))),
            };
            // The other one fires on none of the days on which the clock skips the time; ours does.
            let here = Utc.timestamp_millis_opt(next.as_millis()).unwrap().with_timezone(&zone);
            if is_calm(&now) && is_calm(&here) && is_calm(&theirs) {
                prop_assert_eq!(next, Timestamp::from(theirs.with_timezone(&Utc)), "{} after {}", text, now);
            }
            now = theirs;
        }
    }
}

/// Whether no clock is changed within a day.
fn is_calm(at: &DateTime<Tz>) -> bool {
    let offset =
        |days: i64| (*at + TimeDelta::days(days)).naive_local() - (*at + TimeDelta::days(days)).naive_utc();
    offset(-1) == offset(1)
}

/// Whether a month of some year has a day that fits.
fn fits_some_day(fields: &[Written; 5]) -> bool {
    let start = Utc.with_ymd_and_hms(2024, 1, 1, 0, 0, 0).unwrap().naive_utc();
    let (minute, hour) = (fields[0].values.first().unwrap(), fields[1].values.first().unwrap());
    (0..29 * 366).any(|day| {
        fits(fields, start + TimeDelta::days(day) + TimeDelta::minutes((hour * 60 + minute).into()))
    })
}
