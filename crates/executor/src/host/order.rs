//! What people order: that runs end, and that none begins.

use super::{AtHand, Host, Item, State};
use crate::cancel::Cancel;
use crate::recorded::RecordedError;
use crate::retry::RetryError;
use crate::world::World;
use riposte_engine::{RunStatus, StopOrder, StoreError};
use riposte_model::{PlaybookName, RunId};
use riposte_playbook::Playbook;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// Longest wait until a cancellation is on disk.
const LONGEST: Duration = Duration::from_secs(10);

/// Why a run was not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// It is over.
    #[error("run {run} is over: {}", .status.as_str())]
    Over {
        /// Which run.
        run: RunId,
        /// How it ended.
        status: RunStatus,
    },
    /// The store does not give it, or another run has called it.
    #[error(transparent)]
    Recorded(#[from] RecordedError),
    /// Another process drives it.
    #[error("run {0} is not driven by this process")]
    Elsewhere(RunId),
    /// With what there is now it cannot even be cancelled.
    #[error("run {run} cannot be cancelled: {why}")]
    Troubled {
        /// Which run.
        run: RunId,
        /// Why.
        why: String,
    },
    /// It is known that the run is to end, and not yet on disk.
    #[error("run {0} is being cancelled; that is not recorded yet")]
    NotYet(RunId),
}

impl Host {
    /// Has a run end, and returns once that is on disk: calls in flight are brought to a recorded end, and what has not ended at
    /// the provider is taken back. `by` says who wants that.
    pub async fn cancel(&self, run: RunId, by: &str) -> Result<(), CancelError> {
        let asked = self.shared.state().cancel(run, by);
        let Some(cancel) = asked else { return Err(self.why_not(run).await) };
        self.shared.world().wakes.ring();
        let clock = &self.shared.world().clock;
        let recorded = tokio::select! {
            biased;
            recorded = cancel.settled() => recorded,
            () = clock.sleep_until(clock.now().saturating_add(LONGEST)) => false,
        };
        if recorded {
            return Ok(());
        }
        match self.shared.state().troubled.get(&run) {
            Some(trouble) => Err(CancelError::Troubled { run, why: trouble.why.clone() }),
            None => Err(CancelError::NotYet(run)),
        }
    }

    async fn why_not(&self, run: RunId) -> CancelError {
        match self.shared.executor.recorded(run).await {
            Err(error) => error.into(),
            Ok(recorded) => match recorded.run.status() {
                RunStatus::Running => CancelError::Elsewhere(run),
                status => CancelError::Over { run, status },
            },
        }
    }

    /// Has a failed run go on from its failed steps, and returns once that is on disk. `by` says who wants that. Whoever asks may
    /// go away meanwhile.
    pub async fn retry(&self, run: RunId, by: &str) -> Result<(), RetryError> {
        let (host, by) = (self.clone(), by.to_owned());
        let retried = tokio::spawn(async move { host.reopen(run, &by).await });
        retried.await.unwrap_or_else(|error| Err(StoreError::Other(error.into()).into()))
    }

    async fn reopen(&self, run: RunId, by: &str) -> Result<(), RetryError> {
        let recorded = self.shared.executor.retry(run, by).await?;
        let world = self.shared.world();
        for run in recorded.all() {
            world.desk.hold_all_of(run);
        }
        let mut state = self.shared.state();
        let lane = state.ready.lane(&recorded.run.started().playbook);
        // Its orders were for what it was.
        state.wishes.remove(&run);
        state.wish_as_ordered(world, run, &recorded.run.started().playbook);
        let at_hand = Some(AtHand::Loaded(Box::new(recorded.run.into())));
        state.ready.woken(lane, Item { at_hand, ..Item::new(run) });
        drop(state);
        world.wakes.ring();
        Ok(())
    }

    /// Lets no run begin, of one playbook or of all, until [`Host::lift`], and has those end that have begun, if the order says
    /// so; how many those are. It is on disk when this returns, and holds through a restart. Whoever asks may go away meanwhile.
    pub async fn stop(&self, order: StopOrder) -> Result<usize, StoreError> {
        let host = self.clone();
        let stopped = tokio::spawn(async move { host.carry_out(order).await });
        stopped.await.unwrap_or_else(|error| Err(StoreError::Other(error.into())))
    }

    async fn carry_out(&self, order: StopOrder) -> Result<usize, StoreError> {
        let world = self.shared.world();
        let stops = || world.stops.write().unwrap_or_else(PoisonError::into_inner);
        // First for those that are about to begin: what begins until it is on disk is found below.
        stops().push(order.clone());
        if let Err(error) = self.shared.store.stop(&order).await {
            stops().retain(|stop| *stop != order);
            return Err(error);
        }
        let count = if order.cancel { self.shared.state().cancel_all(&order) } else { 0 };
        world.wakes.ring();
        Ok(count)
    }

    /// Lifts what [`Host::stop`] has ordered for one playbook, or for all. Runs that were cancelled stay so. Whether there was
    /// such an order.
    pub async fn lift(&self, playbook: Option<&PlaybookName>) -> Result<bool, StoreError> {
        let world = self.shared.world();
        let lifted = self.shared.store.lift(playbook, world.clock.now()).await?;
        let mut stops = world.stops.write().unwrap_or_else(PoisonError::into_inner);
        stops.retain(|stop| stop.playbook.as_ref() != playbook);
        Ok(lifted)
    }

    /// The orders that hold.
    pub fn stops(&self) -> Vec<StopOrder> {
        self.shared.world().stops.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on these playbooks may be called. Runs that have begun keep their version; those that were left alone are looked
    /// at again.
    pub fn replace(&self, playbooks: Vec<Arc<Playbook>>) {
        self.shared.world().plans.replace(playbooks);
        let mut state = self.shared.state();
        for (run, trouble) in std::mem::take(&mut state.troubled) {
            state.ready.woken(trouble.lane, Item::new(run));
        }
        drop(state);
        self.shared.world().wakes.ring();
    }
}

impl State {
    /// Has a run end, wherever it is; none if it is nowhere.
    fn cancel(&mut self, run: RunId, by: &str) -> Option<Cancel> {
        if let Some(live) = self.live.get(&run) {
            live.family.cancel.ask(by);
            return Some(live.family.cancel.clone());
        }
        let waits = self.lot.contains(run);
        let trouble = self.troubled.remove(&run);
        if !waits && trouble.is_none() && !self.ready.iter().any(|(_, item)| item.run == run) {
            return None;
        }
        let cancel = self.wish(run, by);
        match trouble {
            Some(trouble) => self.ready.woken(trouble.lane, Item::new(run)),
            None => self.wake(run, None),
        }
        Some(cancel)
    }

    /// A run that is not driven is to end when it is.
    pub(super) fn wish(&mut self, run: RunId, by: &str) -> Cancel {
        let cancel = self.wishes.entry(run).or_insert_with(Cancel::new);
        cancel.ask(by);
        cancel.clone()
    }

    /// The same, if there is an order that the runs of its playbook end.
    pub(super) fn wish_as_ordered(&mut self, world: &World, run: RunId, playbook: &PlaybookName) {
        if let Some(by) = world.cancelled_by_order(playbook) {
            self.wish(run, &by);
        }
    }

    fn cancel_all(&mut self, order: &StopOrder) -> usize {
        let covers = |playbook: Option<&PlaybookName>| {
            playbook.map_or(order.playbook.is_none(), |playbook| order.covers(playbook))
        };
        let lanes = self.live.iter().map(|(run, live)| (*run, live.lane)).chain(self.lot.iter());
        let lanes = lanes.chain(self.troubled.iter().map(|(run, trouble)| (*run, trouble.lane)));
        let mut runs: Vec<RunId> =
            lanes.filter(|(_, lane)| covers(self.ready.playbook(*lane))).map(|(run, _)| run).collect();
        let ready = self.ready.iter().filter(|(playbook, _)| covers(Some(playbook)));
        let ready: Vec<RunId> = ready.map(|(_, item)| item.run).collect();
        for run in &ready {
            self.wish(*run, &order.by);
        }
        for run in &runs {
            self.cancel(*run, &order.by);
        }
        runs.extend(ready);
        runs.len()
    }
}
