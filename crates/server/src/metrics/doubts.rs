//! Calls of which nobody can say whether they were carried out.

use riposte_model::{RunId, StepPath};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Most that are told apart; there have never been more than a handful.
const MAX_DOUBTS: usize = 10_000;

/// The calls in doubt of runs that are driven by this process. After a restart they are known again as soon as they are looked
/// for, which happens at least every half minute.
#[derive(Default)]
pub(super) struct Doubts {
    calls: Mutex<BTreeSet<(RunId, StepPath)>>,
    /// How many there are, for those who ask at every event.
    count: AtomicUsize,
}

impl Doubts {
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// A call is in doubt.
    pub(super) fn arise(&self, run: RunId, step: &StepPath) {
        self.change(|calls| {
            if calls.len() < MAX_DOUBTS {
                calls.insert((run, step.clone()));
            }
        });
    }

    /// A step's call is not in doubt any more, or nobody asks after it any more.
    pub(super) fn settle(&self, run: RunId, step: &StepPath) {
        if self.count() > 0 {
            self.change(|calls| {
                calls.remove(&(run, step.clone()));
            });
        }
    }

    /// A run is over.
    pub(super) fn settle_all(&self, run: RunId) {
        if self.count() > 0 {
            self.change(|calls| calls.retain(|(of, _)| *of != run));
        }
    }

    fn change(&self, change: impl FnOnce(&mut BTreeSet<(RunId, StepPath)>)) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut calls);
        self.count.store(calls.len(), Ordering::Relaxed);
    }
}
