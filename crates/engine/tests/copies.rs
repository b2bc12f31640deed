//! A run and its copies share what has ended; what ends later is read by the one to which it happened, and by no other.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

use riposte_engine::{Event, EventBody, Run, RunStarted, Trigger};
use riposte_model::{Catalogue, RunId, StepPath, Timestamp};
use riposte_playbook::load;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

const STEPS: usize = 40;

fn id() -> RunId {
    "run_00000000000000000000000000000001".parse().unwrap()
}

fn begun() -> Run {
    let mut source = "name: copies\nsteps:\n".to_owned();
    for number in 0..STEPS {
        write!(source, "  - id: s{number}\n    set: {{ number: {number} }}\n").unwrap();
    }
    let playbook = load("copies.yaml", &source, &Catalogue::default()).playbook.unwrap();
    let started = EventBody::RunStarted(Arc::new(RunStarted {
        playbook: playbook.name.clone(),
        source: playbook.hash.clone(),
        inputs: Map::new(),
        trigger: Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null.into() },
        parent: None,
        connections: Map::new(),
    }));
    let first = Event { seq: 1, at: Timestamp::from_millis(1), body: started };
    Run::new(id(), playbook, &first).unwrap()
}

fn ended(number: usize, seq: u64) -> Event {
    let body = EventBody::StepSucceeded {
        step: StepPath::root(&format!("s{number}")),
        output: json!({ "number": number }),
    };
    Event { seq, at: Timestamp::from_millis(1), body }
}

/// The numbers that expressions read of the steps that have ended, in their order.
fn numbers(run: &Run) -> Vec<u64> {
    let values = run.values();
    let (_, steps) = values.iter().find(|(name, _)| *name == "steps").unwrap();
    steps.as_object().unwrap().values().map(|step| step["output"]["number"].as_u64().unwrap()).collect()
}

#[test]
fn a_step_that_ends_is_read_by_no_copy_from_before() {
    let mut run = begun();
    let mut copies = Vec::new();
    for (number, seq) in (0..STEPS).zip(2..) {
        copies.push(run.clone());
        run.apply(&ended(number, seq)).unwrap();
    }
    copies.push(run);
    for (count, copy) in copies.iter().enumerate() {
        assert_eq!(numbers(copy), (0..count as u64).collect::<Vec<_>>());
    }
}

#[test]
fn two_copies_go_on_by_themselves() {
    let mut run = begun();
    (0..STEPS / 2).zip(2..).for_each(|(number, seq)| run.apply(&ended(number, seq)).unwrap());
    let (mut one, mut other, seq) = (run.clone(), run.clone(), run.next_seq());
    one.apply(&ended(30, seq)).unwrap();
    other.apply(&ended(31, seq)).unwrap();
    assert_eq!((numbers(&one).last(), numbers(&other).last()), (Some(&30), Some(&31)));
    assert_eq!(numbers(&run).len(), STEPS / 2);
}
