//! A daemon's schedules in paused time.

use async_trait::async_trait;
use riposte_engine::{Clock, Event, EventBody, HostStore, Note, Observer, Run, RunStarted, Store};
use riposte_executor::{Connections, Executor, Host, Library};
use riposte_model::{RunId, StepPath, Timestamp};
use riposte_playbook::{Playbook, load};
use riposte_server::schedule::Scheduler;
use riposte_simulation::{MemoryStore, catalogue};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

/// Time as the paused runtime has it, and as somebody sets it.
pub(crate) struct SetClock {
    begin: Instant,
    millis: AtomicI64,
}

impl SetClock {
    pub(crate) fn step(&self, hours: i64) {
        self.millis.fetch_add(hours * 3_600_000, Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst)).saturating_add(self.begin.elapsed())
    }

    async fn sleep_until(&self, at: Timestamp) {
        while self.now() < at {
            tokio::time::sleep(at.since(self.now()).min(30 * SECOND)).await;
        }
    }
}

pub(crate) struct Quiet;

impl Observer for Quiet {
    fn begun(&self, _: RunId, _: &RunStarted, _: Timestamp) {}
    fn recorded(&self, _: &Run, _: &Event) {}
    fn noted(&self, _: RunId, _: &StepPath, _: &Note) {}
}

/// A daemon, as far as schedules need one.
pub(crate) struct Daemon {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) host: Host,
    pub(crate) scheduler: Option<Scheduler>,
    playbooks: Vec<Arc<Playbook>>,
}

impl Daemon {
    pub(crate) async fn new(begin: &str, playbooks: &[&str]) -> Daemon {
        let millis = Timestamp::try_from(begin.to_owned()).unwrap().as_millis();
        let clock = Arc::new(SetClock { begin: Instant::now(), millis: AtomicI64::new(millis) });
        let store = Arc::new(MemoryStore::default());
        let playbooks = read(playbooks);
        let host = host(store.clone(), clock.clone(), Connections::new(), Arc::new(Quiet)).await;
        let mut daemon = Daemon { store, clock, host, scheduler: None, playbooks };
        daemon.schedule().await;
        daemon
    }

    async fn schedule(&mut self) {
        let (host, store, clock) = (self.host.clone(), self.store.clone(), self.clock.clone());
        self.scheduler = Some(Scheduler::start(host, store, clock, self.playbooks.clone()).await.unwrap());
        self.pass(Duration::ZERO).await;
    }

    /// Ends as a crash would.
    pub(crate) async fn die(&mut self) {
        self.scheduler = None;
        self.host.crash();
        self.pass(Duration::ZERO).await;
    }

    /// The next process begins.
    pub(crate) async fn live(&mut self) {
        self.host = host(self.store.clone(), self.clock.clone(), Connections::new(), Arc::new(Quiet)).await;
        self.schedule().await;
    }

    pub(crate) async fn reload(&mut self, playbooks: &[&str]) {
        self.playbooks = read(playbooks);
        self.scheduler.as_ref().unwrap().replace(self.playbooks.clone());
        self.pass(Duration::ZERO).await;
    }

    /// Lets time pass, and has done what is due then.
    pub(crate) async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
    }

    /// How long it has been since the beginning.
    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.begin.elapsed()
    }

    /// The planned times of all runs, in the order in which they began.
    pub(crate) async fn planned(&self) -> Vec<String> {
        planned(&*self.store).await.into_iter().map(|(planned, _)| planned).collect()
    }

    /// The same, each with when it began.
    pub(crate) async fn begun(&self) -> Vec<(String, String)> {
        let begun = planned(&*self.store).await.into_iter();
        begun.map(|(planned, at)| (planned, at.to_string()[11..19].to_owned())).collect()
    }
}

/// The planned times of all runs, each with when it began.
pub(crate) async fn planned(store: &dyn Store) -> Vec<(String, Timestamp)> {
    let mut all = Vec::new();
    for run in store.runs(u32::MAX).await.unwrap().into_iter().rev() {
        let first = store.events(run.id).await.unwrap().remove(0);
        let EventBody::RunStarted(started) = first.body else { panic!("a run begins with its start") };
        assert_eq!(started.trigger.kind, "schedule");
        let planned = started.trigger.body["planned"].as_str().unwrap().to_owned();
        all.push((planned.replace("+00:00", "Z").replace("2026-", ""), first.at));
    }
    all
}

pub(crate) async fn host(
    store: Arc<impl HostStore + 'static>,
    clock: Arc<dyn Clock>,
    connections: Connections,
    observer: Arc<dyn Observer>,
) -> Host {
    let library = Library { playbooks: Vec::new(), catalogue: catalogue() };
    let executor = Executor::new(store.clone(), clock, observer, connections, library);
    Host::start(executor, store).await.unwrap()
}

pub(crate) fn read(sources: &[&str]) -> Vec<Arc<Playbook>> {
    let read = |source: &&str| {
        let loaded = load("a.yaml", source, &catalogue());
        loaded.playbook.unwrap_or_else(|| panic!("{source}"))
    };
    sources.iter().map(read).collect()
}

/// A playbook that is over at once.
pub(crate) fn quick(schedule: &str) -> String {
    format!("name: quick\ntriggers:\n  - {{ {schedule} }}\nsteps:\n  - stop: done\n")
}

/// A playbook that takes its time.
pub(crate) fn slow(takes: &str, schedule: &str) -> String {
    format!("name: slow\ntriggers:\n  - {{ {schedule} }}\nsteps:\n  - {{ id: rest, wait: {takes} }}\n")
}
