//! What every store must do. A store is whatever passes this.

pub mod host;
mod kinds;
mod schedules;

pub use kinds::every_kind;

use riposte_engine::{
    Event, EventBody, RunFinished, RunStarted, RunStatus, RunSummary, Store, StoreError, Trigger,
};
use riposte_model::{PlaybookName, RunId, SourceHash, StepPath, Timestamp};
use serde_json::{Map, Value, json};
use std::fmt::Debug;
use std::sync::Arc;

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
    expect("the beginning of ids finds them all", &store.runs_like(&shared, 5).await, |ids| ids.len() == 3)?;
    retried(store, ids).await?;
    kinds(store, other).await
}

/// Nothing is lost of any event, however odd its texts.
async fn kinds(store: &dyn Store, run: RunId) -> Result<(), String> {
    let mut all = store.events(run).await.map_err(|error| error.to_string())?;
    let odd = "\u{1f98a} \" ' \\ \n {\"kind\":";
    let next = all.len() as u64 + 1;
    let more: Vec<Event> = every_kind(run, &StepPath::root(odd).turn(3), odd)
        .into_iter()
        .zip(next..)
        .map(|(body, seq)| event(seq, body))
        .collect();
    expect("events of every kind are appended", &store.append(run, &more).await, |()| true)?;
    all.extend(more);
    expect("and read back as they were", &store.events(run).await, |events| *events == all)
}

/// Several runs are written to at once, and one that was over goes on.
async fn retried(store: &dyn Store, [run, other, child]: [RunId; 3]) -> Result<(), String> {
    let retried = |seq| [event(seq, EventBody::RunRetried { by: "test".into() })];
    let (again, follows, gap) = (retried(5), [event(2, skipped("x"))], [event(9, skipped("x"))]);
    for (what, second) in
        [("in the wrong order", (child, &gap[..])), ("to a run that is not there", (unknown(), &follows[..]))]
    {
        let refused = store.append_all(&[(run, &again), second]).await;
        refuse(
            &format!("what goes to several runs is refused if one part of it goes {what}"),
            refused,
            |e| matches!(e, StoreError::OutOfOrder(_) | StoreError::NotFound(_)),
        )?;
        expect("and nothing of it is kept", &store.events(run).await, |events| events.len() == 4)?;
    }
    let appended = store.append_all(&[(run, &again), (child, &follows)]).await;
    expect("events are appended to several runs at once", &appended, |()| true)?;
    expect("to the first", &store.events(run).await, |events| events[4..] == again)?;
    expect("and to the others", &store.events(child).await, |events| events[1..] == follows)?;
    let shown = |runs: &[RunSummary]| {
        runs.iter().map(|run| (run.id, run.status, run.finished_at.is_some())).collect::<Vec<_>>()
    };
    expect("a run that is retried is not over", &store.runs(10).await, |runs| {
        shown(runs)[2] == (run, RunStatus::Running, false)
    })?;
    expect("and is among those in its old place", &store.unfinished(None, 9).await, |runs| {
        runs.iter().map(|run| run.id).collect::<Vec<_>>() == [run, other, child]
    })?;
    let end = [event(6, finished()), retried(7)[0].clone(), event(8, skipped("b")), event(9, finished())];
    expect("it may end and be retried at once", &store.append(run, &end).await, |()| true)?;
    let ended_at = Some(end[3].at);
    expect("and ends when it ended last", &store.runs(10).await, |runs| {
        shown(runs)[2] == (run, RunStatus::Failed, true) && runs[2].finished_at == ended_at
    })
}

/// One that no store here has.
fn unknown() -> RunId {
    format!("run_{:032x}", u128::MAX).parse().expect("a valid id")
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
    EventBody::RunStarted(Arc::new(RunStarted {
        playbook: PlaybookName::parse("contract").expect("a valid name"),
        source: SourceHash::of(SOURCE),
        inputs: Map::new(),
        trigger: Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null.into() },
        parent: None,
        connections: Map::new(),
    }))
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
