//! The executor dies at every write of a run that calls others, before it and after it, and is taken up by the next one.

use crate::stage::{PausedClock, Script, connected_to, executor, new_run, together};
use async_trait::async_trait;
use riposte_engine::{
    CallIntended, Connector, Durable, Event, EventBody, Outcome, RunStatus, RunSummary, Sighting, Standing,
    Store, StoreError, Turn,
};
use riposte_executor::{Connection, Connections, Executor, Pace};
use riposte_model::{ActionName, Failure, PlaybookName, RunId, SourceHash, Timestamp};
use riposte_simulation::MemoryStore;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A store whose process dies at one of its writes: this one and all that follow fail.
struct Mortal {
    memory: Arc<MemoryStore>,
    /// Writes that are left.
    left: Mutex<usize>,
    /// Whether the last one is on disk all the same.
    written: bool,
}

impl Mortal {
    /// Whether this write reaches the disk, and whether anybody learns of it.
    fn write(&self) -> (bool, Result<(), StoreError>) {
        let mut left = self.left.lock().unwrap();
        let dead = || Err(StoreError::Other("dead".into()));
        match *left {
            0 => (false, dead()),
            1 => {
                *left = 0;
                (self.written, dead())
            }
            _ => {
                *left -= 1;
                (true, Ok(()))
            }
        }
    }
}

#[async_trait]
impl Store for Mortal {
    async fn begin(&self, run: RunId, source: &str, first: &Event) -> Result<(), StoreError> {
        self.memory.begin(run, source, first).await
    }

    async fn append(&self, run: RunId, events: &[Event]) -> Result<(), StoreError> {
        let (reaches, told) = self.write();
        if reaches {
            self.memory.append(run, events).await?;
        }
        told
    }

    async fn append_all(&self, appended: &[(RunId, &[Event])]) -> Result<(), StoreError> {
        let (reaches, told) = self.write();
        if reaches {
            self.memory.append_all(appended).await?;
        }
        told
    }

    async fn begin_child(
        &self,
        parent: RunId,
        events: &[Event],
        run: RunId,
        source: &str,
        first: &Event,
    ) -> Result<(), StoreError> {
        let (reaches, told) = self.write();
        if reaches {
            self.memory.begin_child(parent, events, run, source, first).await?;
        }
        told
    }

    async fn own(&self, run: RunId) -> Result<(), StoreError> {
        self.memory.own(run).await
    }

    async fn events(&self, run: RunId) -> Result<Vec<Event>, StoreError> {
        self.memory.events(run).await
    }

    async fn source(&self, hash: &SourceHash) -> Result<String, StoreError> {
        self.memory.source(hash).await
    }

    async fn runs(&self, limit: u32) -> Result<Vec<RunSummary>, StoreError> {
        self.memory.runs(limit).await
    }

    async fn unfinished(&self, after: Option<RunId>, limit: u32) -> Result<Vec<RunSummary>, StoreError> {
        self.memory.unfinished(after, limit).await
    }

    async fn runs_like(&self, prefix: &str, limit: u32) -> Result<Vec<RunId>, StoreError> {
        self.memory.runs_like(prefix, limit).await
    }
}

/// A provider that does what it is asked, and knows how often.
#[derive(Default)]
struct Truth {
    done: Mutex<BTreeMap<String, u32>>,
}

#[async_trait]
impl Connector for Truth {
    async fn turn(&self, _: &ActionName, _: &PlaybookName) -> Turn {
        Turn::free()
    }

    async fn call(&self, _: &ActionName, _: &Map<String, Value>, _: Turn, _: Duration) -> Outcome {
        Outcome::Done(json!({}))
    }

    async fn send(&self, call: Durable<CallIntended>, _: Turn, _: Duration) -> Outcome {
        *self.done.lock().unwrap().entry(call.marker.of_any_attempt().to_owned()).or_default() += 1;
        tokio::time::sleep(Duration::from_secs(1)).await;
        Outcome::Done(json!({}))
    }

    async fn find(&self, call: &CallIntended, _: Timestamp, _: Duration) -> Result<Sighting, Failure> {
        let is_done = self.done.lock().unwrap().contains_key(call.marker.of_any_attempt());
        let (provider_id, evidence) = ("p".to_owned(), "looked".to_owned());
        Ok(match is_done {
            true => Sighting::Found { provider_id, output: json!({}), evidence },
            false => Sighting::NotSeen { evidence },
        })
    }

    async fn standings(&self, _: &[String], _: Duration) -> Result<Vec<(String, Standing)>, Failure> {
        Ok(Vec::new())
    }
}

const INNER: &str = "name: inner\nsteps: [{ id: mark, action: world.mark }, { id: rest, wait: 10s }]\n";

const MIDDLE: &str = "name: middle
concurrency: { key: '\"all\"' }
steps:
  - { id: before, action: world.mark }
  - { id: called, call: inner }
  - { id: behind, action: world.mark }
outputs:
  done: true
";

const STEPS: &str = "  - id: sweep
    for_each: '[1, 2]'
    as: n
    max: 2
    outputs: { done: '${{ steps.called.output.done }}' }
    steps: [{ id: called, call: middle }]
  - id: ends
    steps: [{ id: strike, action: world.mark }, { id: no, fail: broken }]
    on_failure: [{ id: tell, call: inner }]
    always: [{ id: label, action: world.label }]
";

/// What is marked when each wish is carried out once: three marks for each of two turns, one, and one.
const MARKS: usize = 8;

fn process(store: Arc<dyn Store>, clock: Arc<PausedClock>, truth: Arc<Truth>) -> Executor {
    let connection = Connection {
        description: "the truth".into(),
        connector: truth,
        visibility_delay: Duration::from_secs(60),
        pace: Pace::default(),
    };
    executor(store, clock, Connections::new().with("world", connection), together(&[INNER, MIDDLE]))
}

#[tokio::test(start_paused = true)]
async fn whenever_the_process_dies_everything_is_done_once() {
    let mut deaths = 0;
    for (left, written) in (1..).flat_map(|left| [(left, false), (left, true)]) {
        let clock = Arc::new(PausedClock::new());
        let (memory, truth) = (Arc::new(MemoryStore::default()), Arc::new(Truth::default()));
        let mortal = Arc::new(Mortal { memory: memory.clone(), left: Mutex::new(left), written });
        let first = process(mortal, clock.clone(), truth.clone());
        let run = first.begin(new_run(STEPS)).await.unwrap();
        let id = run.id();
        let lived = first.drive(run, CancellationToken::new()).await.is_ok();
        drop(first);

        let second = process(memory.clone(), clock, truth.clone());
        let recorded = second.take(id).await.unwrap();
        second.may_go_on(&recorded).unwrap();
        let run = second.drive(recorded.run, CancellationToken::new()).await.unwrap();
        let place = format!("dead at write {left}, which is {}on disk", if written { "" } else { "not " });
        assert_eq!(run.status(), RunStatus::Succeeded, "{place}");
        assert_eq!(run.values()[1].1["sweep"]["output"].as_array().unwrap().len(), 2, "{place}");
        let done = truth.done.lock().unwrap().clone();
        assert!(done.len() == MARKS && done.values().all(|times| *times == 1), "{place}: {done:?}");
        let runs = memory.runs(99).await.unwrap();
        assert_eq!(runs.len(), 6, "{place}");
        assert!(runs.iter().all(|run| run.status == RunStatus::Succeeded), "{place}: {runs:?}");
        if lived {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 60, "{deaths}");
}

#[tokio::test(start_paused = true)]
async fn a_run_and_what_it_called_are_retried_together_or_not_at_all() {
    let failing = "name: failing\nsteps: [{ id: no, fail: broken }]\n";
    for written in [false, true] {
        let clock = Arc::new(PausedClock::new());
        let memory = Arc::new(MemoryStore::default());
        let script = Arc::new(Script::default());
        let process = |store: Arc<dyn Store>| {
            executor(store, clock.clone(), connected_to(script.clone()), together(&[failing]))
        };
        let first = process(memory.clone());
        let run = first.begin(new_run("  - { id: called, call: failing }\n")).await.unwrap();
        let id = first.drive(run, CancellationToken::new()).await.unwrap().id();
        let dying = process(Arc::new(Mortal { memory: memory.clone(), left: Mutex::new(1), written }));
        assert!(dying.retry(id, "somebody").await.is_err());

        let expected = if written { RunStatus::Running } else { RunStatus::Failed };
        let runs = memory.runs(9).await.unwrap();
        assert_eq!(runs.iter().map(|run| run.status).collect::<Vec<_>>(), [expected, expected]);
        let second = process(memory.clone());
        let recorded = match written {
            true => second.take(id).await.unwrap(),
            false => second.retry(id, "somebody").await.unwrap(),
        };
        let run = second.drive(recorded.run, CancellationToken::new()).await.unwrap();
        assert_eq!(run.status(), RunStatus::Failed);
        let retried = |event: &&Event| matches!(event.body, EventBody::RunRetried { .. });
        for run in memory.runs(9).await.unwrap() {
            assert_eq!(memory.events(run.id).await.unwrap().iter().filter(retried).count(), 1);
        }
    }
}

/// How many writes a run takes behind its beginning, and how many events it has then.
async fn writes(steps: &str, script: Script) -> (usize, usize) {
    const ENOUGH: usize = 1000;
    let memory = Arc::new(MemoryStore::default());
    let store = Arc::new(Mortal { memory: memory.clone(), left: Mutex::new(ENOUGH), written: true });
    let connections = connected_to(Arc::new(script));
    let executor = executor(store.clone(), Arc::new(PausedClock::new()), connections, Vec::new());
    let run = executor.begin(new_run(steps)).await.unwrap();
    let run = executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!(run.status(), RunStatus::Succeeded);
    let left = *store.left.lock().unwrap();
    (ENOUGH - left, memory.events(run.id()).await.unwrap().len())
}

#[tokio::test(start_paused = true)]
async fn what_calls_nobody_is_written_in_one_with_what_it_follows_from() {
    let steps = "  - { id: mark, action: world.mark, with: { target: a } }\n  - { id: one, set: { a: 1 } }\n  - { id: two, set: { b: 2 } }\n";
    let script = Script { sends: std::iter::once(Outcome::Done(json!({}))).collect(), ..Script::default() };
    // The intent, then everything else.
    assert_eq!(writes(steps, script).await, (2, 6));
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_calls_nobody_is_not_one_write_from_its_beginning_to_its_end() {
    let items: Vec<String> = (0..200).map(|item| item.to_string()).collect();
    let steps = format!(
        "  - id: all\n    for_each: '[{}]'\n    as: item\n    steps:\n      - {{ id: note, set: {{ it: 1 }} }}\n",
        items.join(",")
    );
    // Two for each item, one for the loop's beginning and end each, one for the run's; 64 at once.
    assert_eq!(writes(&steps, Script::default()).await, (7, 404));
}
