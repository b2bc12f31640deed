//! What a poller watches, by when it is due: a hundred thousand of them cost a question no more than a few. When, by a clock
//! that nobody sets.

use crate::poller::Watched;
use std::collections::BTreeMap;
use tokio::time::Instant;

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
