//! Where runs stand and what the next one begins with, remembered, so that most requests need not ask SQLite first.
//!
//! What is remembered is a guess that is mostly right: a run is written by its owner alone, which is this writer, and only what
//! is over is pruned. Nothing hangs on it, though. Whoever writes by it has the statement ask whose the run is
//! (`sql::batch::insert_events`), and nothing is written if it has been taken over, or has an event of that number; nor is it
//! if a new run's number is taken or its playbook is gone. What does not fit what is remembered is refused only after a look. It
//! belongs to a connection and is lost with it, so after any error everything is looked at again.

use riposte_model::{RunId, SourceHash};
use std::collections::{HashMap, HashSet};

/// Runs that are remembered at least, if there are so many; there are never more than twice as many. Those that were written
/// to last are the likeliest to be written to again.
const REMEMBERED: usize = 1024;

/// Playbooks that are remembered to be there.
const PLAYBOOKS: usize = 256;

/// A run that is under way and this writer's own: its number, and that of its last event.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) key: i64,
    pub(super) last_seq: i64,
}

#[derive(Default)]
pub(crate) struct Known {
    recent: HashMap<RunId, Place>,
    /// What has not been written to since `recent` was full the last time.
    before: HashMap<RunId, Place>,
    /// The number of the next run, unless somebody else begins one.
    next_run: Option<i64>,
    playbooks: HashSet<SourceHash>,
    contradicted: bool,
}

impl Known {
    pub(super) fn get(&self, run: RunId) -> Option<Place> {
        self.recent.get(&run).or_else(|| self.before.get(&run)).copied()
    }

    pub(super) fn remember(&mut self, run: RunId, place: Place) {
        if self.recent.len() >= REMEMBERED {
            self.before = std::mem::take(&mut self.recent);
        }
        self.recent.insert(run, place);
    }

    pub(super) fn forget(&mut self, run: RunId) {
        self.recent.remove(&run);
        self.before.remove(&run);
    }

    pub(super) fn next_run(&self) -> Option<i64> {
        self.next_run
    }

    /// `None`: runs have begun of which this does not hear.
    pub(super) fn expect_next(&mut self, run: Option<i64>) {
        self.next_run = run;
    }

    pub(super) fn has_playbook(&self, hash: &SourceHash) -> bool {
        self.playbooks.contains(hash)
    }

    pub(super) fn remember_playbook(&mut self, hash: &SourceHash) {
        if self.playbooks.len() >= PLAYBOOKS {
            self.playbooks.clear();
        }
        if !self.playbooks.contains(hash) {
            self.playbooks.insert(hash.clone());
        }
    }

    /// What was written by it did not fit. SQLite has said so before there was anything to commit.
    pub(super) fn contradict(&mut self) {
        self.contradicted = true;
    }

    pub(super) fn is_contradicted(&self) -> bool {
        self.contradicted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> RunId {
        format!("run_{number:032x}").parse().unwrap()
    }

    #[test]
    fn what_was_written_to_last_is_remembered_and_no_more_than_the_limit() {
        let mut known = Known::default();
        for number in 0..10 * REMEMBERED {
            known.remember(id(0), Place { key: 0, last_seq: i64::try_from(number).unwrap() });
            known.remember(id(number), Place { key: 1, last_seq: 1 });
            assert!(known.recent.len() + known.before.len() <= 2 * REMEMBERED);
        }
        let last = 10 * REMEMBERED - 1;
        assert!((last - REMEMBERED / 2..=last).all(|number| known.get(id(number)).is_some()));
        assert!(known.get(id(1)).is_none());
        assert_eq!(
            known.get(id(0)).map(|place| place.last_seq),
            i64::try_from(last).ok(),
            "the newest counts"
        );
        known.forget(id(0));
        assert!(known.get(id(0)).is_none());
    }
}
