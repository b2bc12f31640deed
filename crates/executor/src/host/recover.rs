//! After a restart: where every run stood, and what holds before anybody may act again.

use super::keeper::Told;
use super::lot::NEVER;
use super::ready::LaneId;
use super::tend::watched;
use super::{Item, Shared, Trouble};
use crate::cancel::Cancel;
use crate::recorded::RecordedError;
use crate::watchlist::Watched;
use riposte_engine::{Left, StoreError};
use riposte_model::RunId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Runs in one page.
const PAGE: u32 = 2_000;

/// Runs that are loaded side by side.
const ABREAST: usize = 16;

/// Pause before a run is loaded again that the store did not give.
const PAUSE: Duration = Duration::from_secs(2);

/// What is left to be done after the survey.
#[derive(Default)]
pub(crate) struct LeftOver {
    /// Runs that nobody noted what they wait for: they may have a call under way.
    unknown: Vec<(RunId, LaneId)>,
    /// What parked runs wait for, by connection. There may be a hundred thousand.
    watched: BTreeMap<String, Vec<Watched>>,
}

impl Shared {
    /// Finds out where every run stood, without loading any.
    pub(crate) async fn survey(self: Arc<Self>) -> Result<LeftOver, StoreError> {
        self.store.own_left().await?;
        let stops = self.store.stops().await?;
        *self.world().stops.write().unwrap_or_else(std::sync::PoisonError::into_inner) = stops;
        let (mut over, mut after) = (LeftOver::default(), None);
        loop {
            let page = self.store.left(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(over) };
            after = Some(last.id);
            page.into_iter().for_each(|left| self.place(left, &mut over));
        }
    }

    fn place(&self, left: Left, over: &mut LeftOver) {
        let Left { id, playbook, last_seq, waits, stopped_by } = left;
        let mut state = self.state();
        let lane = state.ready.lane(&playbook);
        let stopped = stopped_by.is_some();
        if let Some(by) = stopped_by {
            let cancel = Cancel::new();
            cancel.ask(&by);
            state.wishes.insert(id, cancel);
        }
        match waits {
            Some(waits) => {
                waits.holds.iter().for_each(|hold| self.world().desk.hold(hold));
                waits.passes.iter().for_each(|passed| self.world().gate.enter(passed));
                if stopped || waits.queued {
                    state.ready.woken(lane, Item::new(id));
                } else {
                    let alive = state.lot.park(id, lane, waits.until.unwrap_or(NEVER), Vec::new());
                    for follow in waits.follows {
                        let (connection, watched) = watched(&alive, follow);
                        over.watched.entry(connection).or_default().push(watched);
                    }
                }
            }
            // It has done nothing.
            None if last_seq == 1 => state.ready.fresh(lane, Item::new(id)),
            None => over.unknown.push((id, lane)),
        }
    }

    /// Loads what may have calls under way, then lets everybody act; and has watched what parked runs wait for.
    pub(crate) async fn recover(self: Arc<Self>, over: LeftOver) {
        let _told = Told(None);
        let mut loading = JoinSet::new();
        for (id, lane) in over.unknown {
            while loading.len() >= ABREAST {
                let _ = loading.join_next().await;
            }
            loading.spawn(self.clone().look_at(id, lane));
        }
        while loading.join_next().await.is_some() {}
        if self.closing.is_cancelled() {
            return;
        }
        self.world().open.send_replace(true);
        self.world().wakes.ring();
        for (connection, watched) in over.watched {
            for one in watched {
                // Woken meanwhile, a run sees to that itself.
                if !one.tell.is_gone() {
                    self.watch(&connection, one).await;
                }
            }
        }
    }

    /// What a run and those that it called have under way holds their devices and places from now on.
    async fn look_at(self: Arc<Self>, id: RunId, lane: LaneId) {
        let recorded = loop {
            match self.executor.recorded(id).await {
                Ok(recorded) => break recorded,
                // Nobody may act before it is known what is under way.
                Err(RecordedError::Store(error)) if !self.closing.is_cancelled() => {
                    tracing::warn!(run_id = %id, %error, "cannot be loaded; no call that changes anything leaves before it is");
                    let again = self.world().clock.now().saturating_add(PAUSE);
                    tokio::select! {
                        () = self.world().clock.sleep_until(again) => {}
                        () = self.closing.cancelled() => {}
                    }
                }
                Err(error) => {
                    tracing::error!(run_id = %id, %error, "left alone");
                    self.state().troubled.insert(id, Trouble { lane, why: error.to_string() });
                    return;
                }
            }
        };
        for run in recorded.all() {
            self.world().desk.hold_all_of(run);
            if run.finished().is_none() && run.steps().next().is_some() {
                self.world().gate.enter_again(run);
            }
        }
        self.state().ready.woken(lane, Item::new(id));
        self.world().wakes.ring();
    }
}
