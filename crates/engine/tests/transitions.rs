//! Every state of a step against every event: what may follow what, as one table.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

use riposte_engine::{
    CallIntended, Claim, Command, Deadline, Event, EventBody, Finding, Marker, Run, RunStarted, RunStatus,
    Standing, Target, Trigger, Withdrawal,
};
use riposte_model::{
    ActionName, ActionSpec, Completion, Effect, ErrorKind, Failure, Permissions, PlaybookName, Priority,
    RateLimit, RunId, Schema, SourceHash, StepPath, Timestamp,
};
use riposte_playbook::{ActionStep, Await, Block, Inputs, OnError, Playbook, Step, StepKind, retry};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

const STATES: [&str; 12] = [
    "not begun",
    "open",
    "looping",
    "calling",
    "sleeping",
    "intended",
    "unknown",
    "accepted",
    "left open",
    "backing off",
    "succeeded",
    "failed",
];

#[test]
fn only_what_can_follow_may_follow() {
    let mut table = vec![format!("{:18}{}", "", STATES.join(" | "))];
    for event in events() {
        let mut cells = Vec::new();
        for state in STATES {
            let mut run = in_state(state);
            if matches!(event, EventBody::WithdrawalFailed { .. }) {
                run.apply(&Event { seq: run.next_seq(), at: Timestamp::from_millis(98), body: cancelled() })
                    .unwrap();
            }
            let before = format!("{run:?}");
            let seq = run.next_seq();
            let verdict = run.apply(&Event { seq, at: Timestamp::from_millis(99), body: event.clone() });
            assert!(verdict.is_ok() || format!("{run:?}") == before, "a refused event has changed the run");
            cells.push(format!("{:^width$}", if verdict.is_ok() { "yes" } else { "-" }, width = state.len()));
        }
        table.push(format!("{:18}{}", name(&event), cells.join(" | ")).trim_end().to_owned());
    }
    let expected = "\
                  not begun | open | looping | calling | sleeping | intended | unknown | accepted | left open | backing off | succeeded | failed
step_skipped         yes    |  -   |    -    |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
step_succeeded       yes    | yes  |   yes   |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
step_failed          yes    | yes  |   yes   |    -    |   yes    |    -     |    -    |    -     |     -     |     yes     |     -     |   -
call_intended        yes    |  -   |    -    |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
call_intended         -     |  -   |    -    |    -    |    -     |    -     |    -    |    -     |     -     |     yes     |     -     |   -
call_accepted         -     |  -   |    -    |    -    |    -     |   yes    |    -    |    -     |     -     |      -      |     -     |   -
call_succeeded        -     |  -   |    -    |    -    |    -     |   yes    |    -    |   yes    |     -     |      -      |     -     |   -
call_failed           -     |  -   |    -    |    -    |    -     |   yes    |   yes   |   yes    |     -     |      -      |     -     |   -
call_failed, again    -     |  -   |    -    |    -    |    -     |   yes    |    -    |    -     |     -     |      -      |     -     |   -
outcome_unknown       -     |  -   |    -    |    -    |    -     |   yes    |    -    |    -     |     -     |      -      |     -     |   -
reconciled            -     |  -   |    -    |    -    |    -     |    -     |   yes   |    -     |     -     |      -      |     -     |   -
withdrawal_failed     -     |  -   |    -    |    -    |    -     |    -     |    -    |   yes    |     -     |      -      |     -     |   -
loop_started         yes    |  -   |    -    |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
item_ended            -     |  -   |    -    |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
item_ended            -     |  -   |   yes   |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
item_ended            -     |  -   |    -    |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
child_started        yes    |  -   |    -    |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
child_finished        -     |  -   |    -    |   yes   |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
child_finished        -     |  -   |    -    |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
timer_set            yes    |  -   |    -    |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
timer_fired           -     |  -   |    -    |    -    |   yes    |    -     |    -    |    -     |     -     |      -      |     -     |   -
cancel_requested     yes    | yes  |   yes   |   yes   |   yes    |   yes    |   yes   |   yes    |    yes    |     yes     |    yes    |  yes
step_taken_up         -     |  -   |    -    |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -
run_retried           -     |  -   |    -    |    -    |    -     |    -     |    -    |    -     |     -     |      -      |     -     |   -";
    assert_eq!(table.join("\n").trim_start(), expected);
}

#[test]
fn events_are_numbered_without_gaps_and_nothing_follows_the_end() {
    let mut run = in_state("not begun");
    let body = EventBody::StepSkipped { step: step() };
    let refused =
        run.apply(&Event { seq: 7, at: Timestamp::from_millis(2), body: body.clone() }).unwrap_err();
    assert_eq!(refused.to_string(), "event `step_skipped` cannot happen to event number 2 as number 7");

    let end = run.next();
    assert_eq!(end.len(), 1, "{end:?}");
    let body_of_end = finished(RunStatus::Cancelled);
    run.apply(&Event { seq: 2, at: Timestamp::from_millis(2), body: body_of_end }).unwrap();
    assert!(run.next().is_empty());
    let refused = run.apply(&Event { seq: 3, at: Timestamp::from_millis(3), body }).unwrap_err();
    assert_eq!(refused.to_string(), "event `step_skipped` cannot happen to a run that is over");
}

/// The event's kind, and whether another attempt follows.
fn name(event: &EventBody) -> String {
    let again = matches!(event, EventBody::CallFailed { retry_at: Some(_), .. });
    format!("{}{}", event.kind(), if again { ", again" } else { "" })
}

#[test]
fn nothing_is_taken_back_for_a_run_that_nobody_has_cancelled() {
    let run = in_state("accepted");
    let event = Event { seq: run.next_seq(), at: Timestamp::from_millis(9), body: withdrawal_failed() };
    assert_eq!(
        run.permits(&event).unwrap_err().to_string(),
        "event `withdrawal_failed` cannot happen to a run that nobody has cancelled"
    );
}

#[test]
fn a_device_is_held_from_the_intent_until_the_end() {
    let adopted = Finding::Adopted { provider_id: "p".into(), evidence: "looked".into() };
    let mut found = in_state("unknown");
    let body = EventBody::Reconciled { step: step(), attempt: 1, finding: adopted };
    found.apply(&Event { seq: found.next_seq(), at: Timestamp::from_millis(9), body }).unwrap();
    let runs = STATES.map(|state| (state, in_state(state)));
    for (state, run) in runs.into_iter().chain([("adopted", found)]) {
        let target = Target { connection: "world".into(), device: "d".into() };
        let claim = Claim { target, priority: Priority::Containment };
        let holds = matches!(state, "intended" | "unknown" | "accepted" | "adopted");
        let held: Vec<_> = run.holds().map(|(path, held)| (path.clone(), held)).collect();
        assert_eq!(held, if holds { vec![(step(), claim)] } else { vec![] }, "{state}");
    }
}

/// A run in this state which somebody cancels.
fn cancelled_in_state(state: &str) -> Run {
    let mut run = in_state(state);
    run.apply(&Event { seq: run.next_seq(), at: Timestamp::from_millis(9), body: cancelled() }).unwrap();
    run
}

#[test]
fn what_is_accepted_is_taken_back_when_the_run_is_cancelled_and_nothing_else_is() {
    for state in STATES.into_iter().filter(|state| *state != "left open") {
        let commands = cancelled_in_state(state).next();
        let withdraws = commands.iter().any(|command| matches!(command, Command::Withdraw { .. }));
        assert_eq!(withdraws, state == "accepted", "{state}: {commands:?}");
        let waits = in_state(state).next();
        assert!(
            !waits.iter().any(|command| matches!(command, Command::Withdraw { .. })),
            "{state}: {waits:?}"
        );
    }
}

#[test]
fn a_withdrawal_names_the_call_that_it_takes_back_and_who_wants_it() {
    let run = cancelled_in_state("accepted");
    let [Command::Withdraw { action, provider_id, marker, reason, deadline, .. }] = &run.next()[..] else {
        panic!("{:?}", run.next())
    };
    assert_eq!((action.name.as_str(), provider_id.as_str()), ("world.strike", "p"));
    assert_eq!(marker.as_str(), "[riposte run_00000000000000000000000000000001 s #1]");
    assert_eq!(reason, "its run was cancelled by test");
    assert_eq!(*deadline, Deadline { at: None, within: Some(Duration::from_secs(120)) });
}

#[test]
fn a_withdrawal_ends_the_step_as_the_provider_ended_the_action() {
    let open = || "InProgress".to_owned();
    let told = |withdrawal| {
        let mut run = cancelled_in_state("accepted");
        let body = run.conclude_withdrawal(&step(), withdrawal).unwrap();
        let kind = body.kind();
        run.apply(&Event { seq: run.next_seq(), at: Timestamp::from_millis(10), body }).unwrap();
        let state = run.record(&step()).unwrap().state.as_str();
        let [Command::Record(EventBody::RunFinished(finished))] = &run.next()[..] else {
            panic!("{:?}", run.next())
        };
        assert_eq!(finished.status, RunStatus::Cancelled);
        format!("{kind}: {state}: {}", finished.failure.as_ref().unwrap().message)
    };
    let by = "cancelled by test";
    let left = "; not known to have ended at the provider: `s` as p";
    let ended = |standing| told(Withdrawal::Ended(standing));
    assert_eq!(told(Withdrawal::Done { evidence: "it was".into() }), format!("call_failed: failed: {by}"));
    assert_eq!(ended(Standing::Succeeded(Value::Null)), format!("call_succeeded: succeeded: {by}"));
    assert_eq!(ended(Standing::Failed(failure())), format!("call_failed: failed: {by}"));
    for withdrawal in [
        Withdrawal::Failed(failure()),
        Withdrawal::Taken { status: open() },
        Withdrawal::Ended(Standing::Open { status: open() }),
    ] {
        assert_eq!(told(withdrawal), format!("withdrawal_failed: left open: {by}{left}"));
    }
    assert_eq!(in_state("failed").conclude_withdrawal(&step(), Withdrawal::Failed(failure())), None);
}

#[test]
fn a_run_does_not_end_while_a_call_is_in_doubt() {
    for state in ["intended", "unknown", "calling"] {
        let run = in_state(state);
        let body = finished(RunStatus::Cancelled);
        let refused =
            run.permits(&Event { seq: run.next_seq(), at: Timestamp::from_millis(9), body }).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "event `run_finished` cannot happen to a run whose step `s` has a call outstanding"
        );
    }
}

fn finished(status: RunStatus) -> EventBody {
    EventBody::RunFinished(riposte_engine::RunFinished {
        status,
        step: None,
        failure: None,
        message: None,
        outputs: Map::new(),
    })
}

#[test]
fn only_a_run_that_has_failed_at_a_step_is_retried() {
    use RunStatus::{Cancelled, Failed, Succeeded};
    for (state, end, why) in [
        ("failed", Some(Failed), None),
        ("failed", None, Some("a run that is not over")),
        ("succeeded", Some(Failed), Some("a run of which no step has failed")),
        ("succeeded", Some(Succeeded), Some("a run that has succeeded")),
        ("failed", Some(Cancelled), Some("a run that was cancelled")),
    ] {
        let mut run = in_state(state);
        let mut apply = |body| run.apply(&Event { seq: run.next_seq(), at: Timestamp::from_millis(9), body });
        if let Some(end) = end {
            apply(finished(end)).unwrap();
        }
        let told = apply(EventBody::RunRetried { by: "test".into() }).err().map(|error| error.to_string());
        assert_eq!(told, why.map(|why| format!("event `run_retried` cannot happen to {why}")));
        let [Command::Call(call)] = &run.next()[..] else { continue };
        assert_eq!(
            (call.attempt, run.status(), told),
            (1, RunStatus::Running, None),
            "it had not been called"
        );
    }
}

fn id() -> RunId {
    "run_00000000000000000000000000000001".parse().unwrap()
}

fn step() -> StepPath {
    StepPath::root("s")
}

fn failure() -> Failure {
    Failure::new(ErrorKind::Unavailable, "x")
}

fn arguments() -> Map<String, Value> {
    Map::from_iter([("target".to_owned(), Value::from("d"))])
}

fn intended(attempt: u32) -> EventBody {
    EventBody::CallIntended(Arc::new(CallIntended {
        step: step(),
        attempt,
        action: ActionName::parse("world.strike").unwrap(),
        arguments: arguments(),
        marker: Marker::new(id(), &step(), attempt),
        known: 0,
    }))
}

fn call_failed(retry_at: Option<i64>) -> EventBody {
    EventBody::CallFailed {
        step: step(),
        attempt: 1,
        started_at: Timestamp::from_millis(1),
        failure: failure(),
        retry_at: retry_at.map(Timestamp::from_millis),
    }
}

fn accepted() -> EventBody {
    EventBody::CallAccepted { step: step(), attempt: 1, provider_id: "p".into() }
}

fn unknown() -> EventBody {
    EventBody::OutcomeUnknown { step: step(), attempt: 1, failure: failure() }
}

fn cancelled() -> EventBody {
    EventBody::CancelRequested { by: "test".into() }
}

fn withdrawal_failed() -> EventBody {
    EventBody::WithdrawalFailed { step: step(), attempt: 1, failure: failure() }
}

/// A loop over two items.
fn looping() -> EventBody {
    EventBody::LoopStarted { step: step(), items: vec![Value::Null, Value::Null] }
}

fn item(item: usize) -> EventBody {
    EventBody::ItemEnded { step: step(), item, failure: None, because_of: None, outputs: Map::new() }
}

fn child_finished(run: RunId) -> EventBody {
    EventBody::ChildFinished { step: step(), run, failure: None, outputs: Map::new() }
}

/// One of each kind that is about a step, and a second attempt's intent.
fn events() -> Vec<EventBody> {
    vec![
        EventBody::StepSkipped { step: step() },
        EventBody::StepSucceeded { step: step(), output: Value::Null },
        EventBody::StepFailed { step: step(), failure: failure(), because_of: None },
        intended(1),
        intended(2),
        accepted(),
        EventBody::CallSucceeded {
            step: step(),
            attempt: 1,
            started_at: Timestamp::from_millis(1),
            output: Value::Null,
        },
        call_failed(None),
        call_failed(Some(9)),
        unknown(),
        EventBody::Reconciled {
            step: step(),
            attempt: 1,
            finding: Finding::Absent { evidence: "looked".into() },
        },
        withdrawal_failed(),
        looping(),
        item(0),
        item(1),
        item(2),
        EventBody::ChildStarted { step: step(), run: id() },
        child_finished(id()),
        child_finished("run_00000000000000000000000000000002".parse().unwrap()),
        EventBody::TimerSet { step: step(), fire_at: Timestamp::from_millis(5) },
        EventBody::TimerFired { step: step() },
        cancelled(),
        EventBody::StepTakenUp { step: step() },
        EventBody::RunRetried { by: "test".into() },
    ]
}

/// A run whose step `s` is in this state.
fn in_state(state: &str) -> Run {
    let path: Vec<EventBody> = match state {
        "not begun" => vec![],
        "open" => vec![EventBody::StepSkipped { step: step().child("inner") }],
        "looping" => vec![looping(), item(0)],
        "calling" => vec![EventBody::ChildStarted { step: step(), run: id() }],
        "sleeping" => vec![EventBody::TimerSet { step: step(), fire_at: Timestamp::from_millis(5) }],
        "intended" => vec![intended(1)],
        "unknown" => vec![intended(1), unknown()],
        "accepted" => vec![intended(1), accepted()],
        "left open" => vec![intended(1), accepted(), cancelled(), withdrawal_failed()],
        "backing off" => vec![intended(1), call_failed(Some(5))],
        "succeeded" => vec![EventBody::StepSucceeded { step: step(), output: Value::Null }],
        "failed" => vec![EventBody::StepFailed { step: step(), failure: failure(), because_of: None }],
        other => panic!("{other} is no state"),
    };
    let playbook = playbook(state == "open");
    let started = EventBody::RunStarted(Arc::new(RunStarted {
        playbook: playbook.name.clone(),
        source: playbook.hash.clone(),
        inputs: Map::new(),
        trigger: Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null.into() },
        parent: None,
        connections: Map::new(),
    }));
    let events: Vec<Event> = std::iter::once(started)
        .chain(path)
        .zip(1..)
        .map(|(body, seq)| Event { seq, at: Timestamp::from_millis(1), body })
        .collect();
    Run::replay(id(), Arc::new(playbook), &events).unwrap()
}

/// One step `s`: a call, or a block with a call inside.
fn playbook(block: bool) -> Playbook {
    let call = StepKind::Action(Box::new(ActionStep {
        spec: Arc::new(ActionSpec {
            name: ActionName::parse("world.strike").unwrap(),
            summary: "",
            arguments: Schema::object().optional("target", Schema::string()),
            output: Schema::object(),
            effect: Effect::Once,
            completion: Completion::Followed,
            priority: Priority::Containment,
            device: Some("target"),
            inverse: None,
            permissions: Permissions::default(),
            rate_limit: RateLimit::default(),
            default_timeout: Duration::from_secs(60),
            docs: "",
        }),
        with: vec![],
        retry: retry::Policy::default(),
        select: None,
        until: Await::Completed,
    }));
    let step = |id: &str, kind| Step {
        id: id.to_owned(),
        line: 1,
        condition: None,
        timeout: None,
        on_error: OnError::Fail,
        kind,
    };
    let kind = if block {
        StepKind::Block(Block { steps: vec![step("inner", call)], ..Block::default() })
    } else {
        call
    };
    Playbook {
        name: PlaybookName::parse("table").unwrap(),
        hash: SourceHash::of("table"),
        source: "table".into(),
        description: None,
        inputs: Inputs::default(),
        triggers: vec![],
        concurrency: None,
        body: Block { steps: vec![step("s", kind)], ..Block::default() },
        outputs: vec![],
    }
}
