//! Who waits for a turn, and in which order.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use tokio::sync::Notify;

use super::Rank;

/// Those who wait. Each customer's calls are dealt out over rounds, one a round, so that a round has one call of everybody.
#[derive(Default)]
pub(super) struct Queue {
    waiting: BTreeMap<Place, Arc<Notify>>,
    /// The round that is being served, and the last one that a customer has a call in; both by rank.
    rounds: HashMap<Rank, Rounds>,
    arrivals: u64,
}

#[derive(Default)]
struct Rounds {
    current: u64,
    last: HashMap<String, u64>,
    waiting: usize,
}

/// Somebody's place; the lowest goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) rank: Rank,
    round: u64,
    arrival: u64,
}

impl Queue {
    pub(super) fn join(&mut self, customer: &str, rank: Rank, bell: Arc<Notify>) -> Place {
        let rounds = self.rounds.entry(rank).or_default();
        rounds.waiting += 1;
        let round = rounds.last.get(customer).map_or(rounds.current, |last| rounds.current.max(last + 1));
        rounds.last.insert(customer.to_owned(), round);
        let place = Place { rank, round, arrival: self.arrivals };
        self.arrivals += 1;
        self.waiting.insert(place, bell);
        place
    }

    pub(super) fn is_first(&self, place: &Place) -> bool {
        self.waiting.keys().next() == Some(place)
    }

    /// The bell of who goes first.
    pub(super) fn first(&self) -> Option<&Arc<Notify>> {
        self.waiting.values().next()
    }

    /// Somebody has had their turn.
    pub(super) fn served(&mut self, place: &Place) {
        if let Some(rounds) = self.rounds.get_mut(&place.rank) {
            rounds.current = rounds.current.max(place.round);
        }
    }

    pub(super) fn leave(&mut self, place: &Place) {
        self.waiting.remove(place);
        if let Some(rounds) = self.rounds.get_mut(&place.rank) {
            rounds.waiting -= 1;
            // Nobody waits: everybody is new again.
            if rounds.waiting == 0 {
                self.rounds.remove(&place.rank);
            }
        }
    }
}
