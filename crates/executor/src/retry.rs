//! Runs that have failed, and go on from their failed steps.
//!
//! What is repeated is the engine's to say. Here is decided whether it may be done, and it is written down for a run and for
//! those that it has called in one commit: afterwards they are runs that nobody drives, like any other that was left.

use crate::executor::Executor;
use crate::recorded::{Recorded, RecordedError};
use crate::world::World;
use riposte_engine::{Again, RecordError, Run, RunStatus, StoreError};
use riposte_model::RunId;
use std::pin::Pin;

/// Why a run is not retried. Nothing was done to it.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// It cannot be taken up.
    #[error(transparent)]
    Recorded(#[from] RecordedError),
    /// It has not failed.
    #[error("it {}: only a run that has failed can be retried", words(*.status))]
    NotFailed {
        /// Which run.
        run: RunId,
        /// What it is instead.
        status: RunStatus,
    },
    /// None of its steps has failed, but what is computed from them: the same would be computed again.
    #[error(
        "no step of {0} has failed that could be repeated: what it computes from its steps has, and would again"
    )]
    NothingFailed(RunId),
    /// It could not be written down.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<StoreError> for RetryError {
    fn from(error: StoreError) -> Self {
        RetryError::Recorded(error.into())
    }
}

fn words(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "is not over",
        RunStatus::Succeeded => "has succeeded",
        RunStatus::Failed => "has failed",
        RunStatus::Cancelled => "was cancelled",
    }
}

impl Executor {
    /// A failed run as the store has it, with the called runs that would be retried with it, to look at: what
    /// [`Executor::retry`] would do follows from [`reopening`](riposte_engine::Run::reopening). The errors are those of [`Executor::retry`], but that
    /// nobody is asked who drives it.
    pub async fn failed(&self, id: RunId) -> Result<Recorded, RetryError> {
        let run = self.world.recorded(id).await?;
        if let Some(parent) = run.started().parent.clone() {
            return Err(RecordedError::Called(parent).into());
        }
        let recorded = self.world.with_failed(run).await?;
        self.may_go_on(&recorded)?;
        Ok(recorded)
    }

    /// Has a failed run go on from its failed steps, together with those that it called there, all or none. The run belongs
    /// to this process from then on, and may be driven with [`Executor::drive`]. `by` is who wants that, for the record.
    pub async fn retry(&self, id: RunId, by: &str) -> Result<Recorded, RetryError> {
        // Before it is loaded, so that nobody adds to it in between.
        self.world.store.own(id).await?;
        let mut recorded = self.failed(id).await?;
        let mut runs = recorded.all_mut();
        let events = self.world.ledger.retry(&mut runs, by).await?;
        for (run, event) in runs.into_iter().zip(&events) {
            self.world.observer.recorded(run, event);
        }
        Ok(recorded)
    }
}

impl World {
    /// A failed run with the called ones that it failed by.
    fn with_failed(
        &self,
        run: Run,
    ) -> Pin<Box<dyn Future<Output = Result<Recorded, RetryError>> + Send + '_>> {
        Box::pin(async move {
            let (id, reopening) = (run.id(), run.reopening());
            match run.status() {
                RunStatus::Failed if reopening.again.is_empty() => return Err(RetryError::NothingFailed(id)),
                RunStatus::Failed => {}
                // Its caller's time was over, and begins anew.
                RunStatus::Cancelled if run.started().parent.is_some() => {}
                status => return Err(RetryError::NotFailed { run: id, status }),
            }
            let mut called = Vec::new();
            for (_, again) in &reopening.again {
                if let Again::Run(child) = again {
                    let child = self.recorded(*child).await?;
                    called.push(self.with_failed(child).await?);
                }
            }
            Ok(Recorded { run, called })
        })
    }
}
