//! Every answer, as a sender sees it.

use crate::fixture::{BEARER, House, NOW, TOKEN, hooks, playbook, post, rate, secret, trigger};
use axum::body::Body;
use axum::http::Request;
use riposte_engine::{RecordError, StoreError};
use riposte_executor::{BeginError, GateError, HostError};
use riposte_model::Timestamp;
use riposte_server::hooks::Hooks;
use riposte_server::http::Limits;
use std::time::Duration;

const BODY: &str = r#"{"device":"00ff","alert":"a-1"}"#;
const DEDUPE: &str = "dedupe: { key: inputs.alert, window: 24h }";

fn show(answers: &[(&str, (u16, String))]) -> String {
    answers
        .iter()
        .map(|(what, (status, said))| format!("# {what}\n{status}\n{said}\n"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn what_is_understood_is_answered_with_what_came_of_it() {
    let one = House::open(&[DEDUPE, "if: inputs.alert != \"test\""]);
    let each = House::open(&["each: \"$.value[*]\"", DEDUPE, "if: inputs.alert != \"test\""]);
    let two = House::new(&[
        playbook("one", &trigger("alert", "none", &[DEDUPE])),
        playbook("two", &trigger("alert", "none", &["if: inputs.alert != \"a-2\""])),
    ]);
    let test = r#"{"device":"00ff","alert":"test"}"#;
    let second = BODY.replace("a-1", "a-2");
    let answers = [
        ("a run", one.post(BODY).await),
        ("the same event again", one.post(BODY).await),
        ("an event that no trigger wants", one.post(test).await),
        ("several events", each.post(&format!(r#"{{"value":[{BODY},{second},{test},{BODY}]}}"#)).await),
        ("one event in a list", each.post(&format!(r#"{{"value":[{BODY}]}}"#)).await),
        ("a list of nothing wanted", each.post(&format!(r#"{{"value":[{test}]}}"#)).await),
        ("two playbooks", two.post(BODY).await),
        ("two playbooks, one of which has it", two.post(BODY).await),
        ("two playbooks, one of which wants it", two.post(&second).await),
    ];
    insta::assert_snapshot!(show(&answers));
    assert_eq!((one.begun(), each.begun(), two.begun()), (1, 2, 4));
    // All that is left of them is their number.
    let filtered = [&one, &each, &two].map(|house| house.doors.meter().filtered().get("alert").copied());
    assert_eq!(filtered, [Some(1), Some(2), Some(1)]);
}

#[tokio::test]
async fn no_answer_tells_a_value_of_the_body() {
    let house = House::new(&[
        playbook("one", &trigger("alert", "none", &["if: int(inputs.alert) > 1"])),
        playbook("two", &trigger("alert", "none", &["dedupe: { key: int(inputs.alert), window: 1h }"])),
    ]);
    for body in [r#"{"device":"hunter2","alert":"1"}"#, r#"{"device":"00ff","alert":"hunter2"}"#] {
        let (status, said) = house.post(body).await;
        assert_eq!(status, 422, "{said}");
        assert!(said.contains("playbook `one`") && said.contains("playbook `two`"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    assert_eq!(house.begun(), 0);
}

#[tokio::test]
async fn what_is_refused_is_answered_with_why() {
    let house = House::open(&[]);
    let deep = format!("{}{}", "[".repeat(128), "]".repeat(128));
    let large = format!(r#"{{"device":"{}"}}"#, "0".repeat(1 << 20));
    let get = Request::get("/hooks/alert").body(Body::empty()).unwrap();
    let elsewhere = Request::get("/etc/passwd").body(Body::empty()).unwrap();
    let text = post("/hooks/alert", &[("content-type", "text/plain")], BODY);
    let packed = post("/hooks/alert", &[("content-encoding", "gzip")], BODY);
    let told = post("/hooks/alert", &[("content-length", "1048577")], Body::empty());
    let answers = [
        ("another method", house.ask(get).await),
        ("no such webhook", house.ask(post("/hooks/alerts", &[], BODY)).await),
        ("no such address", house.ask(elsewhere).await),
        ("text", house.ask(text).await),
        ("packed", house.ask(packed).await),
        ("too large", house.post(&large).await),
        ("said to be too large", house.ask(told).await),
        ("nothing", house.post("").await),
        ("broken JSON", house.post("{\"device\":\n  hunter2}").await),
        ("no UTF-8", house.ask(post("/hooks/alert", &[], vec![b'"', 0xff, b'"'])).await),
        ("too deep", house.post(&deep).await),
        ("does not bind", house.post(r#"{"machine":"00ff"}"#).await),
        ("does not validate", house.post(r#"{"device":"00FF","alert":7}"#).await),
    ];
    insta::assert_snapshot!(show(&answers));
    assert_eq!(house.begun(), 0);
}

fn full() -> StoreError {
    StoreError::Full("/var/lib/riposte/journal.db: hunter2".into())
}

#[tokio::test]
async fn what_the_engine_refuses_is_answered_without_its_reasons() {
    let house = House::open(&[]);
    let playbook = playbook("contain", &trigger("alert", "none", &[])).name.clone();
    let refusals = [
        HostError::Busy,
        HostError::Closing,
        BeginError::Stopped { playbook: playbook.clone(), by: "hunter2".into() }.into(),
        BeginError::NoConnection("hunter2".into()).into(),
        BeginError::Gate(GateError::Full { playbook, limit: 1, key: "hunter2".into() }).into(),
        BeginError::Gate(GateError::Key("no such key".into())).into(),
        full().into(),
        BeginError::Record(RecordError::Store(full())).into(),
        StoreError::ReadOnly("hunter2".into()).into(),
        StoreError::Damaged("hunter2".into()).into(),
    ];
    let mut answers = Vec::new();
    for refusal in refusals {
        house.notes.0.lock().unwrap().refusals.push(refusal);
        answers.push(("refused", house.post(BODY).await));
    }
    let shown = show(&answers);
    assert!(!shown.contains("hunter2"), "{shown}");
    insta::assert_snapshot!(shown);
    // And then it is taken.
    assert_eq!(house.post(BODY).await.0, 202);
}

#[tokio::test]
async fn a_key_says_which_events_are_the_same() {
    let house = House::open(&[DEDUPE]);
    assert_eq!(house.post(BODY).await.0, 202);
    let noted = house.notes.0.lock().unwrap().runs[0].2.clone().unwrap();
    assert_eq!((noted.source.as_str(), noted.key.as_str()), ("webhook alert contain", "\"a-1\""));
    assert_eq!(noted.since, Timestamp::from_millis(NOW.as_millis() - 24 * 3_600_000));
    // No key is not a key that all events without one share.
    let (status, said) = house.post(r#"{"device":"00ff"}"#).await;
    assert_eq!(status, 422);
    assert!(said.contains("the key of `dedupe` is empty"), "{said}");
    let (status, said) = house.post(&BODY.replace("a-1", &"a".repeat(1100))).await;
    assert_eq!(status, 422);
    assert!(said.contains("longer than 1024 bytes"), "{said}");
}

#[tokio::test]
async fn one_event_that_does_not_fit_starts_none() {
    let house = House::new(&[
        playbook("one", &trigger("alert", "none", &[])),
        playbook("two", &trigger("alert", "none", &["if: trigger.body.wanted"])),
    ]);
    let (status, said) = house.post(BODY).await;
    assert_eq!((status, house.begun()), (422, 0));
    assert!(said.contains("playbook `two`: the trigger's `if` cannot be evaluated"), "{said}");
}

#[tokio::test]
async fn a_long_list_of_problems_is_cut() {
    let house = House::open(&["each: $[*]"]);
    let body = format!("[{}]", vec!["{}"; 150].join(","));
    let (status, said) = house.post(&body).await;
    assert_eq!((status, said.matches("nothing is at").count()), (422, 100));
    assert!(said.contains("150 problems, of which 100 are listed"), "{said}");
}

#[tokio::test]
async fn more_than_the_rate_waits_and_strangers_do_not_use_it_up() {
    let playbooks = [
        playbook("contain", &trigger("alert", BEARER, &[])),
        playbook("other", &trigger("other", "none", &[])),
    ];
    let house = House::with(Hooks::new(&playbooks, rate(2), &secret).unwrap(), Limits::default());
    let right = format!("Bearer {TOKEN}");
    let sender = || post("/hooks/alert", &[("authorization", &right)], BODY);
    for _ in 0..10 {
        assert_eq!(house.ask(post("/hooks/alert", &[], BODY)).await.0, 401);
    }
    assert_eq!((house.ask(sender()).await.0, house.ask(sender()).await.0), (202, 202));
    insta::assert_snapshot!(show(&[("over the rate", house.ask(sender()).await)]));
    // Another webhook has its own.
    assert_eq!(house.ask(post("/hooks/other", &[], BODY)).await.0, 202);
    *house.clock.0.lock().unwrap() = NOW.saturating_add(Duration::from_millis(500));
    assert_eq!((house.ask(sender()).await.0, house.ask(sender()).await.0), (202, 429));
    let counted = house.doors.meter().counts();
    let counted: Vec<_> =
        counted.iter().map(|((hook, status), count)| (hook.as_str(), *status, *count)).collect();
    assert_eq!(counted, [("alert", 202, 3), ("alert", 401, 10), ("alert", 429, 2), ("other", 202, 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_cut_off() {
    let house = House::open(&[]);
    let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    insta::assert_snapshot!(show(&[("slow", house.ask(post("/hooks/alert", &[], never)).await)]));
    let broken = futures_util::stream::iter([Ok(b"{".to_vec()), Err(std::io::Error::other("gone"))]);
    assert_eq!(house.ask(post("/hooks/alert", &[], Body::from_stream(broken))).await.0, 400);
    assert_eq!(house.begun(), 0);
}

#[tokio::test]
async fn more_than_there_is_room_for_is_sent_away() {
    let limits = Limits { in_flight: 1, ..Limits::default() };
    let playbooks = [playbook("contain", &trigger("alert", "none", &[]))];
    let house = House::with(hooks(&playbooks).unwrap(), limits);
    let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let mut held = Box::pin(house.ask(post("/hooks/alert", &[], never)));
    // Begun, and not ended: it has the only place.
    assert!(futures_util::poll!(&mut held).is_pending());
    insta::assert_snapshot!(show(&[("no room", house.post(BODY).await)]));
    drop(held);
    assert_eq!(house.post(BODY).await.0, 202);
}

#[tokio::test]
async fn the_handshake_of_microsoft_graph_is_answered_with_plain_text_alone() {
    let house = House::new(&[playbook("contain", &trigger("alert", BEARER, &[]))]);
    let ask = |query: &str| post(&format!("/hooks/alert?{query}"), &[("content-type", "text/plain")], "");
    let answer = house.ask(ask("validationToken=Validation%3a+Testing+client+Request-Id%3A+0-1_2")).await;
    let refused = house.ask(ask("validationToken=%3Cscript%3Ealert(1)%3C/script%3E")).await;
    insta::assert_snapshot!(show(&[("a token", answer), ("no token", refused)]));
    let long = format!("validationToken={}", "a".repeat(2049));
    for query in [
        "validationToken=",
        "validationToken=%00",
        "validationToken=a%0d%0ab",
        "validationToken=%C3%A9",
        &long,
    ] {
        assert_eq!(house.ask(ask(query)).await.0, 400, "{query}");
    }
    assert_eq!(house.ask(post("/hooks/none?validationToken=a", &[], "")).await.0, 404);
    assert_eq!(house.begun(), 0);
}

#[tokio::test]
async fn webhooks_are_replaced_at_once() {
    let house = House::open(&[]);
    assert_eq!(house.post(BODY).await.0, 202);
    house.doors.replace(hooks(&[playbook("contain", &trigger("renamed", "none", &[]))]).unwrap());
    assert_eq!(house.post(BODY).await.0, 404);
    assert_eq!(house.ask(post("/hooks/renamed", &[], BODY)).await.0, 202);
}

#[tokio::test]
async fn how_large_a_body_may_be_changes_without_a_restart() {
    let house = House::open(&[]);
    house.doors.limit_bodies(BODY.len() as u64 - 1);
    assert_eq!(house.post(BODY).await.0, 413);
    house.doors.limit_bodies(BODY.len() as u64);
    assert_eq!(house.post(BODY).await.0, 202);
}
