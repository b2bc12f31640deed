//! How things were some time ago, for lists that lag behind.
//!
//! Machine actions and investigations know their own past. Of everything else a copy is kept as it was before each change.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use crate::truth::{Entities, Snapshot, Truth};

/// Copies that are kept, and the things in all of them together. Past either the oldest are forgotten.
const MAX_COPIES: usize = 64;
const MAX_THINGS: usize = 100_000;

/// What there was before each of the last changes, oldest first.
#[derive(Debug, Default)]
pub(super) struct Past {
    copies: VecDeque<(DateTime<Utc>, Snapshot)>,
    things: usize,
}

impl Past {
    /// Keeps what was true until `now`, when something changed.
    pub(super) fn keep(&mut self, before: Snapshot, now: DateTime<Utc>) {
        self.things += before.len();
        self.copies.push_back((now, before));
        while self.copies.len() > MAX_COPIES || self.things > MAX_THINGS {
            let Some((_, oldest)) = self.copies.pop_front() else { break };
            self.things -= oldest.len();
        }
    }

    /// Truth and entities as they were at a time, as far back as they are remembered.
    pub(super) fn at(&self, at: DateTime<Utc>, truth: &Truth, entities: &Entities) -> (Truth, Entities) {
        let known = self.copies.iter().find(|(until, _)| *until > at);
        let things = known.map_or_else(|| Snapshot::of(truth, entities), |(_, copy)| copy.clone());
        things.with_actions(truth, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::truth::begin;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_735_689_600 + second, 0).unwrap()
    }

    /// A past of so many changes, one a second, each of which tags the first device with its number.
    fn past(changes: i64) -> (Past, Truth, Entities) {
        let (mut truth, entities, _) = begin(&Config::default(), at(0));
        let device = truth.devices()[0].id.clone();
        let mut past = Past::default();
        for second in 1..=changes {
            past.keep(Snapshot::of(&truth, &entities), at(second));
            truth.set_tags(&device, &[second.to_string().as_str()]);
        }
        (past, truth, entities)
    }

    #[test]
    fn each_change_can_be_undone_in_looking_back() {
        let (past, truth, entities) = past(3);
        let tags = |second| past.at(at(second), &truth, &entities).0.devices()[0].tags.clone();
        assert_eq!(tags(0), ["test tag 1", "test tag 2"]);
        assert_eq!([tags(1), tags(2), tags(3), tags(9)], [["1"], ["2"], ["3"], ["3"]]);
    }

    #[test]
    fn past_the_limit_the_oldest_are_forgotten_and_the_oldest_known_stands_for_them() {
        let changes = i64::try_from(MAX_COPIES).unwrap() + 10;
        let (past, truth, entities) = past(changes);
        assert_eq!(past.copies.len(), MAX_COPIES);
        let tags = |second| past.at(at(second), &truth, &entities).0.devices()[0].tags.clone();
        assert_eq!(tags(0), ["10"]);
        assert_eq!(tags(11), ["11"]);
        let things: usize = past.copies.iter().map(|(_, copy)| copy.len()).sum();
        assert_eq!(past.things, things);
    }
}
