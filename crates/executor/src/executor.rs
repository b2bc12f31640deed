//! Starting runs and driving them, over the ports that the binary hands in.

use crate::connections::Connections;
use crate::driver::{Driver, Stop};
use crate::poller::Poller;
use crate::world::{Served, World};
use riposte_engine::{Clock, Ledger, Observer, RecordError, Run, RunStarted, Store, Trigger};
use riposte_model::{RunId, StepPath};
use riposte_playbook::Playbook;
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Starts and drives runs.
pub struct Executor {
    world: World,
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
        let world = World { ledger: Ledger::new(store, clock.clone()), clock, observer, connections };
        Executor { world, _pollers: pollers }
    }

    /// Records the start of a run under an id that sorts by time.
    pub async fn begin(&self, new: NewRun) -> Result<Run, BeginError> {
        // Found out half-way it would leave a device half-treated.
        let mut connections = Map::new();
        for (_, action) in new.playbook.actions() {
            let name = action.spec.name.connection();
            let served = self.world.connections.get(name);
            let served = served.ok_or_else(|| BeginError::NoConnection(name.to_owned()))?;
            connections.insert(name.to_owned(), served.connection.description.as_str().into());
        }
        let millis = u64::try_from(self.world.clock.now().as_millis()).unwrap_or(0);
        let time = uuid::Timestamp::from_unix(uuid::NoContext, millis / 1000, nanos(millis));
        let id = RunId::from_uuid(uuid::Uuid::new_v7(time));
        let started = RunStarted {
            playbook: new.playbook.name.clone(),
            source: new.playbook.hash.clone(),
            inputs: new.inputs,
            trigger: new.trigger,
            connections,
        };
        Ok(self.world.ledger.begin(id, new.playbook, started).await?)
    }

    /// Drives a run to its end. Cancelling the token ends it as cancelled, at the next point that can be recorded.
    pub async fn drive(&self, run: Run, cancel: CancellationToken) -> Result<Run, DriveError> {
        let id = run.id();
        let stop = match Driver::new(&self.world, run, cancel).finish().await {
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

fn nanos(millis: u64) -> u32 {
    u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000
}
