//! What became of loading playbooks and configuration anew.

use riposte_model::Timestamp;

/// Loads playbooks, webhooks, schedules and what else may change while a daemon runs: all of it, or nothing.
pub trait Reload: Send + Sync {
    /// Does it now. It reads files and takes as long as that takes: call it where that keeps nobody waiting. Two at once are
    /// one after the other.
    fn reload(&self) -> Result<Loaded, NotLoaded>;

    /// What is loaded, and whether the last attempt to load something newer failed.
    fn status(&self) -> Status;
}

/// What is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Since when.
    pub at: Timestamp,
    /// How many playbooks.
    pub playbooks: usize,
    /// How many webhooks.
    pub webhooks: usize,
    /// How many schedules.
    pub schedules: usize,
    /// Keys of the configuration that say something else than when the daemon was started, and count after a restart.
    pub needs_restart: Vec<&'static str>,
}

/// Nothing was loaded, and what was loaded before stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotLoaded {
    /// When it was tried.
    pub at: Timestamp,
    /// Why, and where.
    pub why: String,
}

/// How things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Since when the daemon runs.
    pub started_at: Timestamp,
    /// What is loaded.
    pub loaded: Loaded,
    /// What has been tried since, in vain.
    pub failed: Option<NotLoaded>,
}
