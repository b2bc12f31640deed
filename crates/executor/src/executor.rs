//! Starting runs and driving them, over the ports that the binary hands in.

use crate::connections::Connections;
use crate::driver::Driver;
use crate::gate::{Gate, GateError, Pass, Start};
use crate::poller::Poller;
use crate::stop::Stop;
use crate::world::{Served, World};
use riposte_engine::{Clock, Ledger, Observer, Parent, RecordError, Run, RunStarted, Store, Trigger};
use riposte_model::{Catalogue, RunId, StepPath};
use riposte_playbook::Playbook;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Starts and drives runs.
pub struct Executor {
    pub(crate) world: Arc<World>,
    /// The pollers; they end with the executor.
    _pollers: JoinSet<()>,
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

/// The playbooks that others may call, and what their sources are read with.
#[derive(Clone, Default)]
pub struct Library {
    /// By name. Those that are run themselves may be among them.
    pub playbooks: Vec<Arc<Playbook>>,
    /// Every action.
    pub catalogue: Catalogue,
}

/// Why a run did not begin. Nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The playbook calls actions of a connection that there is not.
    #[error("no connection is called `{0}`: configure one under `connections`")]
    NoConnection(String),
    /// As many runs of the playbook as may be are under way.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// The start could not be recorded.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Why a run was left before its end. Its journal says how far it came, and is enough to take it up again.
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
    /// Nothing is to be done and nothing is under way: a bug of ours.
    #[error(
        "run {run} was left unfinished: nothing is left to do, and it is not over, which is a bug in riposte"
    )]
    Stuck {
        /// Which run.
        run: RunId,
    },
}

impl Executor {
    /// Over these ports. Must be called within a tokio runtime.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
        connections: Connections,
        library: Library,
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
        let playbooks = library.playbooks.into_iter().map(|playbook| (playbook.name.to_string(), playbook));
        let world = Arc::new(World {
            ledger: Ledger::new(store.clone(), clock.clone()),
            store,
            clock,
            observer,
            connections,
            playbooks: playbooks.collect(),
            catalogue: library.catalogue,
            gate: Gate::default(),
        });
        Executor { world, _pollers: pollers }
    }

    /// Records the start of a run under an id that sorts by time.
    pub async fn begin(&self, new: NewRun) -> Result<Run, BeginError> {
        let Prepared { id, started, pass } = self.world.prepare(&new, None)?;
        let run = self.world.ledger.begin(id, new.playbook, started).await?;
        self.world.gate.keep(id, pass);
        Ok(run)
    }

    /// Drives a run to its end. Cancelling the token ends it as cancelled, at the next point that can be recorded.
    pub async fn drive(&self, run: Run, cancel: CancellationToken) -> Result<Run, DriveError> {
        let id = run.id();
        let stop = match drive(self.world.clone(), run, cancel, "the operator").await {
            Ok(run) => return Ok(run),
            Err(stop) => stop,
        };
        Err(match stop {
            Stop::Record(source) => DriveError::Record { run: id, source },
            Stop::Panicked(step) => DriveError::Panicked { run: id, step },
            Stop::Stuck => DriveError::Stuck { run: id },
        })
    }
}

/// A run that may begin.
pub(crate) struct Prepared {
    pub(crate) id: RunId,
    /// Its first event.
    pub(crate) started: RunStarted,
    /// Its place, if it takes one at once.
    pub(crate) pass: Option<Pass>,
}

/// Waits for a run's turn, then drives it to its end. `by` is who cancels it, if somebody does.
pub(crate) async fn drive(
    world: Arc<World>,
    run: Run,
    cancel: CancellationToken,
    by: &'static str,
) -> Result<Run, Stop> {
    // What is over, or only has to end, needs no turn for that.
    if run.finished().is_some() {
        return Ok(run);
    }
    if run.cancelled_by().is_some() {
        return Driver::new(world, run, cancel, by).finish().await;
    }
    let (playbook, started) = (run.playbook().clone(), run.started().clone());
    let start = Start { inputs: &started.inputs, trigger: &started.trigger, at: run.started_at() };
    let pass = tokio::select! {
        biased;
        pass = world.gate.pass(run.id(), &playbook, &start) => Some(pass),
        // It begins nothing, and needs no turn for that.
        () = cancel.cancelled() => None,
    };
    let end = Driver::new(world.clone(), run, cancel, by).finish().await;
    drop(pass);
    end
}

impl World {
    /// An id and the first event of a run. Found out half-way, a missing connection would leave a device half-treated, so
    /// those of the playbooks that are called count too.
    pub(crate) fn prepare(&self, new: &NewRun, parent: Option<Parent>) -> Result<Prepared, BeginError> {
        let mut connections = Map::new();
        self.reach_all(&new.playbook, &mut HashSet::from([new.playbook.name.as_str()]), &mut connections)?;
        let now = self.clock.now();
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        let time = uuid::Timestamp::from_unix(uuid::NoContext, millis / 1000, nanos(millis));
        let id = RunId::from_uuid(uuid::Uuid::new_v7(time));
        let start = Start { inputs: &new.inputs, trigger: &new.trigger, at: now };
        let pass = self.gate.admit(&new.playbook, &start)?;
        let started = RunStarted {
            playbook: new.playbook.name.clone(),
            source: new.playbook.hash.clone(),
            inputs: new.inputs.clone(),
            trigger: new.trigger.clone(),
            parent,
            connections,
        };
        Ok(Prepared { id, started, pass })
    }
}

impl World {
    /// What every connection is connected to that this playbook and those called by it need, directly or not.
    fn reach_all<'w>(
        &'w self,
        playbook: &'w Playbook,
        seen: &mut HashSet<&'w str>,
        connections: &mut Map<String, Value>,
    ) -> Result<(), BeginError> {
        for (_, action) in playbook.actions() {
            let name = action.spec.name.connection();
            let served = self.connections.get(name);
            let served = served.ok_or_else(|| BeginError::NoConnection(name.to_owned()))?;
            connections.insert(name.to_owned(), served.connection.description.as_str().into());
        }
        for (_, call) in playbook.calls() {
            let Some(called) = self.playbooks.get(call.playbook.as_str()) else { continue };
            if seen.insert(called.name.as_str()) {
                self.reach_all(called, seen, connections)?;
            }
        }
        Ok(())
    }
}

fn nanos(millis: u64) -> u32 {
    u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000
}
