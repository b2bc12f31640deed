//! Giving runs their turn: whoever makes a run ready or comes to rest does it, and one task does for whatever else there is news of.

use super::news::Known;
use super::ready::LaneId;
use super::{AtHand, Item, Live, Shared, State};
use crate::cancel::Cancel;
use crate::family::Family;
use riposte_model::{RunId, Timestamp};
use std::sync::Arc;
use tracing::field::display;

impl Shared {
    /// Serves until it is told to close, then waits for all that is under way.
    pub(crate) async fn keep(self: Arc<Self>) {
        while !self.closing.is_cancelled() {
            self.take_news();
            self.dispatch();
            self.rounds.send_modify(|round| *round += 1);
            let next = self.state().lot.next();
            tokio::select! {
                biased;
                () = self.closing.cancelled() => {}
                () = self.world().wakes.heard() => {}
                () = self.world().clock.sleep_until(next.unwrap_or(Timestamp::from_millis(i64::MAX))), if next.is_some() => {}
            }
        }
        self.state().live.values().for_each(|live| live.family.leave.cancel());
        self.tasks.close();
        self.tasks.wait().await;
        self.closed.send_replace(true);
    }

    /// Wakes whom there is something to do for.
    fn take_news(&self) {
        let news = self.world().wakes.take();
        let now = self.world().clock.now();
        let mut state = self.state();
        for run in news.turns {
            state.wake(run, None);
        }
        for ended in news.ends {
            state.wake(ended.run, Some(Known::new(ended.provider_id, ended.standing)));
        }
        while let Some((run, entry)) = state.lot.due(now) {
            state.ready.woken(entry.lane, Item::new(run));
        }
    }

    /// Has as many driven as there is room for. None any more once the host is told to close: it then waits for those that are.
    pub(crate) fn dispatch(self: &Arc<Self>) {
        let mut state = self.state();
        while !self.closing.is_cancelled()
            && let Some((lane, item)) = state.ready.next()
        {
            state.packed -= item.at_hand.as_ref().map_or(0, AtHand::packed);
            self.have_driven(&mut state, lane, item);
        }
    }

    /// Has a run driven that has its place.
    pub(super) fn have_driven(self: &Arc<Self>, state: &mut State, lane: LaneId, mut item: Item) {
        let cancel = state.wishes.remove(&item.run).unwrap_or_else(Cancel::new);
        let known = item.known.take().and_then(Known::unpack);
        let family = Family::knowing(cancel, known.into_iter().collect());
        let run = item.run;
        // Boxed, because a task's future is moved several times, and this one is large.
        let task = Box::pin(self.clone().tend(lane, item, family.clone()));
        let task = self.tasks.spawn(task).abort_handle();
        state.live.insert(run, Live { lane, family, task, again: false });
    }
}

/// Says in the log that a task has panicked, and on which run it was at work.
pub(super) struct Told(pub(super) Option<RunId>);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let run_id = self.0.map(display);
            tracing::error!(run_id, "a task of the host panicked, which is a bug in riposte");
        }
    }
}
