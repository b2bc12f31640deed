//! Driving one run and those that it called until it is over or only waits.

use super::keeper::Told;
use super::lot::NEVER;
use super::ready::{LaneId, MOST};
use super::{AtHand, Item, Shared, Trouble};
use crate::driver::Outset;
use crate::executor::drive;
use crate::family::{Family, Parking, Wait};
use crate::recorded::RecordedError;
use crate::stop::Stop;
use crate::watchlist::{Tell, Watched};
use riposte_engine::{Follow, Parked, Run, Waits};
use riposte_model::RunId;
use std::collections::BTreeSet;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

/// How long a run that only waits stays in memory: most waits are short.
const PATIENCE: Duration = Duration::from_secs(5);

/// With more than this in memory, nobody is waited for: as many again as are at work. With less, all would be parked in a storm
/// and loaded again a moment later.
const CROWD: usize = 2 * MOST;

/// Pause before a run is taken up again that the store did not serve.
const PAUSE: Duration = Duration::from_secs(10);

/// What came of a drive.
enum End {
    Over,
    Left(Stop),
    Parked(Parking),
}

impl Shared {
    /// Drives a run, and sees to what follows.
    pub(crate) async fn tend(self: Arc<Self>, lane: LaneId, item: Item, family: Arc<Family>) {
        let id = item.run;
        let _told = Told(Some(id));
        let slot = Slot { shared: &self, lane, taken: true };
        match self.load(item, &family).await {
            Ok(outset) => self.drive(lane, outset, &family, slot).await,
            Err(RecordedError::Store(error)) => self.not_now(id, lane, &error, slot),
            Err(error) => self.give_up(id, lane, error.to_string(), slot),
        }
    }

    async fn load(&self, item: Item, family: &Family) -> Result<Box<Outset>, RecordedError> {
        let at_hand = match item.at_hand {
            Some(AtHand::Loaded(outset)) => Some(outset),
            Some(AtHand::Packed(fresh)) => fresh.unpack(item.run).map(|run| Box::new(run.into())),
            None => None,
        };
        if let Some(outset) = at_hand {
            return Ok(outset);
        }
        let recorded = self.executor.recorded(item.run).await?;
        // What is only cancelled begins nothing, and needs less.
        let may = if family.cancel.is_asked() || recorded.run.cancelled_by().is_some() {
            self.executor.is_where_it_began(&recorded)
        } else {
            self.executor.may_go_on(&recorded)
        };
        if may.is_err() {
            recorded.all().iter().for_each(|run| self.let_go(run.id()));
        }
        may.map(|()| Box::new(recorded.run.into()))
    }

    async fn drive(&self, lane: LaneId, outset: Box<Outset>, family: &Arc<Family>, mut slot: Slot<'_>) {
        let id = outset.run.id();
        let end = match family.work() {
            Some(work) => {
                // Pinned where it is made, because handed over it would have room in this task twice. Dropped with the end of
                // this: what is parked has no driver.
                let (world, cancel) = (self.world().clone(), family.cancel.clone());
                let driven = pin!(drive(world, outset, cancel, family.clone(), work));
                self.until_it_rests(driven, family, &mut slot).await
            }
            None => End::Left(Stop::Left),
        };
        match end {
            End::Over => self.forget(id, family, true, slot),
            End::Left(Stop::Left) => self.forget(id, family, false, slot),
            End::Left(Stop::Record(error)) => self.not_now(id, lane, &error, slot),
            End::Left(Stop::Panicked(step)) => {
                let why = format!("the work on step `{step}` panicked, which is a bug in riposte");
                self.give_up(id, lane, why, slot);
            }
            End::Left(Stop::Stuck) => {
                let why = "nothing is left to do, and it is not over, which is a bug in riposte".to_owned();
                self.give_up(id, lane, why, slot);
            }
            End::Parked(parking) => self.park(id, lane, family, parking, slot).await,
        }
    }

    async fn until_it_rests(
        &self,
        mut driven: Pin<&mut impl Future<Output = Result<Run, Stop>>>,
        family: &Family,
        slot: &mut Slot<'_>,
    ) -> End {
        let patience = || if self.state().live.len() > CROWD { Duration::ZERO } else { PATIENCE };
        let park = family.park(&*self.world().clock, patience);
        tokio::pin!(park);
        loop {
            tokio::select! {
                biased;
                end = &mut driven => return end.map_or_else(End::Left, |_| End::Over),
                parking = &mut park => return End::Parked(parking),
                () = family.rests(), if slot.taken => slot.free(),
            }
        }
    }

    /// It is over, or was left for the next process.
    fn forget(&self, id: RunId, family: &Family, over: bool, mut slot: Slot<'_>) {
        slot.free();
        self.state().live.remove(&id);
        family.cancel.settle(over);
    }

    /// The store does not serve: later.
    fn not_now(&self, id: RunId, lane: LaneId, error: &dyn std::fmt::Display, mut slot: Slot<'_>) {
        tracing::warn!(run_id = %id, %error, "left for a while, because the journal does not serve");
        slot.free();
        let until = self.world().clock.now().saturating_add(PAUSE);
        let mut state = self.state();
        let live = state.live.remove(&id);
        state.lot.park(id, lane, until, Vec::new());
        if let Some(live) = live.filter(|live| live.family.cancel.is_asked()) {
            state.wishes.insert(id, live.family.cancel.clone());
        }
        drop(state);
        // There is something new that the keeper is to wait for.
        self.world().wakes.ring();
    }

    /// A run holds nothing any more: nobody sees to it, and others must not wait for it for ever.
    fn let_go(&self, id: RunId) {
        self.world().desk.forget(id);
        self.world().gate.leave(id);
    }

    /// With what there is now it cannot be driven.
    fn give_up(&self, id: RunId, lane: LaneId, why: String, mut slot: Slot<'_>) {
        tracing::error!(run_id = %id, why, "left alone");
        slot.free();
        self.let_go(id);
        let mut state = self.state();
        if let Some(live) = state.live.remove(&id) {
            live.family.cancel.settle(false);
        }
        state.troubled.insert(id, Trouble { lane, why });
    }

    /// It only waits: notes for what, and hands that over to the lot.
    async fn park(&self, id: RunId, lane: LaneId, family: &Family, parking: Parking, mut slot: Slot<'_>) {
        let (waits, members, turns) = self.waits(id, &parking);
        // Before it can be woken, so that the note is never younger than an event that it does not know.
        let parked = [Parked { run: id, waits }];
        if let Err(error) = self.store.park(&parked).await {
            tracing::debug!(run_id = %id, %error, "not noted what it waits for: it would be loaded after a restart");
        }
        let [Parked { waits, .. }] = parked;
        slot.free();
        let alive = {
            let mut state = self.state();
            let live = state.live.remove(&id);
            let alive = state.lot.park(id, lane, waits.until.unwrap_or(NEVER), members);
            if family.cancel.is_asked() {
                state.wishes.insert(id, family.cancel.clone());
            }
            let has_its_turn = turns.iter().any(|turn| self.has_turn(turn));
            if live.is_some_and(|live| live.again) || family.cancel.is_asked() || has_its_turn {
                state.wake(id, None);
            }
            alive
        };
        // There is something new that the keeper is to wait for.
        self.world().wakes.ring();
        for follow in waits.follows {
            let (connection, watched) = watched(&alive, follow);
            self.watch(&connection, watched).await;
        }
    }

    /// Has the poller of a connection watch something.
    pub(crate) async fn watch(&self, connection: &str, watched: Watched) {
        // Without its connection, its deadline wakes it.
        if let Some(served) = self.world().connections.get(connection) {
            served.poller.watch(watched).await;
        }
    }

    /// What a family waits for, the called runs among those who wait for their turn, and the steps that do.
    fn waits(&self, id: RunId, parking: &Parking) -> (Waits, Vec<RunId>, Vec<Turn>) {
        let mut waits = Waits::default();
        let (mut runs, mut members, mut turns) = (BTreeSet::from([id]), BTreeSet::new(), Vec::new());
        let mut until = NEVER;
        for ((run, step), wait) in &parking.waits {
            runs.insert(*run);
            until = until.min(wait.until());
            match wait {
                Wait::Follow { connection, provider_id, since, .. } => waits.follows.push(Follow {
                    connection: connection.clone(),
                    provider_id: provider_id.clone(),
                    since: *since,
                }),
                Wait::Turn(_) => {
                    waits.queued = true;
                    turns.push((*run, step.clone()));
                    members.extend((*run != id).then_some(*run));
                }
                Wait::Until(_) | Wait::Child(_) => {}
            }
        }
        waits.until = (until < NEVER).then_some(until);
        for run in runs {
            waits.holds.extend(self.world().desk.held_by(run));
            waits.passes.extend(self.world().gate.passed(run));
        }
        (waits, members.into_iter().collect(), turns)
    }

    /// Whether who waited for its turn has it by now.
    fn has_turn(&self, (run, step): &Turn) -> bool {
        match step {
            Some(step) => self.world().desk.held_by(*run).iter().any(|hold| hold.who.step == *step),
            None => self.world().gate.passed(*run).is_some(),
        }
    }
}

/// What is to be watched for a parked run, as long as it is parked, and by the poller of which connection.
pub(super) fn watched(alive: &Arc<RunId>, follow: Follow) -> (String, Watched) {
    let Follow { connection, provider_id, since } = follow;
    (connection, Watched { id: provider_id.into(), since, tell: Tell::Host(Arc::downgrade(alive)) })
}

/// A run, or a step of one, that waits for its turn.
type Turn = (RunId, Option<riposte_model::StepPath>);

/// A place among those at work, until it is free.
pub(super) struct Slot<'s> {
    pub(super) shared: &'s Arc<Shared>,
    pub(super) lane: LaneId,
    pub(super) taken: bool,
}

impl Slot<'_> {
    /// Gives it to whoever is next.
    fn free(&mut self) {
        if std::mem::take(&mut self.taken) {
            self.shared.state().ready.rests(self.lane);
            self.shared.dispatch();
        }
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if self.taken {
            self.shared.state().ready.rests(self.lane);
            // Dropped with its task there may be no runtime any more in which another could begin.
            self.shared.world().wakes.ring();
        }
    }
}
