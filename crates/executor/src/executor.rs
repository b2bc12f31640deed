//! Starting runs and driving them, over the ports that the binary hands in.

use crate::bells::Bells;
use crate::cancel::Cancel;
use crate::connections::Connections;
use crate::desk::Desk;
use crate::driver::{Driver, Outset};
use crate::family::{Family, Wait, Work};
use crate::gate::{Gate, GateError, Start};
use crate::plans::{Library, Plans};
use crate::poller::Poller;
use crate::span;
use crate::stop::Stop;
use crate::wakes::Wakes;
use crate::world::{Served, World};
use riposte_engine::{Clock, Ledger, Observer, Parent, RecordError, Run, RunStarted, Store, Trigger};
use riposte_model::{PlaybookName, RunId, StepPath, Timestamp};
use riposte_playbook::Playbook;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::sync::{Arc, RwLock};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

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

/// Why a run did not begin. Nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The playbook calls actions of a connection that there is not.
    #[error("no connection is called `{0}`: configure one under `connections`")]
    NoConnection(String),
    /// Somebody has stopped the playbook, or all of them.
    #[error("{playbook} was stopped by {by}")]
    Stopped {
        /// Which playbook.
        playbook: PlaybookName,
        /// Who, and why.
        by: String,
    },
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
    /// It was asked to leave the run where it is.
    #[error("run {run} was left where it is")]
    Left {
        /// Which run.
        run: RunId,
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
        Executor::over(store, clock, observer, connections, library, false)
    }

    /// The same for a rehearsal: a `wait` step is over at once.
    pub fn rehearsing(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
        connections: Connections,
        library: Library,
    ) -> Self {
        Executor::over(store, clock, observer, connections, library, true)
    }

    fn over(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
        connections: Connections,
        library: Library,
        skips_waits: bool,
    ) -> Self {
        let (mut pollers, wakes) = (JoinSet::new(), Arc::new(Wakes::default()));
        let connections = connections
            .into_iter()
            .map(|(name, connection)| {
                let (poller, work) =
                    Poller::new(connection.connector.clone(), clock.clone(), connection.pace, wakes.clone());
                pollers.spawn(work);
                (name, Served { connection, poller })
            })
            .collect();
        let (open, is_open) = watch::channel(true);
        let world = Arc::new(World {
            ledger: Ledger::new(store.clone(), clock.clone()),
            store,
            clock,
            observer,
            connections,
            plans: Plans::new(library),
            gate: Gate::new(Bells::new(wakes.clone(), is_open.clone())),
            desk: Desk::new(Bells::new(wakes.clone(), is_open)),
            open,
            wakes,
            skips_waits,
            stops: RwLock::default(),
        });
        Executor { world, _pollers: pollers }
    }

    /// Records the start of a run under an id that sorts by time.
    pub async fn begin(&self, new: NewRun) -> Result<Run, BeginError> {
        let prepared = self.world.prepare(&new)?;
        let (id, playbook) = (prepared.id, new.playbook.clone());
        let begun = self.world.ledger.begin(id, playbook, prepared.started(new, None)).await;
        Ok(begun.inspect_err(|_| self.world.gate.leave(id))?)
    }

    /// Drives a run to its end. Cancelling the token ends it as cancelled, at the next point that can be recorded.
    pub async fn drive(&self, run: Run, cancel: CancellationToken) -> Result<Run, DriveError> {
        let id = run.id();
        let cancel = Cancel::with(cancel, "the operator");
        let family = Family::new(cancel.clone());
        let Some(work) = family.work() else { return Err(DriveError::Left { run: id }) };
        let stop = match drive(self.world.clone(), Box::new(run.into()), cancel, family, work).await {
            Ok(run) => return Ok(run),
            Err(stop) => stop,
        };
        Err(match stop {
            Stop::Record(source) => DriveError::Record { run: id, source },
            Stop::Panicked(step) => DriveError::Panicked { run: id, step },
            Stop::Stuck => DriveError::Stuck { run: id },
            Stop::Left => DriveError::Left { run: id },
        })
    }
}

/// A run that may begin.
pub(crate) struct Prepared {
    pub(crate) id: RunId,
    connections: Map<String, Value>,
}

impl Prepared {
    /// How it begins.
    pub(crate) fn started(self, new: NewRun, parent: Option<Parent>) -> RunStarted {
        let NewRun { playbook, inputs, trigger } = new;
        RunStarted {
            playbook: playbook.name.clone(),
            source: playbook.hash.clone(),
            inputs,
            trigger,
            parent,
            connections: self.connections,
        }
    }
}

/// Waits for a run's turn, then drives it to its end. The run is boxed because it passes through several futures, each of which
/// would have room for it twice, in the task of every run that is driven.
pub(crate) async fn drive(
    world: Arc<World>,
    outset: Box<Outset>,
    cancel: Cancel,
    family: Arc<Family>,
    work: Work,
) -> Result<Run, Stop> {
    let id = outset.run.id();
    let span = span::run(&outset.run);
    let end = turn_and_drive(&world, outset, cancel, &family, work).instrument(span.clone()).await;
    if let Ok(run) = &end {
        span::ended(&span, run);
    }
    drop(span);
    family.is_over(id);
    // Who was asked to leave comes back.
    if !matches!(end, Err(Stop::Left)) {
        world.gate.leave(id);
    }
    end
}

async fn turn_and_drive(
    world: &Arc<World>,
    outset: Box<Outset>,
    cancel: Cancel,
    family: &Arc<Family>,
    work: Work,
) -> Result<Run, Stop> {
    let run = &outset.run;
    // What is over, or only has to end, needs no turn for that.
    if run.finished().is_some() {
        return Ok(outset.run);
    }
    if run.cancelled_by().is_some() {
        return Driver::new(world.clone(), *outset, cancel, family.clone(), work).finish().await;
    }
    let mut work = Some(work);
    if run.steps().next().is_some() {
        // It has had its turn.
        world.gate.enter_again(run);
    } else {
        let (id, started) = (run.id(), run.started());
        let start = Start { inputs: &started.inputs, trigger: &started.trigger, at: run.started_at() };
        let waits = || {
            family.waits(id, None, Wait::Turn(Timestamp::from_millis(i64::MAX)));
            work = None;
        };
        tokio::select! {
            biased;
            () = world.gate.pass(id, run.playbook(), &start, waits) => {}
            // It begins nothing, and needs no turn for that.
            () = cancel.asked() => {}
            () = family.leave.cancelled() => return Err(Stop::Left),
        }
        family.goes_on(id, None);
    }
    let work = match work.or_else(|| family.work()) {
        Some(work) => work,
        // Parked meanwhile; this is about to be dropped.
        None => std::future::pending().await,
    };
    Driver::new(world.clone(), *outset, cancel, family.clone(), work).finish().await
}

impl World {
    /// An id for a run, and where its calls go. Found out half-way, a missing connection would leave a device half-treated, so
    /// those of the playbooks that are called count too.
    pub(crate) fn prepare(&self, new: &NewRun) -> Result<Prepared, BeginError> {
        let prepared = self.prepare_without_place(new)?;
        let start = Start { inputs: &new.inputs, trigger: &new.trigger, at: self.clock.now() };
        self.gate.admit(prepared.id, &new.playbook, &start)?;
        Ok(prepared)
    }

    /// The same, without a place among the runs of the playbook.
    pub(crate) fn prepare_without_place(&self, new: &NewRun) -> Result<Prepared, BeginError> {
        let playbook = new.playbook.name.clone();
        if let Some(by) = self.stopped(&playbook) {
            return Err(BeginError::Stopped { playbook, by });
        }
        let mut connections = Map::new();
        self.reach_all(&new.playbook, &mut HashSet::from([playbook]), &mut connections)?;
        let now = self.clock.now();
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        let time = uuid::Timestamp::from_unix(uuid::NoContext, millis / 1000, nanos(millis));
        let id = RunId::from_uuid(uuid::Uuid::new_v7(time));
        Ok(Prepared { id, connections })
    }
}

impl World {
    /// What every connection is connected to that this playbook and those called by it need, directly or not.
    fn reach_all(
        &self,
        playbook: &Playbook,
        seen: &mut HashSet<PlaybookName>,
        connections: &mut Map<String, Value>,
    ) -> Result<(), BeginError> {
        for (_, action) in playbook.actions() {
            let name = action.spec.name.connection();
            if connections.contains_key(name) {
                continue;
            }
            let served = self.connections.get(name);
            let served = served.ok_or_else(|| BeginError::NoConnection(name.to_owned()))?;
            connections.insert(name.to_owned(), served.connection.description.as_str().into());
        }
        for (_, call) in playbook.calls() {
            let Some(called) = self.plans.get(&call.playbook) else { continue };
            if seen.insert(called.name.clone()) {
                self.reach_all(&called, seen, connections)?;
            }
        }
        Ok(())
    }
}

fn nanos(millis: u64) -> u32 {
    u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000
}
