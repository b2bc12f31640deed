//! A scripted connector in paused time: nothing sleeps, and hours pass in a moment.

use async_trait::async_trait;
use riposte_engine::{
    CallIntended, Clock, Connector, Durable, Event, Note, Observer, Outcome, Run, Sighting, Standing, Store,
    Trigger,
};
use riposte_executor::{Connection, Connections, Executor, Library, NewRun, Pace};
use riposte_model::{ActionName, ErrorKind, Failure, RunId, StepPath, Timestamp};
use riposte_playbook::{Playbook, load, load_all};
use riposte_simulation::{MemoryStore, catalogue};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Time as the paused runtime has it.
pub(crate) struct PausedClock {
    pub(crate) start: Instant,
}

const EPOCH: i64 = 1_800_000_000_000;

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(EPOCH).saturating_add(self.start.elapsed())
    }

    async fn sleep_until(&self, at: Timestamp) {
        // The far end of time cannot be slept until; a year is as good.
        let longest = Duration::from_secs(365 * 24 * 3600);
        tokio::time::sleep(at.since(self.now()).min(longest)).await;
    }
}

/// Answers from a script, and remembers what it was asked.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) calls: Queue<Outcome>,
    pub(crate) sends: Queue<Outcome>,
    pub(crate) sightings: Queue<Result<Sighting, Failure>>,
    pub(crate) standings: Queue<Result<Standing, Failure>>,
    pub(crate) heard: Mutex<Vec<String>>,
    /// When set, a send waits for it before it answers.
    pub(crate) gate: Option<Arc<Notify>>,
}

impl Script {
    fn hear(&self, what: String) {
        self.heard.lock().unwrap().push(what);
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// What is answered, in order.
pub(crate) struct Queue<T>(Mutex<VecDeque<T>>);

impl<T> Queue<T> {
    fn next(&self, what: &str) -> T {
        self.0.lock().unwrap().pop_front().unwrap_or_else(|| panic!("the script has no more {what}"))
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Queue(Mutex::default())
    }
}

impl<T, const N: usize> From<[T; N]> for Queue<T> {
    fn from(answers: [T; N]) -> Self {
        Queue(Mutex::new(answers.into()))
    }
}

impl<T> FromIterator<T> for Queue<T> {
    fn from_iter<I: IntoIterator<Item = T>>(answers: I) -> Self {
        Queue(Mutex::new(answers.into_iter().collect()))
    }
}

#[async_trait]
impl Connector for Script {
    async fn call(&self, action: &ActionName, _: &Map<String, Value>, _: Duration) -> Outcome {
        self.hear(format!("call {action}"));
        self.calls.next("calls")
    }

    async fn send(&self, call: Durable<CallIntended>, _: Duration) -> Outcome {
        self.hear(format!("send {} #{}", call.step, call.attempt));
        if let Some(gate) = &self.gate {
            gate.notified().await;
        }
        self.sends.next("sends")
    }

    async fn find(&self, call: &CallIntended, _: Timestamp, _: Duration) -> Result<Sighting, Failure> {
        self.hear(format!("find {} #{}", call.step, call.attempt));
        self.sightings.next("sightings")
    }

    async fn standings(&self, ids: &[String], _: Duration) -> Result<Vec<(String, Standing)>, Failure> {
        self.hear(format!("standings {}", ids.join(",")));
        self.standings
            .next("standings")
            .map(|standing| ids.iter().map(|id| (id.clone(), standing.clone())).collect())
    }
}

pub(crate) struct Quiet;

impl Observer for Quiet {
    fn recorded(&self, _: &Run, _: &Event) {}
    fn noted(&self, _: RunId, _: &StepPath, _: &Note) {}
}

pub(crate) struct Stage {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) script: Arc<Script>,
    pub(crate) executor: Executor,
    pub(crate) clock: Arc<PausedClock>,
}

pub(crate) fn stage(script: Script) -> Stage {
    stage_with(script, &[])
}

/// A stage on which these playbooks can be called.
pub(crate) fn stage_with(script: Script, callable: &[&str]) -> Stage {
    let store = Arc::new(MemoryStore::default());
    let script = Arc::new(script);
    let clock = Arc::new(PausedClock { start: Instant::now() });
    let connection = Connection {
        description: "a script".into(),
        connector: script.clone(),
        visibility_delay: Duration::from_secs(60),
        pace: Pace { shortest: Duration::from_secs(2), longest: Duration::from_secs(60) },
    };
    let connections = Connections::new().with("world", connection);
    let files =
        callable.iter().enumerate().map(|(number, source)| (format!("{number}.yaml"), (*source).to_owned()));
    let loaded = load_all(files.collect(), &catalogue()).into_iter().map(|loaded| {
        let report = loaded.report;
        loaded.playbook.unwrap_or_else(|| panic!("{}", report.render(riposte_playbook::Style::Plain)))
    });
    let library = Library { playbooks: loaded.collect(), catalogue: catalogue() };
    let executor = Executor::new(store.clone(), clock.clone(), Arc::new(Quiet), connections, library);
    Stage { store, script, executor, clock }
}

pub(crate) fn playbook(steps: &str) -> Arc<Playbook> {
    let source = format!("name: staged\nsteps:\n{steps}");
    let loaded = load("staged.yaml", &source, &catalogue());
    let report = loaded.report;
    loaded.playbook.unwrap_or_else(|| panic!("{}", report.render(riposte_playbook::Style::Plain)))
}

pub(crate) fn new_run(steps: &str) -> NewRun {
    let trigger = Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null };
    NewRun { playbook: playbook(steps), inputs: Map::new(), trigger }
}

impl Stage {
    pub(crate) async fn play(&self, steps: &str) -> (Run, Vec<String>) {
        let run = self.executor.begin(new_run(steps)).await.unwrap();
        let run = self.executor.drive(run, CancellationToken::new()).await.unwrap();
        let kinds = self.kinds(run.id()).await;
        (run, kinds)
    }

    pub(crate) async fn kinds(&self, run: RunId) -> Vec<String> {
        self.store.events(run).await.unwrap().iter().map(|event| event.body.kind().to_owned()).collect()
    }

    pub(crate) fn elapsed(&self) -> u64 {
        self.clock.start.elapsed().as_secs()
    }
}

pub(crate) fn failure(kind: ErrorKind) -> Failure {
    Failure::new(kind, "scripted")
}

pub(crate) fn accepted() -> Outcome {
    Outcome::Accepted { provider_id: "p1".into(), output: json!({}) }
}

pub(crate) const STRIKE: &str =
    "  - { id: strike, action: world.strike, retry: { attempts: 3, initial: 2s, jitter: none } }\n";
