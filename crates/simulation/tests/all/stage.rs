//! A scripted connector in paused time: nothing sleeps, and hours pass in a moment.

use async_trait::async_trait;
use riposte_engine::{
    CallIntended, Clock, Connector, Durable, Event, Marker, Note, Observer, Outcome, Run, RunStarted,
    Sighting, Standing, Store, Trigger, Turn, Withdrawal,
};
use riposte_executor::{Connection, Connections, Executor, Library, NewRun, Pace};
use riposte_model::{ActionName, ErrorKind, Failure, PlaybookName, RunId, StepPath, Timestamp};
use riposte_playbook::{Loaded, Playbook, load, load_all};
use riposte_simulation::{MemoryStore, catalogue};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Time as the paused runtime has it, on a wall clock that can be set.
pub(crate) struct PausedClock {
    pub(crate) start: Instant,
    /// By how many milliseconds it has been set.
    off: watch::Sender<i64>,
}

const EPOCH: i64 = 1_800_000_000_000;

impl PausedClock {
    pub(crate) fn new() -> Self {
        PausedClock { start: Instant::now(), off: watch::Sender::new(0) }
    }

    /// Sets the clock, forward or back, by so many seconds. Nobody else's time changes by that.
    pub(crate) fn set(&self, seconds: i64) {
        self.off.send_modify(|off| *off += seconds * 1000);
    }

    /// What time it really is.
    pub(crate) fn truth(&self) -> Timestamp {
        Timestamp::from_millis(EPOCH).saturating_add(self.start.elapsed())
    }
}

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.truth().as_millis() + *self.off.borrow())
    }

    async fn sleep_until(&self, at: Timestamp) {
        // The far end of time cannot be slept until; a year is as good.
        let longest = Duration::from_secs(365 * 24 * 3600);
        let mut off = self.off.subscribe();
        loop {
            tokio::select! {
                biased;
                () = tokio::time::sleep(at.since(self.now()).min(longest)) => return,
                // The sender is this clock's.
                _ = off.changed() => {}
            }
        }
    }
}

/// Answers from a script, and remembers what it was asked.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) calls: Queue<Outcome>,
    pub(crate) sends: Queue<Outcome>,
    pub(crate) sightings: Queue<Result<Sighting, Failure>>,
    pub(crate) standings: Queue<Result<Standing, Failure>>,
    pub(crate) withdrawals: Queue<Withdrawal>,
    pub(crate) heard: Mutex<Vec<String>>,
    /// The arguments of each call, in order.
    pub(crate) arguments: Mutex<Vec<Value>>,
    /// What each call may take, in order.
    pub(crate) budgets: Mutex<Vec<Duration>>,
    /// When set, a send waits for it before it answers.
    pub(crate) gate: Option<Arc<Notify>>,
    /// When set, a call's turn comes with it.
    pub(crate) turns: Option<Arc<Notify>>,
    /// How long each call takes.
    pub(crate) takes: Duration,
    /// How long the first calls take, one after another.
    pub(crate) takes_first: Mutex<VecDeque<Duration>>,
    /// Calls under way, and the most that ever were.
    pub(crate) under_way: Mutex<(usize, usize)>,
}

impl Script {
    fn hear(&self, what: String) {
        self.heard.lock().unwrap().push(what);
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn arguments(&self) -> Vec<Value> {
        self.arguments.lock().unwrap().clone()
    }

    /// The most calls that were ever under way at once.
    pub(crate) fn most_under_way(&self) -> usize {
        self.under_way.lock().unwrap().1
    }

    async fn carry_out(&self, arguments: &Map<String, Value>) {
        self.arguments.lock().unwrap().push(Value::Object(arguments.clone()));
        {
            let mut under_way = self.under_way.lock().unwrap();
            under_way.0 += 1;
            under_way.1 = under_way.1.max(under_way.0);
        }
        let takes = self.takes_first.lock().unwrap().pop_front().unwrap_or(self.takes);
        if !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
        self.under_way.lock().unwrap().0 -= 1;
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
    async fn turn(&self, action: &ActionName, _: &PlaybookName) -> Turn {
        if let Some(turns) = &self.turns {
            self.hear(format!("turn {action}"));
            turns.notified().await;
        }
        Turn::free()
    }

    async fn call(
        &self,
        action: &ActionName,
        arguments: &Map<String, Value>,
        _: Turn,
        budget: Duration,
    ) -> Outcome {
        self.hear(format!("call {action}"));
        self.budgets.lock().unwrap().push(budget);
        self.carry_out(arguments).await;
        self.calls.next("calls")
    }

    async fn send(&self, call: Durable<CallIntended>, _: Turn, _: Duration) -> Outcome {
        self.hear(format!("send {} #{}", call.step, call.attempt));
        self.carry_out(&call.arguments).await;
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

    async fn withdraw(&self, id: &str, marker: &Marker, reason: &str, _: Duration) -> Withdrawal {
        let call = marker.as_str().trim_end_matches(']').split(' ').skip(2).collect::<Vec<_>>().join(" ");
        self.hear(format!("withdraw {id} of {call}: {reason}"));
        self.carry_out(&Map::new()).await;
        self.withdrawals.next("withdrawals")
    }
}

pub(crate) struct Quiet;

impl Observer for Quiet {
    fn begun(&self, _: RunId, _: &RunStarted, _: Timestamp) {}
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
    set_up(script, together(callable), true)
}

/// The same, with playbooks that were read one by one.
pub(crate) fn stage_alone(script: Script, callable: &[&str]) -> Stage {
    set_up(script, callable.iter().map(|source| read(source)).collect(), true)
}

/// A stage that is connected to nothing.
pub(crate) fn without_connections(callable: &[&str]) -> Stage {
    set_up(Script::default(), together(callable), false)
}

fn set_up(script: Script, callable: Vec<Arc<Playbook>>, connected: bool) -> Stage {
    let (store, clock) = (Arc::new(MemoryStore::default()), Arc::new(PausedClock::new()));
    let script = Arc::new(script);
    let connections = if connected { connected_to(script.clone()) } else { Connections::new() };
    let executor = executor(store.clone(), clock.clone(), connections, callable);
    Stage { store, script, executor, clock }
}

pub(crate) fn executor(
    store: Arc<dyn Store>,
    clock: Arc<PausedClock>,
    connections: Connections,
    playbooks: Vec<Arc<Playbook>>,
) -> Executor {
    Executor::new(store, clock, Arc::new(Quiet), connections, Library { playbooks, catalogue: catalogue() })
}

pub(crate) fn connected_to(script: Arc<Script>) -> Connections {
    let connection = Connection {
        description: "a script".into(),
        connector: script,
        visibility_delay: Duration::from_secs(60),
        pace: Pace { shortest: Duration::from_secs(2), longest: Duration::from_secs(60) },
    };
    Connections::new().with("world", connection)
}

/// Playbooks that were read together.
pub(crate) fn together(sources: &[&str]) -> Vec<Arc<Playbook>> {
    let files =
        sources.iter().enumerate().map(|(number, source)| (format!("{number}.yaml"), (*source).to_owned()));
    load_all(files.collect(), &catalogue()).into_iter().map(expect_playbook).collect()
}

fn expect_playbook(loaded: Loaded) -> Arc<Playbook> {
    let report = loaded.report;
    loaded.playbook.unwrap_or_else(|| panic!("{}", report.render(riposte_playbook::Style::Plain)))
}

pub(crate) fn playbook(steps: &str) -> Arc<Playbook> {
    read(&format!("name: staged\nsteps:\n{steps}"))
}

/// A whole file.
pub(crate) fn read(source: &str) -> Arc<Playbook> {
    expect_playbook(load("staged.yaml", source, &catalogue()))
}

pub(crate) fn new_run(steps: &str) -> NewRun {
    start(playbook(steps), &json!({}), Value::Null)
}

/// A run of a playbook, with inputs as they were given.
pub(crate) fn start(playbook: Arc<Playbook>, inputs: &Value, body: Value) -> NewRun {
    let inputs = playbook.inputs.accept(inputs.as_object().unwrap().clone()).unwrap();
    NewRun {
        playbook,
        inputs,
        trigger: Trigger { kind: "manual".into(), name: "test".into(), body: body.into() },
    }
}

impl Stage {
    pub(crate) async fn play(&self, steps: &str) -> (Run, Vec<String>) {
        self.start(new_run(steps)).await
    }

    /// Plays a whole file.
    pub(crate) async fn perform(&self, source: &str) -> Run {
        self.start(start(read(source), &json!({}), Value::Null)).await.0
    }

    pub(crate) async fn start(&self, new: NewRun) -> (Run, Vec<String>) {
        let run = self.executor.begin(new).await.unwrap();
        let run = self.executor.drive(run, CancellationToken::new()).await.unwrap();
        let kinds = self.kinds(run.id()).await;
        (run, kinds)
    }

    /// What a process that died leaves to the next one: the store, the world and the time.
    pub(crate) fn after_a_crash(&self, callable: &[&str]) -> Stage {
        let (store, clock, script) = (self.store.clone(), self.clock.clone(), self.script.clone());
        let connections = connected_to(script.clone());
        let executor = executor(store.clone(), clock.clone(), connections, together(callable));
        Stage { store, script, executor, clock }
    }

    /// Drives a run until `until` has passed, and then dies.
    pub(crate) async fn drive_and_die(&self, run: Run, until: Duration) {
        let drive = self.executor.drive(run, CancellationToken::new());
        tokio::time::timeout(until, drive).await.expect_err("the run was over before the crash");
    }

    /// A run as the store has it.
    pub(crate) async fn recorded(&self, playbook: &Arc<Playbook>, id: RunId) -> Run {
        Run::replay(id, playbook.clone(), &self.store.events(id).await.unwrap()).unwrap()
    }

    /// Drives a run, and cancels it when `after` has passed.
    pub(crate) async fn drive_and_cancel(&self, run: Run, after: Duration) -> Run {
        let cancel = CancellationToken::new();
        let drive = self.executor.drive(run, cancel.clone());
        let cancelling = async {
            tokio::time::sleep(after).await;
            cancel.cancel();
        };
        tokio::join!(drive, cancelling).0.unwrap()
    }

    pub(crate) async fn kinds(&self, run: RunId) -> Vec<String> {
        self.store.events(run).await.unwrap().iter().map(|event| event.body.kind().to_owned()).collect()
    }

    pub(crate) fn elapsed(&self) -> u64 {
        self.clock.start.elapsed().as_secs()
    }
}

/// An action that ended well at the provider.
pub(crate) fn done() -> Result<Standing, Failure> {
    Ok(Standing::Succeeded(json!({})))
}

/// What a step left, as later ones read it.
pub(crate) fn left(run: &Run, step: &str) -> Value {
    run.values()[1].1[step].clone()
}

/// Why a run failed.
pub(crate) fn reason(run: &Run) -> Failure {
    run.finished().unwrap().failure.clone().unwrap()
}

pub(crate) fn failure(kind: ErrorKind) -> Failure {
    Failure::new(kind, "scripted")
}

pub(crate) fn accepted() -> Outcome {
    Outcome::Accepted { provider_id: "p1".into(), output: json!({}) }
}

pub(crate) const STRIKE: &str =
    "  - { id: strike, action: world.strike, retry: { attempts: 3, initial: 2s, jitter: none } }\n";
