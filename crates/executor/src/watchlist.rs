//! What a poller watches, by when it is due: a hundred thousand of them cost a question no more than a few. When, by a clock
//! that nobody sets.

use crate::wakes::{Ended, Wakes};
use riposte_engine::Standing;
use riposte_model::{Failure, RunId, Timestamp};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::{Arc, Weak};
use tokio::sync::watch;
use tokio::time::Instant;

/// What is known of a watched action.
#[derive(Clone, Debug)]
pub(crate) enum Word {
    /// Not asked yet.
    Nothing,
    /// Where it stands.
    Standing(Arc<Standing>),
    /// The question failed.
    Trouble(Failure),
}

/// Something to be watched.
pub(crate) struct Watched {
    /// The provider's id of it.
    pub(crate) id: Box<str>,
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
    Host(Weak<RunId>),
}

impl Tell {
    /// Whether nobody wants to know any more.
    pub(crate) fn is_gone(&self) -> bool {
        match self {
            Tell::Listener(tell) => tell.is_closed(),
            Tell::Host(run) => run.strong_count() == 0,
        }
    }

    pub(crate) fn say(&self, id: &str, word: Word, host: &Wakes) {
        match (self, word) {
            (Tell::Listener(tell), word) => drop(tell.send_replace(word)),
            (Tell::Host(run), Word::Standing(standing)) if standing.is_end() => {
                if let Some(run) = run.upgrade() {
                    let standing = Arc::unwrap_or_clone(standing);
                    host.ended(Ended { run: *run, provider_id: id.to_owned(), standing });
                }
            }
            (Tell::Host(_), _) => {}
        }
    }
}

/// Everything that is watched, whoever has waited longest first.
#[derive(Default)]
pub(crate) struct Watchlist {
    due: BinaryHeap<Due>,
    arrivals: u64,
}

/// Something that is watched, and when it is due. What came first is the greatest, because a heap gives that.
struct Due {
    at: Instant,
    arrival: u64,
    watched: Watched,
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.arrival).cmp(&(self.at, self.arrival))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Due {}

impl Watchlist {
    pub(crate) fn is_empty(&self) -> bool {
        self.due.is_empty()
    }

    /// When the next one is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.due.peek().map(|due| due.at)
    }

    pub(crate) fn add(&mut self, at: Instant, watched: Watched) {
        self.due.push(Due { at, arrival: self.arrivals, watched });
        self.arrivals += 1;
    }

    /// Takes out what is due by then, at most so many, and drops on the way what nobody wants to know any more.
    pub(crate) fn take_due(&mut self, horizon: Instant, most: usize) -> Vec<Watched> {
        let mut taken = Vec::new();
        while taken.len() < most
            && self.next_due().is_some_and(|due| due <= horizon)
            && let Some(Due { watched, .. }) = self.due.pop()
        {
            if !watched.tell.is_gone() {
                taken.push(watched);
            }
        }
        // The room of a wave that is over.
        if self.due.len() < self.due.capacity() / 8 {
            self.due.shrink_to(self.due.len() * 2);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::time::Duration;

    fn watched(id: u32, run: &Arc<RunId>) -> Watched {
        let tell = Tell::Host(Arc::downgrade(run));
        Watched { id: id.to_string().into(), since: Timestamp::from_millis(0), tell }
    }

    fn ids(watched: &[Watched]) -> Vec<&str> {
        watched.iter().map(|one| &*one.id).collect()
    }

    #[test]
    fn what_is_due_comes_in_order_and_only_as_long_as_somebody_wants_to_know() {
        let (mut list, start) = (Watchlist::default(), Instant::now());
        let run = Arc::new(RunId::from_uuid(uuid::Uuid::nil()));
        let gone = Arc::new(*run);
        for (id, seconds) in [(1, 2), (2, 1), (3, 1), (4, 5)] {
            list.add(start + Duration::from_secs(seconds), watched(id, &run));
        }
        list.add(start, watched(5, &gone));
        drop(gone);
        assert_eq!(ids(&list.take_due(start + Duration::from_secs(3), 2)), ["2", "3"]);
        assert_eq!(ids(&list.take_due(start + Duration::from_secs(3), 9)), ["1"]);
        assert_eq!(list.next_due(), Some(start + Duration::from_secs(5)));
    }

    #[test]
    fn a_hundred_thousand_take_little_room_and_give_it_back() {
        assert_eq!(size_of::<Due>(), 64);
        let (mut list, start) = (Watchlist::default(), Instant::now());
        let run = Arc::new(RunId::from_uuid(uuid::Uuid::nil()));
        (0..1_000).for_each(|id| list.add(start, watched(id, &run)));
        assert_eq!(list.take_due(start, 990).len(), 990);
        assert!(list.due.capacity() < 100);
        assert_eq!(list.take_due(start, 990).len(), 10);
    }
}
