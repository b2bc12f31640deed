//! The host: drives any number of runs, from the first event to the last, through restarts of the process.
//!
//! ```text
//!   begin ──► Ready ──► tend (one task a family) ──► over
//!               ▲          │ nobody is at work any more
//!               │          ▼
//!             wake ◄──── Lot ◄── store.left() after a restart
//!               ▲
//!    timers, pollers, devices, gate, cancel
//! ```
//!
//! Runs that only wait leave memory: all that stays is an entry in the [`lot`], and a note in the store so that they need not be
//! loaded after a restart either. How much is at work at once is bounded, and shared fairly among playbooks ([`ready`]).

mod ahead;
mod begin;
mod fresh;
mod keeper;
mod lot;
mod news;
mod order;
mod ready;
mod recover;
mod tend;

pub use begin::HostError;
pub use order::CancelError;

use crate::cancel::Cancel;
use crate::driver::Outset;
use crate::executor::Executor;
use crate::family::Family;
use crate::world::World;
use fresh::Fresh;
use lot::Lot;
use news::Known;
use ready::{LaneId, Ready};
use riposte_engine::{HostStore, StoreError};
use riposte_model::{KeyedMap, RunId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Drives runs. Clones are the same.
#[derive(Clone)]
pub struct Host {
    shared: Arc<Shared>,
}

/// What all tasks of a host share.
pub(crate) struct Shared {
    pub(crate) executor: Executor,
    pub(crate) store: Arc<dyn HostStore>,
    state: Mutex<State>,
    /// Nothing is begun any more, and what is under way is left as soon as its calls have come back.
    pub(crate) closing: CancellationToken,
    /// How often the keeper has gone round.
    rounds: watch::Sender<u64>,
    /// Whether all that was under way has been left.
    closed: watch::Sender<bool>,
    /// The keeper, and who takes up what was left.
    keeper: Mutex<JoinSet<()>>,
    /// All that are to end before the host has closed.
    tasks: TaskTracker,
}

/// Where every run is.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) ready: Ready<Item>,
    /// How much room the packed ones among them take, in bytes.
    pub(crate) packed: usize,
    pub(crate) live: KeyedMap<RunId, Live>,
    pub(crate) lot: Lot,
    /// Cancellations of runs that are not driven right now.
    pub(crate) wishes: KeyedMap<RunId, Cancel>,
    /// Runs that are left alone, and why: with what there is now they cannot be driven.
    pub(crate) troubled: BTreeMap<RunId, Trouble>,
}

/// A run that there is something to do for.
pub(crate) struct Item {
    pub(crate) run: RunId,
    /// It, if it is at hand.
    pub(crate) at_hand: Option<AtHand>,
    /// What a provider has ended that it waited for.
    pub(crate) known: Option<Known>,
}

impl Item {
    pub(crate) fn new(run: RunId) -> Self {
        Item { run, at_hand: None, known: None }
    }
}

/// A run that need not be loaded from the store.
pub(crate) enum AtHand {
    Loaded(Box<Outset>),
    Packed(Fresh),
}

impl AtHand {
    /// How much room it takes in bytes, if it is packed.
    pub(crate) fn packed(&self) -> usize {
        match self {
            AtHand::Loaded(_) => 0,
            AtHand::Packed(fresh) => fresh.size(),
        }
    }
}

/// A run that is driven.
pub(crate) struct Live {
    pub(crate) lane: LaneId,
    pub(crate) family: Arc<Family>,
    pub(crate) task: AbortHandle,
    /// Something has come for it: it is not to be parked, but driven again.
    pub(crate) again: bool,
}

/// A run that is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub(crate) lane: LaneId,
    /// Why.
    pub why: String,
}

/// How many runs are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In memory.
    pub live: usize,
    /// Of those, at work or waiting for an answer.
    pub at_work: usize,
    /// Waiting without being in memory.
    pub parked: usize,
    /// With something to do, waiting for room.
    pub ready: usize,
    /// Left alone, because with what there is now they cannot be driven.
    pub troubled: usize,
}

impl Host {
    /// Takes up what the store has, and serves from now on. When this returns, events may be taken in; runs that were at work
    /// when the last process ended are loaded meanwhile, and until they are no call leaves that might meet one of theirs.
    pub async fn start(executor: Executor, store: Arc<dyn HostStore>) -> Result<Host, StoreError> {
        let shared = Arc::new(Shared {
            executor,
            store,
            state: Mutex::default(),
            closing: CancellationToken::new(),
            rounds: watch::Sender::new(0),
            closed: watch::Sender::new(false),
            keeper: Mutex::default(),
            tasks: TaskTracker::new(),
        });
        let world = shared.world();
        world.open.send_replace(false);
        world.wakes.listen();
        let left = shared.clone().survey().await?;
        let mut keeper = JoinSet::new();
        keeper.spawn(shared.clone().keep());
        keeper.spawn(shared.tasks.track_future(shared.clone().recover(left)));
        *shared.keeper.lock().unwrap_or_else(PoisonError::into_inner) = keeper;
        Ok(Host { shared })
    }

    /// How many runs are where.
    pub fn counts(&self) -> Counts {
        let state = self.shared.state();
        Counts {
            live: state.live.len(),
            at_work: state.ready.at_work(),
            parked: state.lot.len(),
            ready: state.ready.waiting(),
            troubled: state.troubled.len(),
        }
    }

    /// The runs that are left alone, and why.
    pub fn troubled(&self) -> Vec<(RunId, Trouble)> {
        self.shared.state().troubled.iter().map(|(run, trouble)| (*run, trouble.clone())).collect()
    }

    /// Returns when the keeper, which gives runs their turns, has gone round once more: then the host lives.
    pub async fn beats(&self) {
        let mut rounds = self.shared.rounds.subscribe();
        let seen = *rounds.borrow_and_update();
        self.shared.world().wakes.ring();
        // The sender is ours.
        let _ = rounds.wait_for(|round| *round > seen).await;
    }

    /// Begins nothing more, and leaves what is under way where it is: calls in flight are waited for, and all that follows is
    /// the next process's. Returns when that is done.
    pub async fn close(&self) {
        self.shared.closing.cancel();
        self.shared.world().wakes.ring();
        // The sender is ours.
        let _ = self.shared.closed.subscribe().wait_for(|closed| *closed).await;
    }
}

impl Host {
    /// Drops everything as a crash would. For tests of what the next process finds.
    #[doc(hidden)]
    pub fn crash(&self) {
        self.shared.keeper.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        self.shared.closing.cancel();
        self.shared.state().live.values().for_each(|live| live.task.abort());
    }
}

impl Shared {
    pub(crate) fn world(&self) -> &Arc<World> {
        &self.executor.world
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Has a run driven, or driven again. `known` is what a provider has ended.
    pub(crate) fn wake(&mut self, run: RunId, known: Option<Known>) {
        if let Some((run, entry)) = self.lot.wake(run) {
            self.ready.woken(entry.lane, Item { known, ..Item::new(run) });
        } else if let Some(live) = self.live.get_mut(&run) {
            live.again = true;
        }
    }
}
