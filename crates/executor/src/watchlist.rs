//! What a poller watches, by when it is due: a hundred thousand of them cost a question no more than a few. When, by a clock
//! that nobody sets.

use crate::wakes::{Ended, Wakes};
use riposte_engine::Standing;
use riposte_model::{Failure, RunId, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use tokio::sync::watch;
use tokio::time::Instant;

/// What is known of a watched action.
#[derive(Clone, Debug)]
pub(crate) enum Word {
    /// Not asked yet.
    Nothing,
    /// Where it stands.
    Standing(Standing),
    /// The question failed.
    Trouble(Failure),
}

/// Something to be watched.
pub(crate) struct Watched {
    /// The provider's id of it.
    pub(crate) id: String,
    /// When it was accepted.
    pub(crate) since: Timestamp,
    /// Who wants to know.
    pub(crate) tell: Tell,
}

/// Who wants to know.
pub(crate) enum Tell {
    /// Somebody who listens to every word.
    Listener(watch::Sender<Word>),
    /// The host of a parked run, as long as that lives: the end alone.
    Host(Weak<RunId>, Arc<Wakes>),
}

impl Tell {
    /// Whether nobody wants to know any more.
    pub(crate) fn is_gone(&self) -> bool {
        match self {
            Tell::Listener(tell) => tell.is_closed(),
            Tell::Host(run, _) => run.strong_count() == 0,
        }
    }

    pub(crate) fn say(&self, id: &str, word: &Word) {
        match (self, word) {
            (Tell::Listener(tell), word) => drop(tell.send_replace(word.clone())),
            (
                Tell::Host(run, host),
                Word::Standing(standing @ (Standing::Succeeded(_) | Standing::Failed(_))),
            ) => {
                if let Some(run) = run.upgrade() {
                    let end = Ended { run: *run, provider_id: id.to_owned(), standing: standing.clone() };
                    host.ended(end);
                }
            }
            (Tell::Host(..), _) => {}
        }
    }
}

/// Everything that is watched, whoever has waited longest first.
#[derive(Default)]
pub(crate) struct Watchlist {
    due: BTreeMap<(Instant, u64), Watched>,
    arrivals: u64,
}

impl Watchlist {
    pub(crate) fn is_empty(&self) -> bool {
        self.due.is_empty()
    }

    /// When the next one is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.due.first_key_value().map(|((due, _), _)| *due)
    }

    pub(crate) fn add(&mut self, due: Instant, watched: Watched) {
        self.due.insert((due, self.arrivals), watched);
        self.arrivals += 1;
    }

    /// Takes out what is due by then, at most so many, and drops on the way what nobody wants to know any more.
    pub(crate) fn take_due(&mut self, horizon: Instant, most: usize) -> Vec<Watched> {
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some(first) = self.due.first_entry()
            && first.key().0 <= horizon
        {
            let one = first.remove();
            if !one.tell.is_gone() {
                taken.push(one);
            }
        }
        taken
    }
}
