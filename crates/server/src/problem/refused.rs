//! What the engine refuses, as a problem.

use super::{Kind, Problem};
use riposte_engine::{RecordError, StoreError};
use riposte_executor::{BeginError, CancelError, GateError, HostError, RecordedError, RetryError};

impl Problem {
    /// Why a webhook's event was not taken in, without the reasons: senders are strangers.
    pub(crate) fn of_intake(error: &HostError) -> Problem {
        match error {
            HostError::Begin(BeginError::Stopped { .. }) => Problem::new(Kind::Stopped),
            HostError::Begin(BeginError::Gate(GateError::Full { .. })) => {
                Problem::with(Kind::Skipped, "it says `when_full: skip`; nothing was started")
            }
            // Why it has none may quote the body.
            HostError::Begin(BeginError::Gate(GateError::Key(_))) => {
                Problem::unfit(vec!["the key of `concurrency` cannot be computed for it".to_owned()])
            }
            HostError::Begin(BeginError::NoConnection(_)) => Problem::new(Kind::Configuration),
            HostError::Begin(BeginError::Record(RecordError::Store(StoreError::Full(_))))
            | HostError::Store(StoreError::Full(_)) => Problem::new(Kind::DiskFull),
            HostError::Begin(BeginError::Record(_)) | HostError::Store(_) => Problem::new(Kind::Journal),
            HostError::Busy => Problem::new(Kind::Busy),
            HostError::Closing => Problem::new(Kind::Closing),
        }
    }
}

/// For whoever has proved who it is: with the reasons.
impl From<HostError> for Problem {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Store(error) => error.into(),
            error => Problem { detail: Some(error.to_string()), ..Problem::of_intake(&error) },
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::NotFound(_) => Kind::NotFound,
            StoreError::Driven { .. } => Kind::Conflict,
            StoreError::Full(_) => Kind::DiskFull,
            StoreError::ReadOnly(_) | StoreError::Busy(_) => Kind::Journal,
            StoreError::Damaged(_)
            | StoreError::TooNew { .. }
            | StoreError::OutOfOrder(_)
            | StoreError::Other(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the journal failed");
                return Problem::with(Kind::Internal, "the daemon's log says how");
            }
        };
        Problem::with(kind, error.to_string())
    }
}

impl From<RecordedError> for Problem {
    fn from(error: RecordedError) -> Self {
        match error {
            RecordedError::Store(error) => error.into(),
            error => Problem::with(Kind::Conflict, error.to_string()),
        }
    }
}

impl From<CancelError> for Problem {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::Recorded(error) => error.into(),
            CancelError::NotYet(_) => Problem::with(Kind::NotYet, error.to_string()),
            error => Problem::with(Kind::Conflict, error.to_string()),
        }
    }
}

impl From<RetryError> for Problem {
    fn from(error: RetryError) -> Self {
        match error {
            RetryError::Recorded(error) => error.into(),
            RetryError::Record(_) => Problem::with(Kind::Journal, error.to_string()),
            error => Problem::with(Kind::Conflict, error.to_string()),
        }
    }
}
