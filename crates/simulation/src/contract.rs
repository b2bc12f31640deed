//! What every store must do. A store is whatever passes this.

pub mod host;

use riposte_engine::{
    Event, EventBody, RunFinished, RunStarted, RunStatus, RunSummary, Store, StoreError, Trigger,
};
use riposte_model::{PlaybookName, RunId, SourceHash, StepPath, Timestamp};
use serde_json::{Map, Value, json};
use std::fmt::Debug;

const SOURCE: &str = "name: contract\nsteps: []\n";

/// Holds an empty store to the contract.
///
/// # Errors
///
/// What the store did that it must not, in a sentence.
pub async fn check(store: &dyn Store, ids: [RunId; 3]) -> Result<(), String> {
    let [run, other, child] = ids;
    expect("an empty store lists nothing", &store.runs(10).await, Vec::is_empty)?;
    refuse("an unknown run has no events", store.events(run).await, |e| {
        matches!(e, StoreError::NotFound(_))
    })?;
    let nothing = [event(2, skipped("a"))];
    refuse("nothing is appended to an unknown run", store.append(run, &nothing).await, |e| {
        matches!(e, StoreError::NotFound(_))
    })?;

    refuse("nobody owns an unknown run", store.own(run).await, |e| matches!(e, StoreError::NotFound(_)))?;

    let first = event(1, started());
    expect("a run begins", &store.begin(run, SOURCE, &first).await, |()| true)?;
    let hash = SourceHash::of(SOURCE);
    expect("its source is kept", &store.source(&hash).await, |source| source == SOURCE)?;
    expect("a second run of the same source begins", &store.begin(other, SOURCE, &first).await, |()| true)?;

    let odd = EventBody::StepSucceeded {
        step: StepPath::root("odd"),
        output: json!({ "text": "\u{1f98a} \" ' \\ \n", "number": 9_007_199_254_740_993_i64, "list": [null, 0.1] }),
    };
    let batch = [event(2, skipped("a")), event(3, odd)];
    expect("events are appended", &store.append(run, &batch).await, |()| true)?;
    let all = [vec![first.clone()], batch.to_vec()].concat();
    expect("and read back as they were", &store.events(run).await, |events| *events == all)?;

    for (what, seq) in [("a number that was used", 3), ("a number that leaves a gap", 5)] {
        let wrong = [event(seq, skipped("b"))];
        refuse(&format!("{what} is refused"), store.append(run, &wrong).await, |e| {
            matches!(e, StoreError::OutOfOrder(_))
        })?;
    }
    let half = [event(4, skipped("b")), event(6, skipped("c"))];
    refuse("a batch with a gap is refused", store.append(run, &half).await, |e| {
        matches!(e, StoreError::OutOfOrder(_))
    })?;
    expect("and nothing of it is kept", &store.events(run).await, |events| *events == all)?;

    let told = [event(2, skipped("call"))];
    let wrong = [event(7, skipped("call"))];
    refuse(
        "a run is not begun for another one that does not know of it",
        store.begin_child(other, &wrong, child, SOURCE, &first).await,
        |e| matches!(e, StoreError::OutOfOrder(_)),
    )?;
    refuse("and nothing of it is kept", store.events(child).await, |e| matches!(e, StoreError::NotFound(_)))?;
    let begun = store.begin_child(other, &told, child, SOURCE, &first).await;
    expect("a run is begun for another one", &begun, |()| true)?;
    expect("which knows of it", &store.events(other).await, |events| events.len() == 2)?;
    expect("and has its own beginning", &store.events(child).await, |events| events.len() == 1)?;

    for (what, id) in [("a run that was begun here", run), ("one that was called", child)] {
        expect(&format!("{what} is owned here already"), &store.own(id).await, |()| true)?;
    }
    let unfinished = |runs: &[RunSummary]| runs.iter().map(|run| run.id).collect::<Vec<_>>();
    expect("what is not over is listed in the order it began", &store.unfinished(None, 9).await, |runs| {
        unfinished(runs) == [run, other, child]
    })?;
    expect("no more of it than asked for", &store.unfinished(None, 2).await, |runs| {
        unfinished(runs) == [run, other]
    })?;
    expect("and the rest afterwards", &store.unfinished(Some(other), 9).await, |runs| {
        unfinished(runs) == [child]
    })?;

    expect("a run ends", &store.append(run, &[event(4, finished())]).await, |()| true)?;
    expect("the listing shows the newest first, with their status", &store.runs(10).await, |runs| {
        let shown: Vec<_> = runs.iter().map(|run| (run.id, run.status, run.finished_at.is_some())).collect();
        shown
            == [
                (child, RunStatus::Running, false),
                (other, RunStatus::Running, false),
                (run, RunStatus::Failed, true),
            ]
    })?;
    expect("what is over is not unfinished", &store.unfinished(None, 9).await, |runs| {
        unfinished(runs) == [other, child]
    })?;
    expect("but is a place to go on from", &store.unfinished(Some(run), 1).await, |runs| {
        unfinished(runs) == [other]
    })?;
    expect("the listing has no more than asked for", &store.runs(1).await, |runs| runs.len() == 1)?;
    expect("a whole id finds its run", &store.runs_like(&run.to_string(), 5).await, |ids| *ids == [run])?;
    let shared: String = run.to_string().chars().take(12).collect();
    expect("the beginning of ids finds them all", &store.runs_like(&shared, 5).await, |ids| ids.len() == 3)
}

fn expect<T: Debug>(
    what: &str,
    result: &Result<T, StoreError>,
    holds: impl Fn(&T) -> bool,
) -> Result<(), String> {
    match result {
        Ok(value) if holds(value) => Ok(()),
        other => Err(format!("{what}: {other:?}")),
    }
}

fn refuse<T: Debug>(
    what: &str,
    result: Result<T, StoreError>,
    fits: impl Fn(&StoreError) -> bool,
) -> Result<(), String> {
    match result {
        Err(error) if fits(&error) => Ok(()),
        other => Err(format!("{what}: {other:?}")),
    }
}

fn event(seq: u64, body: EventBody) -> Event {
    Event { seq, at: Timestamp::from_millis(1_000 + i64::try_from(seq).unwrap_or(0)), body }
}

fn skipped(step: &str) -> EventBody {
    EventBody::StepSkipped { step: StepPath::root(step) }
}

fn started() -> EventBody {
    EventBody::RunStarted(RunStarted {
        playbook: PlaybookName::parse("contract").expect("a valid name"),
        source: SourceHash::of(SOURCE),
        inputs: Map::new(),
        trigger: Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null },
        parent: None,
        connections: Map::new(),
    })
}

fn finished() -> EventBody {
    EventBody::RunFinished(RunFinished {
        status: RunStatus::Failed,
        step: None,
        failure: None,
        message: None,
        outputs: Map::new(),
    })
}
