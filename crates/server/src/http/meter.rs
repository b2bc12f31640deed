//! How often a webhook was answered how.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Counts answers by webhook and status. There are as many webhooks here as are loaded, whatever strangers ask for: all
/// addresses that lead nowhere are counted under an empty name.
#[derive(Debug, Default)]
pub struct Meter {
    counts: Mutex<BTreeMap<(String, u16), u64>>,
    filtered: Mutex<BTreeMap<String, u64>>,
}

impl Meter {
    pub(crate) fn count(&self, hook: &str, status: u16) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((hook.to_owned(), status)).or_default() += 1;
    }

    /// Events that were understood, and that no trigger wanted: nothing else is left of them.
    pub(crate) fn filter(&self, hook: &str, events: usize) {
        let mut filtered = self.filtered.lock().unwrap_or_else(PoisonError::into_inner);
        *filtered.entry(hook.to_owned()).or_default() += events as u64;
    }

    /// How many events no trigger wanted, by webhook.
    pub fn filtered(&self) -> BTreeMap<String, u64> {
        self.filtered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What has been counted, by webhook and status.
    pub fn counts(&self) -> BTreeMap<(String, u16), u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
