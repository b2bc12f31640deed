//! Drives one run from event to event.

use crate::connections::{Connection, Connections};
use crate::poller::Poller;
use crate::work::{self, Doubt, Report, Scene};
use riposte_engine::{
    Call, Clock, Command, EventBody, Ledger, Note, Observer, Outcome, RecordError, Run, RunStarted, Standing,
    Store, Trigger,
};
use riposte_model::{Effect, ErrorKind, Failure, RunId, StepPath, Timestamp};
use riposte_playbook::Playbook;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// Longest wait for the answer to one call.
const ANSWER_BUDGET: Duration = Duration::from_secs(60);

/// Starts and drives runs.
pub struct Executor {
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
    connections: BTreeMap<String, Served>,
    /// The pollers; they end with the executor.
    _pollers: JoinSet<()>,
}

/// A connection and its poller.
struct Served {
    connection: Connection,
    poller: Poller,
}

/// What a run starts from.
pub struct NewRun {
    /// The playbook, in the version the run will keep.
    pub playbook: Arc<Playbook>,
    /// Its inputs, accepted by [`riposte_playbook::Inputs::accept`].
    pub inputs: Map<String, Value>,
    /// What starts it.
    pub trigger: Trigger,
}

/// Why a run was left before its end. It can be taken up again from the journal.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The journal did not keep an event; nothing was done that is not in it.
    #[error("run {run} was left unfinished, because an event could not be recorded")]
    Record {
        /// Which run.
        run: RunId,
        /// Why.
        source: RecordError,
    },
    /// A task panicked: a bug of ours.
    #[error("run {run} was left unfinished: the work on step `{step}` panicked, which is a bug in riposte")]
    Panicked {
        /// Which run.
        run: RunId,
        /// Which step.
        step: StepPath,
    },
}

impl Executor {
    /// Over these ports. Must be called within a tokio runtime.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
        connections: Connections,
    ) -> Self {
        let mut pollers = JoinSet::new();
        let connections = connections
            .into_iter()
            .map(|(name, connection)| {
                let (poller, work) =
                    Poller::new(connection.connector.clone(), clock.clone(), connection.pace);
                pollers.spawn(work);
                (name, Served { connection, poller })
            })
            .collect();
        Executor {
            ledger: Ledger::new(store, clock.clone()),
            clock,
            observer,
            connections,
            _pollers: pollers,
        }
    }

    /// Records the start of a run under an id that sorts by time.
    pub async fn begin(&self, new: NewRun) -> Result<Run, RecordError> {
        let millis = u64::try_from(self.clock.now().as_millis()).unwrap_or(0);
        let time = uuid::Timestamp::from_unix(uuid::NoContext, millis / 1000, nanos(millis));
        let id = RunId::from_uuid(uuid::Uuid::new_v7(time));
        let started = RunStarted {
            playbook: new.playbook.name.clone(),
            source: new.playbook.hash.clone(),
            inputs: new.inputs,
            trigger: new.trigger,
        };
        self.ledger.begin(id, new.playbook, started).await
    }

    /// Drives a run to its end. Cancelling the token ends it as cancelled, at the next point that can be recorded.
    pub async fn drive(&self, run: Run, cancel: CancellationToken) -> Result<Run, DriveError> {
        let id = run.id();
        let mut driver = Driver { executor: self, run, tasks: JoinSet::new(), busy: HashMap::new() };
        driver.drive(cancel).await.map_err(|stop| match stop {
            Stop::Record(source) => DriveError::Record { run: id, source },
            Stop::Panicked(step) => DriveError::Panicked { run: id, step },
        })?;
        Ok(driver.run)
    }
}

fn nanos(millis: u64) -> u32 {
    u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000
}

/// A playbook is checked against the catalogue, not against the connections that are configured.
fn no_connection(name: &str) -> Failure {
    Failure::new(
        ErrorKind::Refused,
        format!("no connection is called `{name}`: configure one under `connections`"),
    )
}

/// The one owner of a run while it is driven.
struct Driver<'e> {
    executor: &'e Executor,
    run: Run,
    tasks: JoinSet<(StepPath, Report)>,
    busy: HashMap<StepPath, Busy>,
}

/// A task at work for a step.
struct Busy {
    task: AbortHandle,
    /// Whether it may be dropped at any moment without anything being lost or left in doubt.
    expendable: bool,
}

enum Stop {
    Record(RecordError),
    Panicked(StepPath),
}

impl From<RecordError> for Stop {
    fn from(error: RecordError) -> Self {
        Stop::Record(error)
    }
}

impl Driver<'_> {
    async fn drive(&mut self, cancel: CancellationToken) -> Result<(), Stop> {
        let mut cancelled = false;
        loop {
            self.act().await?;
            if self.run.finished().is_some() {
                return Ok(());
            }
            tokio::select! {
                biased;
                () = cancel.cancelled(), if !cancelled => {
                    cancelled = true;
                    self.cancel().await?;
                }
                Some(joined) = self.tasks.join_next_with_id() => match joined {
                    Ok((_, (step, report))) => {
                        self.busy.remove(&step);
                        self.take_in(&step, report).await?;
                    }
                    Err(error) if error.is_panic() => {
                        let step = self.busy.iter().find(|(_, busy)| busy.task.id() == error.id());
                        let step = step.map_or_else(|| StepPath::root("?"), |(step, _)| step.clone());
                        return Err(Stop::Panicked(step));
                    }
                    // Dropped by a cancellation, which has forgotten it already.
                    Err(_) => {}
                },
            }
        }
    }

    /// Does what should happen now, until all of it waits for the world.
    async fn act(&mut self) -> Result<(), Stop> {
        loop {
            let (records, commands): (Vec<_>, Vec<_>) =
                self.run.next().into_iter().partition(|command| matches!(command, Command::Record(_)));
            let mut events: Vec<EventBody> = records
                .into_iter()
                .filter_map(|command| match command {
                    Command::Record(event) => Some(event),
                    _ => None,
                })
                .collect();
            if events.is_empty() {
                for command in commands {
                    events.extend(self.take_up(command).await?);
                }
            }
            if events.is_empty() {
                return Ok(());
            }
            self.record(events).await?;
        }
    }

    /// Puts a task to work on a command, or answers it at once with an event.
    async fn take_up(&mut self, command: Command) -> Result<Option<EventBody>, Stop> {
        if command.step().is_some_and(|step| self.busy.contains_key(step)) {
            return Ok(None);
        }
        let now = self.executor.clock.now();
        match command {
            Command::Record(event) => return Ok(Some(event)),
            Command::Call(call) => return self.call(call, now).await,
            Command::Settle { intent } => {
                let failure = Failure::new(
                    ErrorKind::Unavailable,
                    "riposte stopped after the call was recorded and before its outcome was",
                );
                let (step, attempt) = (intent.step, intent.attempt);
                return Ok(Some(EventBody::OutcomeUnknown { step, attempt, failure }));
            }
            Command::Reconcile { intent, intended_at, unknown_since, deadline } => {
                let Some(served) = self.served(intent.action.connection()) else {
                    return Ok(Some(self.run.expire(&intent.step, now, None)));
                };
                let (connector, visibility_delay) =
                    (served.connection.connector.clone(), served.connection.visibility_delay);
                let deadline = deadline.resolve(now);
                let scene = self.scene(&intent.step);
                let doubt = Doubt { intent, intended_at, unknown_since, visibility_delay, deadline };
                self.spawn(scene.step.clone(), false, work::reconcile(scene, connector, doubt));
            }
            Command::Follow { step, action, provider_id, since, deadline } => {
                let Some(served) = self.served(action.name.connection()) else {
                    let standing = Standing::Failed(no_connection(action.name.connection()));
                    return Ok(self.run.conclude_follow(&step, standing));
                };
                let poller = served.poller.clone();
                let scene = self.scene(&step);
                self.spawn(
                    step,
                    true,
                    work::follow(scene, poller, provider_id, since, deadline.resolve(now)),
                );
            }
            Command::SetTimer { step, after } => {
                return Ok(Some(EventBody::TimerSet { step, fire_at: now.saturating_add(after) }));
            }
            Command::Sleep { step, until, deadline } => {
                let fired = Report::Event(EventBody::TimerFired { step: step.clone() });
                let scene = self.scene(&step);
                self.spawn(step, true, work::pause(scene, until, deadline.resolve(now), fired));
            }
        }
        Ok(None)
    }

    async fn call(&mut self, call: Call, now: Timestamp) -> Result<Option<EventBody>, Stop> {
        let deadline = call.deadline.resolve(now);
        if let Some(not_before) = call.not_before.filter(|not_before| *not_before > now) {
            let scene = self.scene(&call.step);
            self.spawn(call.step, true, work::pause(scene, not_before, deadline, Report::Woken));
            return Ok(None);
        }
        if now >= deadline {
            return Ok(Some(self.run.expire(&call.step, now, None)));
        }
        let budget = deadline.since(now).min(ANSWER_BUDGET);
        let attempt = call.attempt;
        let started_at = self.run.record(&call.step).map_or(now, |record| record.started_at);
        let Some(served) = self.served(call.action.name.connection()) else {
            let failure = no_connection(call.action.name.connection());
            return Ok(Some(EventBody::StepFailed { step: call.step, failure }));
        };
        let connector = served.connection.connector.clone();
        let report = move |outcome: Outcome| Report::Called { attempt, started_at, outcome };
        match call.action.effect {
            Effect::Once => {
                let (proof, events) = self.executor.ledger.intend(&mut self.run, call.intent()).await?;
                self.show(&events);
                let send = async move { report(connector.send(proof, budget).await) };
                self.spawn(call.step, false, send);
            }
            Effect::Read | Effect::Idempotent => {
                self.executor.observer.noted(self.run.id(), &call.step, &Note::Calling { attempt });
                let Call { step, action, arguments, .. } = call;
                let read = async move { report(connector.call(&action.name, &arguments, budget).await) };
                self.spawn(step, true, read);
            }
        }
        Ok(None)
    }

    /// Records what a task reports.
    async fn take_in(&mut self, step: &StepPath, report: Report) -> Result<(), Stop> {
        let now = self.executor.clock.now();
        let events = match report {
            Report::Woken => vec![],
            Report::Called { attempt, started_at, outcome } => {
                self.run.conclude_call(step, attempt, started_at, outcome, now, rand::random::<f64>())
            }
            Report::Ended(standing) => self.run.conclude_follow(step, standing).into_iter().collect(),
            Report::Event(event) => vec![event],
            Report::Expired { last_seen } => vec![self.run.expire(step, now, last_seen.as_deref())],
        };
        self.record(events).await
    }

    /// Writes down that the run is to end, and drops whatever only waits or looks.
    async fn cancel(&mut self) -> Result<(), Stop> {
        self.busy.retain(|_, busy| {
            if busy.expendable {
                busy.task.abort();
            }
            !busy.expendable
        });
        self.record(vec![EventBody::CancelRequested { by: "the operator".to_owned() }]).await
    }

    async fn record(&mut self, events: Vec<EventBody>) -> Result<(), Stop> {
        if events.is_empty() {
            return Ok(());
        }
        let events = self.executor.ledger.record(&mut self.run, events).await?;
        self.show(&events);
        Ok(())
    }

    fn show(&self, events: &[riposte_engine::Event]) {
        for event in events {
            tracing::debug!(run = %self.run.id(), seq = event.seq, kind = event.body.kind(), "recorded");
            self.executor.observer.recorded(&self.run, event);
        }
    }

    fn spawn(
        &mut self,
        step: StepPath,
        expendable: bool,
        work: impl Future<Output = Report> + Send + 'static,
    ) {
        let name = step.clone();
        let task = self.tasks.spawn(async move { (name, work.await) });
        self.busy.insert(step, Busy { task, expendable });
    }

    fn scene(&self, step: &StepPath) -> Scene {
        Scene {
            run: self.run.id(),
            step: step.clone(),
            clock: self.executor.clock.clone(),
            observer: self.executor.observer.clone(),
        }
    }

    fn served(&self, connection: &str) -> Option<&Served> {
        self.executor.connections.get(connection)
    }
}
