use std::time::Duration;

use super::*;

const DESKTOP: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
const OFFLINE: &str = "laptop-travel-12.contoso.example";

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_735_689_600, 0).unwrap()
}

fn after(seconds: u64) -> DateTime<Utc> {
    start() + Duration::from_secs(seconds)
}

/// Two seconds Pending, three InProgress, five for the slow kinds.
fn truth() -> Truth {
    let s = |n| Duration::from_secs(n)..=Duration::from_secs(n);
    Truth::new(1, Pace { pending: s(2), quick: s(3), slow: s(5) }, start())
}

fn order(kind: ActionKind) -> Order {
    Order { kind, scope: None, subject: Subject::Device, requestor: "app".into(), comment: "why".into() }
}

fn open(truth: &mut Truth, device: &str, kind: ActionKind, now: DateTime<Utc>) -> Uuid {
    match truth.open(device, order(kind), Duplicates::Refused, now).unwrap() {
        Opened::New(action) => action.id,
        Opened::Existing(_) => panic!("nothing was under way"),
    }
}

fn status(truth: &Truth, id: Uuid, now: DateTime<Utc>) -> Status {
    truth.action(id).unwrap().phase(now).status
}

#[test]
fn an_action_runs_through_its_statuses() {
    let mut truth = truth();
    let id = open(&mut truth, DESKTOP, ActionKind::Isolate, start());
    assert_eq!(status(&truth, id, after(1)), Status::Pending);
    assert_eq!(status(&truth, id, after(2)), Status::InProgress);
    assert_eq!(status(&truth, id, after(5)), Status::Succeeded);
    assert_eq!(truth.action(id).unwrap().phase(after(900)).since, after(5));
}

#[test]
fn an_action_on_an_offline_device_waits_for_it() {
    let mut truth = truth();
    let id = open(&mut truth, OFFLINE, ActionKind::Isolate, start());
    assert_eq!(status(&truth, id, after(3600)), Status::Pending);
    truth.set_online(OFFLINE, true, after(3600)).unwrap();
    assert_eq!(status(&truth, id, after(3601)), Status::Pending);
    assert_eq!(status(&truth, id, after(3605)), Status::Succeeded);
}

#[test]
fn an_action_that_waits_three_days_times_out_and_stays_so() {
    let mut truth = truth();
    let days = 3 * 24 * 3600;
    let id = open(&mut truth, OFFLINE, ActionKind::Isolate, start());
    assert_eq!(status(&truth, id, after(days - 1)), Status::Pending);
    assert_eq!(status(&truth, id, after(days)), Status::TimeOut);
    truth.set_online(OFFLINE, true, after(days + 5)).unwrap();
    assert_eq!(status(&truth, id, after(days + 99)), Status::TimeOut);
}

#[test]
fn a_device_that_leaves_keeps_what_has_begun_and_suspends_the_rest() {
    let mut truth = truth();
    let begun = open(&mut truth, DESKTOP, ActionKind::Isolate, start());
    let waiting = open(&mut truth, DESKTOP, ActionKind::RunAntiVirusScan, after(3));
    truth.set_online(DESKTOP, false, after(4)).unwrap();
    assert_eq!(status(&truth, begun, after(60)), Status::Succeeded);
    assert_eq!(status(&truth, waiting, after(60)), Status::Pending);
}

#[test]
fn only_one_action_of_a_kind_is_active_on_a_device() {
    let mut truth = truth();
    let first = open(&mut truth, DESKTOP, ActionKind::Isolate, start());
    let again = truth.open(DESKTOP, order(ActionKind::Isolate), Duplicates::Refused, after(1));
    assert_eq!(again.unwrap_err(), OrderRefused::AlreadyActive);
    let Ok(Opened::Existing(same)) =
        truth.open(DESKTOP, order(ActionKind::Isolate), Duplicates::ReturnsPending, after(1))
    else {
        panic!("the one under way should come back");
    };
    assert_eq!(same.id, first);
    open(&mut truth, DESKTOP, ActionKind::Unisolate, after(1));
    open(&mut truth, DESKTOP, ActionKind::Isolate, after(5));
    assert_eq!(truth.effects().count(), 3);
}

#[test]
fn isolation_is_what_ended_last() {
    let mut truth = truth();
    let isolated = |truth: &Truth, now| truth.is_isolated(truth.device(DESKTOP).unwrap(), now);
    open(&mut truth, DESKTOP, ActionKind::Isolate, start());
    assert!(!isolated(&truth, after(4)));
    assert!(isolated(&truth, after(5)));
    open(&mut truth, DESKTOP, ActionKind::Unisolate, after(10));
    assert!(isolated(&truth, after(14)));
    assert!(!isolated(&truth, after(15)));
}

#[test]
fn a_cancelled_isolation_never_happens_and_a_final_one_stays() {
    let mut truth = truth();
    let id = open(&mut truth, DESKTOP, ActionKind::Isolate, start());
    truth.cancel(id, "app".into(), None, after(3)).unwrap();
    assert_eq!(status(&truth, id, after(60)), Status::Cancelled);
    assert!(!truth.is_isolated(truth.device(DESKTOP).unwrap(), after(60)));
    let again = truth.cancel(id, "app".into(), None, after(4)).unwrap_err();
    assert_eq!(again, CancelRefused::Final(Status::Cancelled));
    let unknown = truth.cancel(Uuid::nil(), "app".into(), None, after(4)).unwrap_err();
    assert_eq!(unknown, CancelRefused::NoSuchAction);
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let ids = |seed| {
        let mut truth = Truth::new(seed, Pace::default(), start());
        let action = open(&mut truth, DESKTOP, ActionKind::Isolate, start());
        (truth.devices().iter().map(|device| device.id.clone()).collect::<Vec<_>>(), action)
    };
    assert_eq!(ids(7), ids(7));
    assert_ne!(ids(7), ids(8));
    assert_eq!(ids(8).0[0], DESKTOP);
}

#[test]
fn a_device_answers_to_id_name_and_entra_id() {
    let truth = truth();
    let entra = truth.device(DESKTOP).unwrap().entra_id.unwrap().to_string();
    for key in [&DESKTOP.to_uppercase(), "DESKTOP-39G9TGL.contoso.example", &entra] {
        assert_eq!(truth.device(key).unwrap().id, DESKTOP);
    }
    assert!(truth.device("nobody").is_none());
}

#[test]
fn bad_devices_are_refused() {
    let mut truth = truth();
    let mut add = |id: &str, name: &str| {
        let seed = serde_json::from_value(serde_json::json!({ "id": id, "name": name })).unwrap();
        truth.add_device(&seed, start()).map(|device| device.id.clone())
    };
    assert_eq!(add("a/b", "x"), Err(DeviceRefused::Id));
    assert_eq!(add("ab", ""), Err(DeviceRefused::Name));
    assert_eq!(add(DESKTOP, "x"), Err(DeviceRefused::Duplicate));
    assert_eq!(add("ab", "x\x1b"), Ok("ab".into()));
}

#[test]
fn past_the_limit_an_order_is_refused_and_nothing_is_forgotten() {
    let mut truth = Truth::new(1, Pace::instant(), start());
    for _ in 0..MAX_ACTIONS {
        open(&mut truth, DESKTOP, ActionKind::Isolate, start());
    }
    let refused = truth.open(DESKTOP, order(ActionKind::Isolate), Duplicates::Refused, start());
    assert_eq!(refused.unwrap_err(), OrderRefused::Full);
    assert_eq!(truth.effects().count(), MAX_ACTIONS);
}

#[test]
fn a_pace_without_sense_is_still_a_pace() {
    let backwards = Duration::from_secs(9)..=Duration::from_secs(1);
    let endless = Duration::MAX..=Duration::MAX;
    let pace = Pace { pending: backwards, quick: endless.clone(), slow: endless };
    let mut truth = Truth::new(1, pace, start());
    let id = open(&mut truth, DESKTOP, ActionKind::Isolate, start());
    assert_eq!(status(&truth, id, after(8)), Status::Pending);
    assert_eq!(status(&truth, id, after(9)), Status::InProgress);
}

#[test]
fn a_free_device_can_be_released_and_an_isolated_one_isolated_again() {
    let mut truth = truth();
    let isolated = |truth: &Truth, now| truth.is_isolated(truth.device(DESKTOP).unwrap(), now);
    let release = open(&mut truth, DESKTOP, ActionKind::Unisolate, start());
    assert_eq!(status(&truth, release, after(5)), Status::Succeeded);
    assert!(!isolated(&truth, after(5)));
    open(&mut truth, DESKTOP, ActionKind::Isolate, after(10));
    let again = open(&mut truth, DESKTOP, ActionKind::Isolate, after(20));
    assert_eq!(status(&truth, again, after(25)), Status::Succeeded);
    assert!(isolated(&truth, after(25)));
    assert_eq!(truth.effects().count(), 3);
}

#[test]
fn a_restriction_holds_from_its_end_to_the_end_of_its_lifting() {
    let mut truth = truth();
    let restricted = |truth: &Truth, now| truth.is_restricted(truth.device(DESKTOP).unwrap(), now);
    open(&mut truth, DESKTOP, ActionKind::RestrictCodeExecution, start());
    assert!(!restricted(&truth, after(4)));
    assert!(restricted(&truth, after(5)));
    open(&mut truth, DESKTOP, ActionKind::UnrestrictCodeExecution, after(10));
    assert!(restricted(&truth, after(14)));
    assert!(!restricted(&truth, after(15)));
    assert!(!truth.is_isolated(truth.device(DESKTOP).unwrap(), after(15)));
}

#[test]
fn two_files_are_quarantined_side_by_side_and_the_same_one_is_not() {
    let mut truth = truth();
    let quarantine = |truth: &mut Truth, file: &str, now| {
        let subject = Subject::File(file.into());
        let order = Order { subject, ..order(ActionKind::StopAndQuarantineFile) };
        truth.open(DESKTOP, order, Duplicates::Refused, now).map(|_| ())
    };
    assert_eq!(quarantine(&mut truth, "a", start()), Ok(()));
    assert_eq!(quarantine(&mut truth, "b", after(1)), Ok(()));
    assert_eq!(quarantine(&mut truth, "a", after(2)), Err(OrderRefused::AlreadyActive));
    assert_eq!(quarantine(&mut truth, "a", after(9)), Ok(()));
    let device = truth.device(DESKTOP).unwrap();
    assert_eq!(truth.quarantined(device, after(5)), ["a"]);
    assert_eq!(truth.quarantined(device, after(99)), ["a", "b"]);
}
