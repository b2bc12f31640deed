//! How often a webhook was answered how.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Counts answers by webhook and status. There are as many webhooks here as are loaded, whatever strangers ask for: all
/// addresses that lead nowhere are counted under an empty name.
#[derive(Debug, Default)]
pub struct Meter {
    counts: Mutex<BTreeMap<(String, u16), u64>>,
}

impl Meter {
    pub(crate) fn count(&self, hook: &str, status: u16) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((hook.to_owned(), status)).or_default() += 1;
    }

    /// What has been counted, by webhook and status.
    pub fn counts(&self) -> BTreeMap<(String, u16), u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
