//! Where accepted events go: the engine that runs behind the doors.

use async_trait::async_trait;
use riposte_engine::{Begun, Delivery};
use riposte_executor::{Host, HostError, NewRun};
use riposte_model::RunId;

/// Takes events in. The real one is a [`Host`].
#[async_trait]
pub trait Intake: Send + Sync {
    /// Begins runs, all or none, and returns once they are on disk; a delivery that is known gives its first run. It is not
    /// dropped before its end: the doors have it in a task of its own, whatever becomes of the sender.
    async fn begin(&self, new: Vec<(NewRun, Option<Delivery>)>) -> Result<Vec<(RunId, Begun)>, HostError>;
}

#[async_trait]
impl Intake for Host {
    async fn begin(&self, new: Vec<(NewRun, Option<Delivery>)>) -> Result<Vec<(RunId, Begun)>, HostError> {
        self.begin_to_its_end(new).await
    }
}
