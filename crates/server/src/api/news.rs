//! Telling whoever follows a run that something is new in it. What that is, they read from the journal: whoever reads slowly
//! holds up nobody, and nothing is kept for them.

use riposte_engine::{Event, Note, Observer, Run, RunStarted};
use riposte_model::{RunId, StepPath, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Most who follow runs at once. Each holds a connection for as long as its run takes.
pub const MAX_FOLLOWERS: usize = 64;

/// Hears of every event, and tells those who follow its run.
pub struct News {
    followed: Mutex<HashMap<RunId, Followed>>,
    places: Arc<Semaphore>,
}

/// A run that somebody follows.
struct Followed {
    /// The number of the last event that was heard of.
    last: watch::Sender<u64>,
    followers: usize,
}

impl Default for News {
    fn default() -> Self {
        News { followed: Mutex::default(), places: Arc::new(Semaphore::new(MAX_FOLLOWERS)) }
    }
}

impl News {
    /// Follows a run, if there is a place.
    pub(super) fn follow(self: &Arc<Self>, run: RunId) -> Option<Following> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        let mut followed = self.followed();
        let entry =
            followed.entry(run).or_insert_with(|| Followed { last: watch::Sender::new(0), followers: 0 });
        entry.followers += 1;
        let heard = entry.last.subscribe();
        Some(Following { news: self.clone(), run, heard, _place: place })
    }

    fn tell(&self, run: RunId, seq: u64) {
        if let Some(followed) = self.followed().get(&run) {
            followed.last.send_replace(seq);
        }
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<RunId, Followed>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for News {
    fn begun(&self, run: RunId, _: &RunStarted, _: Timestamp) {
        self.tell(run, 1);
    }

    fn recorded(&self, run: &Run, event: &Event) {
        self.tell(run.id(), event.seq);
    }

    fn noted(&self, _: RunId, _: &StepPath, _: &Note) {}
}

/// Somebody follows a run.
pub(super) struct Following {
    news: Arc<News>,
    run: RunId,
    heard: watch::Receiver<u64>,
    _place: OwnedSemaphorePermit,
}

impl Following {
    /// What happens from now on is news. To be said before the journal is read.
    pub(super) fn catch_up(&mut self) {
        self.heard.mark_unchanged();
    }

    /// Returns when there is news since then.
    pub(super) async fn news(&mut self) {
        // What tells it lives as long as somebody follows the run.
        let _ = self.heard.changed().await;
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut followed = self.news.followed();
        if let Some(entry) = followed.get_mut(&self.run) {
            entry.followers -= 1;
            if entry.followers == 0 {
                followed.remove(&self.run);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_nobody_follows_is_forgotten_and_places_are_given_back() {
        let news = Arc::new(News::default());
        let run = |number: u128| RunId::from_uuid(Uuid::from_u128(number));
        let mut following: Vec<_> =
            (0..MAX_FOLLOWERS).map(|number| news.follow(run(number as u128 / 2)).unwrap()).collect();
        assert!(news.follow(run(0)).is_none(), "there is no place");
        assert_eq!(news.followed().len(), MAX_FOLLOWERS / 2);
        following.pop();
        assert_eq!(news.followed().len(), MAX_FOLLOWERS / 2, "another one follows the same run");
        drop(following);
        assert!(news.followed().is_empty());
        assert!(news.follow(run(0)).is_some());
    }
}
