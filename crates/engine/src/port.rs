//! What the engine needs of the world. The binary hands the executor one of each.

use crate::event::{Event, RunStarted, RunStatus};
use crate::run::Run;
use async_trait::async_trait;
use riposte_model::{Failure, PlaybookName, RunId, SourceHash, StepPath, Timestamp};

/// Wall-clock time.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Returns when `now` has reached `at`; at once if it has.
    async fn sleep_until(&self, at: Timestamp);
}

/// Where events are kept. A store is whatever passes the contract tests.
#[async_trait]
pub trait Store: Send + Sync {
    /// Writes a run's first event together with the playbook's source, all or nothing; returns when it is on disk.
    async fn begin(&self, run: RunId, source: &str, first: &Event) -> Result<(), StoreError>;
    /// Appends events, all or nothing; returns when they are on disk. Their numbers must follow the last one's.
    async fn append(&self, run: RunId, events: &[Event]) -> Result<(), StoreError>;
    /// Appends events to several runs, each once, all or nothing; returns when they are on disk.
    async fn append_all(&self, appended: &[(RunId, &[Event])]) -> Result<(), StoreError>;
    /// Appends events to one run and begins another, all or nothing; returns when it is on disk.
    async fn begin_child(
        &self,
        parent: RunId,
        events: &[Event],
        run: RunId,
        source: &str,
        first: &Event,
    ) -> Result<(), StoreError>;
    /// Takes a run that somebody has left, together with all that it called, so that this process drives it. Comes before
    /// its events are loaded; who begins a run has it already. Nobody else can write to it until this store is closed.
    ///
    /// Refused as [`StoreError::Driven`] while another process that is alive has it. What this process has already, it gets
    /// again: two drivers within one process are the caller's to prevent.
    async fn own(&self, run: RunId) -> Result<(), StoreError>;
    /// All events of a run, in order.
    async fn events(&self, run: RunId) -> Result<Vec<Event>, StoreError>;
    /// The source of a playbook by its hash.
    async fn source(&self, hash: &SourceHash) -> Result<String, StoreError>;
    /// The newest runs first, at most `limit`.
    async fn runs(&self, limit: u32) -> Result<Vec<RunSummary>, StoreError>;
    /// The runs that are not over, in the order in which they began, at most `limit`. `after` is the last one of the page
    /// before; it may have ended since. Runs that another one called are among them.
    async fn unfinished(&self, after: Option<RunId>, limit: u32) -> Result<Vec<RunSummary>, StoreError>;
    /// The ids of the runs whose id begins with this text, at most `limit`.
    async fn runs_like(&self, prefix: &str, limit: u32) -> Result<Vec<RunId>, StoreError>;
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// Its id.
    pub id: RunId,
    /// Which playbook.
    pub playbook: PlaybookName,
    /// Its status.
    pub status: RunStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What started it: kind and name.
    pub trigger: String,
}

/// Why the store did not do it. Nothing of the request counts as kept; whether it was all the same, a run learns by being
/// loaded again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room: free some, and go on.
    #[error("the journal's disk is full")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// May be read and not written.
    #[error("the journal cannot be written")]
    ReadOnly(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Somebody else holds it.
    #[error("the journal is in use by another process")]
    Busy(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is stored is not what was written.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    /// Written by a newer riposte.
    #[error(
        "the journal has schema {found}, and this riposte knows schemas up to {known}: use a newer riposte"
    )]
    TooNew {
        /// What the file says.
        found: i64,
        /// What this program knows.
        known: i64,
    },
    /// No such run or playbook.
    #[error("the journal has no {0}")]
    NotFound(String),
    /// The event numbers do not follow: somebody else has written to this run.
    #[error("run {0} has been written to by somebody else")]
    OutOfOrder(RunId),
    /// Another process drives the run, or has driven it and nobody has taken it since. Nothing was written.
    #[error("run {run} is driven by {by}")]
    Driven {
        /// Which run.
        run: RunId,
        /// Who that is, for people.
        by: String,
    },
    /// Anything else.
    #[error("the journal failed")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Sees what happens, as it happens, to show it. Never slows a run down.
pub trait Observer: Send + Sync {
    /// A run has begun at this moment: its first event has been recorded.
    fn begun(&self, run: RunId, started: &RunStarted, at: Timestamp);
    /// Another event has been recorded; `run` already includes it.
    fn recorded(&self, run: &Run, event: &Event);
    /// Something worth showing that is not recorded.
    fn noted(&self, run: RunId, step: &StepPath, note: &Note);
}

/// Something worth showing that is not recorded, because losing it loses nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A call that may be repeated has left.
    Calling {
        /// Which attempt.
        attempt: u32,
    },
    /// The provider's limits are used up: the call waits for its turn.
    Queued,
    /// Another action on the same device is under way: the call waits for its end.
    Behind,
    /// The provider's own word for where it stands.
    Status(String),
    /// A question to the provider failed and will be asked again.
    AskingAgain(Failure),
    /// The provider is asked to end what it has accepted.
    Withdrawing,
    /// Looking in the provider's log for a call whose outcome is unknown.
    Looking(String),
}
