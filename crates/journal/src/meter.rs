//! What the journal tells whoever counts its commits.

use riposte_engine::StoreError;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Is told of each transaction, by the one task that writes: quickly, since everybody waits for it.
pub trait Meter: Send + Sync {
    /// A transaction has ended.
    fn committed(&self, commit: &Commit<'_>);
}

/// A transaction that has ended.
#[derive(Debug)]
pub struct Commit<'c> {
    /// How many requests shared it.
    pub requests: usize,
    /// How many events it holds.
    pub events: usize,
    /// How long it took, until it was on disk or had failed.
    pub took: Duration,
    /// Why nothing of it was written, if nothing was.
    pub failed: Option<&'c StoreError>,
}

/// Where the meter goes, once there is one: a journal is opened before anybody counts.
pub(crate) type Place = Arc<OnceLock<Arc<dyn Meter>>>;
