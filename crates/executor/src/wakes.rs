//! What the queues and pollers tell a host: which runs there is something to do for.

use riposte_engine::Standing;
use riposte_model::{KeyedSet, RunId};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What a parked run waited for has ended.
pub(crate) struct Ended {
    pub(crate) run: RunId,
    pub(crate) provider_id: String,
    pub(crate) standing: Standing,
}

/// News for a host. Holds at most one word for each run and each thing that is followed; none while nobody listens.
#[derive(Default)]
pub(crate) struct Wakes {
    news: Mutex<Option<News>>,
    bell: Notify,
}

/// What has come since the last look.
#[derive(Default)]
pub(crate) struct News {
    /// It may be the turn of these.
    pub(crate) turns: KeyedSet<RunId>,
    /// What parked runs waited for has ended.
    pub(crate) ends: Vec<Ended>,
}

impl Wakes {
    /// From now on somebody listens.
    pub(crate) fn listen(&self) {
        self.news().get_or_insert_default();
    }

    pub(crate) fn turn(&self, run: RunId) {
        if let Some(news) = self.news().as_mut() {
            news.turns.insert(run);
            self.bell.notify_one();
        }
    }

    pub(crate) fn ended(&self, ended: Ended) {
        if let Some(news) = self.news().as_mut() {
            news.ends.push(ended);
            self.bell.notify_one();
        }
    }

    /// Has whoever listens look again.
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Waits for the next word, or for [`Wakes::ring`].
    pub(crate) async fn heard(&self) {
        self.bell.notified().await;
    }

    /// What has come.
    pub(crate) fn take(&self) -> News {
        self.news().as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn news(&self) -> MutexGuard<'_, Option<News>> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
