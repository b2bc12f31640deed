//! The one task that gives runs their turn.

use super::news::Known;
use super::recover::LeftOver;
use super::{AtHand, Item, Live, Shared};
use crate::cancel::Cancel;
use crate::family::Family;
use riposte_model::Timestamp;
use std::sync::Arc;
use tokio::task::JoinSet;

impl Shared {
    /// Serves until it is told to close, then waits for all that is under way.
    pub(crate) async fn keep(self: Arc<Self>, left: LeftOver) {
        let mut tasks = JoinSet::new();
        tasks.spawn(self.clone().recover(left));
        while !self.closing.is_cancelled() {
            self.take_news();
            self.dispatch(&mut tasks);
            self.rounds.send_modify(|round| *round += 1);
            let next = self.state().lot.next();
            tokio::select! {
                biased;
                () = self.closing.cancelled() => {}
                () = self.world().wakes.heard() => {}
                Some(ended) = tasks.join_next() => tell_panic(&ended),
                () = self.world().clock.sleep_until(next.unwrap_or(Timestamp::from_millis(i64::MAX))), if next.is_some() => {}
            }
        }
        self.state().live.values().for_each(|live| live.family.leave.cancel());
        while let Some(ended) = tasks.join_next().await {
            tell_panic(&ended);
        }
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

    /// Has as many driven as there is room for.
    fn dispatch(self: &Arc<Self>, tasks: &mut JoinSet<()>) {
        let mut state = self.state();
        while let Some((lane, mut item)) = state.ready.next() {
            let cancel = state.wishes.remove(&item.run).unwrap_or_else(Cancel::new);
            state.packed -= item.at_hand.as_ref().map_or(0, AtHand::packed);
            let known = item.known.take().and_then(Known::unpack);
            let family = Family::knowing(cancel, known.into_iter().collect());
            state.live.insert(item.run, Live { lane, family: family.clone(), again: false });
            tasks.spawn(self.clone().tend(lane, item, family));
        }
    }
}

fn tell_panic(ended: &Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a task of the host panicked, which is a bug in riposte");
    }
}
