//! What came of the times of schedules.

use riposte_model::PlaybookName;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Counts times by playbook and what came of them. There are as many playbooks here as were loaded.
#[derive(Debug, Default)]
pub struct Meter {
    counts: Mutex<BTreeMap<(PlaybookName, &'static str), u64>>,
}

impl Meter {
    pub(super) fn count(&self, playbook: &PlaybookName, what: What) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((playbook.clone(), what.as_str())).or_default() += 1;
    }

    /// What has been counted, by playbook and what came of it: `begun`, `known` (begun before a restart), `waiting`, `skipped`,
    /// `missed`, `refused` or `let_go`.
    pub fn counts(&self) -> BTreeMap<(PlaybookName, &'static str), u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What can come of a time.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// A run began.
    Begun,
    /// Its run had begun before.
    Known,
    /// It waits for the run before to end.
    Waiting,
    /// The run before had not ended, and it waits for nobody.
    Skipped,
    /// Nobody was there: some times in a row.
    Missed,
    /// Somebody has said that no run is to begin.
    Refused,
    /// Too many waited.
    LetGo,
}

impl What {
    fn as_str(self) -> &'static str {
        match self {
            What::Begun => "begun",
            What::Known => "known",
            What::Waiting => "waiting",
            What::Skipped => "skipped",
            What::Missed => "missed",
            What::Refused => "refused",
            What::LetGo => "let_go",
        }
    }
}
