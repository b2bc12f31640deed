//! The host: many runs, in memory and out of it, through restarts.

mod ahead;
mod busy;
mod full;
mod jumps;
mod orders;
mod parking;
mod queues;

use crate::stage::{PausedClock, read, together};
use async_trait::async_trait;
use riposte_engine::{
    Begun, CallIntended, Connector, Delivery, Durable, Event, Marker, Note, Observer, Outcome, Run,
    RunStarted, RunStatus, Sighting, Standing, Store, Trigger, Turn, Withdrawal,
};
use riposte_executor::{Connection, Connections, Executor, Host, HostError, Library, NewRun, Pace};
use riposte_model::{ActionName, ErrorKind, Failure, PlaybookName, RunId, StepPath, Timestamp};
use riposte_playbook::Playbook;
use riposte_simulation::{MemoryStore, catalogue};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// A provider that works on everything for a while, and remembers what it was asked.
pub(crate) struct Provider {
    clock: Arc<PausedClock>,
    /// How long it works on what it has accepted.
    takes: Duration,
    /// How long every answer takes.
    answers_after: Duration,
    /// How it serves at the moment.
    pub(crate) service: Mutex<Service>,
    /// Whether scans have their turn under its limits.
    pub(crate) has_room: watch::Sender<bool>,
    seen: Mutex<Seen>,
}

/// How a provider serves.
#[derive(Clone, Copy, Default)]
pub(crate) enum Service {
    /// As it should.
    #[default]
    Well,
    /// What it has accepted can be found only after so long.
    Late(Duration),
    /// Calls do not arrive, and nobody is told.
    Deaf,
    /// Calls are refused for now.
    Unavailable,
}

#[derive(Default)]
struct Seen {
    /// What it works on, or has: the marker of the call, the target, and when it is over.
    actions: Vec<(Marker, String, Timestamp)>,
    /// When each of them came.
    came: Vec<Timestamp>,
    /// Since when it was last asked to look for a call.
    asked_since: Option<Timestamp>,
    /// Actions that were begun on a target while another one was under way there.
    overlaps: usize,
    looks: Vec<(String, Timestamp)>,
    questions: usize,
}

impl Provider {
    pub(crate) fn sends(&self) -> usize {
        self.seen.lock().unwrap().actions.len()
    }

    /// What was begun on which target, in this order.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.seen.lock().unwrap().actions.iter().map(|(_, target, _)| target.clone()).collect()
    }

    pub(crate) fn overlaps(&self) -> usize {
        self.seen.lock().unwrap().overlaps
    }

    /// Since when it was last asked to look for a call.
    pub(crate) fn asked_since(&self) -> Timestamp {
        self.seen.lock().unwrap().asked_since.unwrap()
    }

    pub(crate) fn serve(&self, service: Service) {
        *self.service.lock().unwrap() = service;
    }

    pub(crate) fn questions(&self) -> usize {
        self.seen.lock().unwrap().questions
    }

    /// When something was looked at, in seconds.
    pub(crate) fn looked_at(&self, target: &str) -> Vec<u64> {
        let seen = self.seen.lock().unwrap();
        let looks = seen.looks.iter().filter(|(looked, _)| looked == target);
        looks.map(|(_, at)| at.since(Timestamp::from_millis(1_800_000_000_000)).as_secs()).collect()
    }
}

fn target(arguments: &Map<String, Value>) -> String {
    arguments.get("target").and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[async_trait]
impl Connector for Provider {
    async fn turn(&self, action: &ActionName, _: &PlaybookName) -> Turn {
        if action.as_str() == "world.scan" {
            let _ = self.has_room.subscribe().wait_for(|has_room| *has_room).await;
        }
        Turn::free()
    }

    async fn call(&self, _: &ActionName, arguments: &Map<String, Value>, _: Turn, _: Duration) -> Outcome {
        tokio::time::sleep(self.answers_after).await;
        self.seen.lock().unwrap().looks.push((target(arguments), self.clock.truth()));
        Outcome::Done(json!({}))
    }

    async fn send(&self, call: Durable<CallIntended>, _: Turn, _: Duration) -> Outcome {
        match *self.service.lock().unwrap() {
            Service::Well | Service::Late(_) => {}
            Service::Deaf => return Outcome::Unknown(Failure::new(ErrorKind::Unavailable, "no answer")),
            Service::Unavailable => {
                return Outcome::Failed(Failure::new(ErrorKind::Unavailable, "come again"));
            }
        }
        let provider_id = {
            let (mut seen, now) = (self.seen.lock().unwrap(), self.clock.truth());
            let target = target(&call.arguments);
            let busy = seen.actions.iter().any(|(_, other, until)| *other == target && *until > now);
            seen.overlaps += usize::from(busy);
            seen.came.push(now);
            seen.actions.push((call.marker.clone(), target, now.saturating_add(self.takes)));
            (seen.actions.len() - 1).to_string()
        };
        tokio::time::sleep(self.answers_after).await;
        Outcome::Accepted { provider_id, output: json!({}) }
    }

    async fn find(&self, call: &CallIntended, since: Timestamp, _: Duration) -> Result<Sighting, Failure> {
        let mut seen = self.seen.lock().unwrap();
        seen.asked_since = Some(since);
        let late = match *self.service.lock().unwrap() {
            Service::Late(late) => late,
            Service::Well | Service::Deaf | Service::Unavailable => Duration::ZERO,
        };
        let is_listed = |at: &usize| seen.came[*at].saturating_add(late) <= self.clock.truth();
        let at = seen.actions.iter().position(|(marker, ..)| *marker == call.marker).filter(is_listed);
        Ok(match at {
            Some(at) => {
                Sighting::Found { provider_id: at.to_string(), output: json!({}), evidence: "seen".into() }
            }
            None => Sighting::NotSeen { evidence: "not seen".into() },
        })
    }

    async fn standings(&self, ids: &[String], _: Duration) -> Result<Vec<(String, Standing)>, Failure> {
        let mut seen = self.seen.lock().unwrap();
        seen.questions += 1;
        let standing = |id: &String| {
            let (_, _, until) = seen.actions[id.parse::<usize>().unwrap()];
            if self.clock.truth() < until {
                Standing::Open { status: "InProgress".into() }
            } else {
                Standing::Succeeded(json!({}))
            }
        };
        Ok(ids.iter().map(|id| (id.clone(), standing(id))).collect())
    }

    async fn withdraw(&self, id: &str, _: &Marker, _: &str, _: Duration) -> Withdrawal {
        self.seen.lock().unwrap().actions[id.parse::<usize>().unwrap()].2 = self.clock.truth();
        Withdrawal::Ended(Standing::Failed(Failure::new(ErrorKind::Cancelled, "taken back")))
    }
}

/// Hears what happens in runs.
pub(crate) struct Listener {
    provider: Arc<Provider>,
    /// What, and how many calls had come to the provider by then.
    heard: Mutex<Vec<(RunId, &'static str, usize)>>,
}

impl Listener {
    fn hear(&self, run: RunId, kind: &'static str) {
        self.heard.lock().unwrap().push((run, kind, self.provider.sends()));
    }

    /// What was heard of a run, in this order.
    pub(crate) fn heard(&self, run: RunId) -> Vec<&'static str> {
        self.heard.lock().unwrap().iter().filter(|heard| heard.0 == run).map(|heard| heard.1).collect()
    }

    /// How many calls had come to the provider when a run was said to have begun.
    pub(crate) fn sends_by_its_beginning(&self, run: RunId) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().find(|heard| (heard.0, heard.1) == (run, "run_started")).unwrap().2
    }
}

impl Observer for Listener {
    fn begun(&self, run: RunId, _: &RunStarted, _: Timestamp) {
        self.hear(run, "run_started");
    }

    fn recorded(&self, run: &Run, event: &Event) {
        self.hear(run.id(), event.body.kind());
    }

    fn noted(&self, _: RunId, _: &StepPath, _: &Note) {}
}

/// A host in paused time, which may crash.
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<PausedClock>,
    pub(crate) provider: Arc<Provider>,
    pub(crate) listener: Arc<Listener>,
    pub(crate) host: Host,
    callable: Vec<Arc<Playbook>>,
}

impl World {
    pub(crate) async fn new(takes: Duration) -> World {
        World::with(takes, Duration::ZERO, &[]).await
    }

    pub(crate) async fn with(takes: Duration, answers_after: Duration, callable: &[&str]) -> World {
        let clock = Arc::new(PausedClock::new());
        let (service, seen) = (Mutex::default(), Mutex::default());
        let (clock_too, has_room) = (clock.clone(), watch::Sender::new(true));
        let provider = Provider { clock: clock_too, takes, answers_after, service, has_room, seen };
        let (store, provider) = (Arc::new(MemoryStore::default()), Arc::new(provider));
        let listener = Arc::new(Listener { provider: provider.clone(), heard: Mutex::default() });
        let callable = together(callable);
        let host = host(&store, &clock, &listener, callable.clone()).await;
        World { store, clock, provider, listener, host, callable }
    }

    /// What the next process finds after this one has died.
    pub(crate) async fn crash(&mut self) {
        self.host.crash();
        // What was dropped is gone once its tasks have been.
        self.pass(Duration::ZERO).await;
        self.host = host(&self.store, &self.clock, &self.listener, self.callable.clone()).await;
    }

    /// Lets time pass.
    pub(crate) async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
        // Whatever is due at this very moment is done.
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn begin(&self, source: &str, inputs: Value) -> RunId {
        self.host.begin(vec![(new(source, inputs), None)]).await.unwrap()[0].0
    }

    pub(crate) async fn deliver(&self, source: &str, key: &str) -> Result<(RunId, Begun), HostError> {
        let delivery = Delivery { source: "hook".into(), key: key.into(), since: Timestamp::from_millis(0) };
        Ok(self.host.begin(vec![(new(source, json!({})), Some(delivery))]).await?[0])
    }

    pub(crate) async fn status(&self, run: RunId) -> RunStatus {
        self.store.runs(u32::MAX).await.unwrap().into_iter().find(|one| one.id == run).unwrap().status
    }

    pub(crate) async fn kinds(&self, run: RunId) -> Vec<&'static str> {
        self.store.events(run).await.unwrap().iter().map(|event| event.body.kind()).collect()
    }

    /// How many runs have each status.
    pub(crate) async fn statuses(&self) -> HashMap<&'static str, usize> {
        let mut count = HashMap::new();
        for run in self.store.runs(u32::MAX).await.unwrap() {
            *count.entry(run.status.as_str()).or_default() += 1;
        }
        count
    }
}

fn new(source: &str, inputs: Value) -> NewRun {
    let playbook = read(source);
    let Value::Object(inputs) = inputs else { panic!("inputs are an object") };
    let inputs = playbook.inputs.accept(inputs).unwrap();
    NewRun {
        playbook,
        inputs,
        trigger: Trigger { kind: "webhook".into(), name: "test".into(), body: Value::Null.into() },
    }
}

async fn host(
    store: &Arc<MemoryStore>,
    clock: &Arc<PausedClock>,
    listener: &Arc<Listener>,
    callable: Vec<Arc<Playbook>>,
) -> Host {
    let connection = Connection {
        description: "a provider".into(),
        connector: listener.provider.clone(),
        visibility_delay: Duration::from_secs(60),
        pace: Pace { shortest: Duration::from_secs(2), longest: Duration::from_secs(60) },
    };
    let connections = Connections::new().with("world", connection);
    let library = Library { playbooks: callable, catalogue: catalogue() };
    let executor = Executor::new(store.clone(), clock.clone(), listener.clone(), connections, library);
    Host::start(executor, store.clone()).await.unwrap()
}

/// Strikes a target, then is done.
pub(crate) const STRIKE: &str = "
name: strike
inputs: { target: { type: string, default: d0 } }
steps: [{ id: strike, action: world.strike, with: { target: '${{ inputs.target }}' }, timeout: 2d }]
";

/// Waits for an hour.
pub(crate) const REST: &str = "name: rest\nsteps: [{ id: rest, wait: 1h }]\n";

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
