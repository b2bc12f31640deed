//! Large payloads, packed.

use crate::{folder, id, rows, started};
use riposte_engine::{CallIntended, Event, EventBody, Marker, RunFinished, RunStatus, Store};
use riposte_journal::Journal;
use riposte_model::{ActionName, ErrorKind, Failure, StepPath, Timestamp};
use serde_json::{Map, Value, json};
use std::sync::Arc;

fn event(seq: u64, body: EventBody) -> Event {
    Event { seq, at: Timestamp::from_millis(5), body }
}

#[tokio::test]
async fn large_payloads_are_packed_and_read_back_as_they_were_and_the_views_see_what_they_saw() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    let step = StepPath::root("isolate");
    let large = || Value::from("a device, \u{1f98a} and again ".repeat(1000));
    let large_map = || Map::from_iter([("large".to_owned(), large())]);
    let marker = Marker::new(id(1), &step, 1);
    let mut first = started();
    if let EventBody::RunStarted(started) = &mut first.body {
        Arc::make_mut(started).trigger.body = large().into();
    }
    let intended = CallIntended {
        step: step.clone(),
        attempt: 1,
        action: ActionName::parse("defender.isolate_machine").unwrap(),
        arguments: large_map(),
        marker: marker.clone(),
        known: 0,
    };
    let accepted =
        EventBody::CallAccepted { step: step.clone(), attempt: 1, provider_id: "an-id".to_owned() };
    let output = json!({ "machines": [large(), large()] });
    let succeeded = EventBody::CallSucceeded {
        step: step.clone(),
        attempt: 1,
        started_at: Timestamp::from_millis(4),
        output,
    };
    let finished = RunFinished {
        status: RunStatus::Failed,
        outputs: large_map(),
        failure: Some(Failure::new(ErrorKind::Refused, "no".to_owned())),
        step: None,
        message: None,
    };
    let rest = [
        event(2, EventBody::CallIntended(intended.into())),
        event(3, accepted),
        event(4, succeeded),
        event(5, EventBody::RunFinished(finished)),
    ];
    journal.begin(id(1), "source", &first).await.unwrap();
    journal.append(id(1), &rest).await.unwrap();
    let all = [vec![first], rest.to_vec()].concat();
    assert_eq!(journal.events(id(1)).await.unwrap(), all);
    journal.close().await;

    let shapes = rows(&path, "SELECT kind || ' ' || typeof(payload) FROM events ORDER BY seq").await;
    assert_eq!(
        shapes,
        [
            "run_started blob",
            "call_intended text",
            "call_accepted text",
            "call_succeeded blob",
            "run_finished text",
        ]
    );
    assert_eq!(
        rows(&path, "SELECT error_kind || ' ' || error_message FROM run_overview").await,
        ["refused no"]
    );
    let action = "SELECT action || ' ' || provider_id || ' ' || marker FROM provider_actions";
    assert_eq!(rows(&path, action).await, [format!("defender.isolate_machine an-id {marker}")]);
    let steps = "SELECT step || ' ' || last_event || ' ' || calls_intended FROM step_overview";
    assert_eq!(rows(&path, steps).await, ["isolate call_succeeded 1"]);
    let size = rows(&path, "SELECT max(length(payload)) FROM events WHERE kind = 'call_succeeded'").await;
    assert!(size[0].parse::<usize>().unwrap() < 1000, "{size:?}");
}
