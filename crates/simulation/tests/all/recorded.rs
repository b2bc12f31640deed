//! Runs that a process has left, as the next one finds them.

use crate::stage::{
    STRIKE, Script, accepted, done, executor, new_run, read, stage, stage_with, start, together,
};
use riposte_engine::{Event, EventBody, RunStarted, RunStatus, Store, StoreError, Trigger};
use riposte_executor::{Connection, Connections, RecordedError};
use riposte_model::{PlaybookName, RunId, SourceHash, Timestamp};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const INNER: &str = "name: inner\nsteps: [{ id: strike, action: world.strike }, { id: rest, wait: 1h }]\n";
const OUTER: &str = "  - { id: contain, call: inner }\n";

/// Accepted at once, and done at the first look.
fn struck() -> Script {
    Script { sends: [accepted()].into(), standings: [done()].into(), ..Script::default() }
}

async fn ids(store: &dyn Store) -> Vec<RunId> {
    store.unfinished(None, 9).await.unwrap().iter().map(|run| run.id).collect()
}

fn elsewhere(script: Arc<Script>) -> Connections {
    let connection = Connection {
        description: "another script".into(),
        connector: script,
        visibility_delay: Duration::ZERO,
        pace: riposte_executor::Pace::default(),
    };
    Connections::new().with("world", connection)
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_left_is_found_and_driven_to_its_end() {
    let stage = stage(Script::default());
    let run = stage.executor.begin(new_run("  - { id: rest, wait: 1h }\n")).await.unwrap();
    let id = run.id();
    stage.drive_and_die(run, Duration::from_secs(60)).await;

    let next = stage.after_a_crash(&[]);
    assert_eq!(ids(&*next.store).await, [id]);
    let recorded = next.executor.recorded(id).await.unwrap();
    next.executor.may_go_on(&recorded).unwrap();
    let run = next.executor.drive(recorded.run, CancellationToken::new()).await.unwrap();
    assert_eq!((run.status(), next.elapsed()), (RunStatus::Succeeded, 3600));
    assert!(ids(&*next.store).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_run_is_not_taken_up_on_another_tenant_than_it_began_on() {
    let stage = stage(Script::default());
    let id = stage.executor.begin(new_run(STRIKE)).await.unwrap().id();
    let there =
        executor(stage.store.clone(), stage.clock.clone(), elsewhere(stage.script.clone()), Vec::new());
    let recorded = there.recorded(id).await.unwrap();
    let message = "`world` was a script when it began, and is another script now";
    assert_eq!(there.may_go_on(&recorded).unwrap_err().to_string(), message);

    let nowhere = executor(stage.store.clone(), stage.clock.clone(), Connections::new(), Vec::new());
    let recorded = nowhere.recorded(id).await.unwrap();
    assert!(matches!(nowhere.is_where_it_began(&recorded), Err(RecordedError::NoConnection { .. })));
    assert_eq!(stage.kinds(id).await, ["run_started"]);
}

/// The caller itself acts on nothing.
#[tokio::test(start_paused = true)]
async fn what_is_only_called_keeps_its_caller_where_it_began() {
    let stage = stage_with(Script::default(), &[INNER]);
    let id = stage.executor.begin(new_run(OUTER)).await.unwrap().id();
    let there = executor(
        stage.store.clone(),
        stage.clock.clone(),
        elsewhere(stage.script.clone()),
        together(&[INNER]),
    );
    let recorded = there.recorded(id).await.unwrap();
    assert!(matches!(there.may_go_on(&recorded), Err(RecordedError::Elsewhere { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_called_run_is_driven_by_its_caller_alone() {
    let stage = stage_with(struck(), &[INNER]);
    let run = stage.executor.begin(new_run(OUTER)).await.unwrap();
    let id = run.id();
    stage.drive_and_die(run, Duration::from_secs(60)).await;

    let next = stage.after_a_crash(&[INNER]);
    let found = ids(&*next.store).await;
    let recorded = next.executor.recorded(id).await.unwrap();
    let called: Vec<RunId> = recorded.called.iter().map(|called| called.run.id()).collect();
    assert_eq!(found, [id, called[0]]);
    let error = next.executor.recorded(called[0]).await.unwrap_err();
    assert_eq!(error.to_string(), format!("step `contain` of {id} has called it: that run drives it"));

    let run = next.executor.drive(recorded.run, CancellationToken::new()).await.unwrap();
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert!(ids(&*next.store).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_run_waits_for_the_playbooks_that_it_calls() {
    let stage = stage_with(Script::default(), &[INNER]);
    let id = stage.executor.begin(new_run(OUTER)).await.unwrap().id();
    let next = stage.after_a_crash(&[]);
    let recorded = next.executor.recorded(id).await.unwrap();
    let error = next.executor.may_go_on(&recorded).unwrap_err();
    assert_eq!(error.to_string(), "it calls the playbook `inner`, which is not at hand");
    // Ending it needs none of them.
    next.executor.is_where_it_began(&recorded).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_playbook_cannot_be_read_is_left_as_it_is() {
    let stage = stage(Script::default());
    let source = "name: newer\nsteps: [{ id: beam, action: world.beam }]\n";
    let id: RunId = format!("run_{:032x}", 7).parse().unwrap();
    let started = RunStarted {
        playbook: PlaybookName::parse("newer").unwrap(),
        source: SourceHash::of(source),
        inputs: Map::new(),
        trigger: Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null.into() },
        parent: None,
        connections: Map::new(),
    };
    let first = Event { seq: 1, at: Timestamp::from_millis(1), body: EventBody::RunStarted(started.into()) };
    stage.store.begin(id, source, &first).await.unwrap();
    let error = stage.executor.recorded(id).await.unwrap_err();
    let message = "this riposte cannot read its playbook newer: no action is called `world.beam`";
    assert_eq!(error.to_string(), message);
    assert_eq!(stage.kinds(id).await, ["run_started"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_over_is_given_as_it_ended() {
    let stage = stage(Script::default());
    let (run, kinds) =
        stage.start(start(read("name: done\nsteps: [{ stop: here }]\n"), &json!({}), Value::Null)).await;
    let recorded = stage.executor.recorded(run.id()).await.unwrap();
    assert_eq!(recorded.run.status(), RunStatus::Succeeded);
    stage.executor.drive(recorded.run, CancellationToken::new()).await.unwrap();
    assert_eq!(stage.kinds(run.id()).await, kinds);
    let unknown: RunId = format!("run_{:032x}", 9).parse().unwrap();
    let error = stage.executor.recorded(unknown).await.unwrap_err();
    assert!(matches!(error, RecordedError::Store(StoreError::NotFound(_))), "{error}");
}
