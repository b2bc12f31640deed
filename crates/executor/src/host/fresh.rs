//! A run that has begun and waits for its turn, as the text of its first event: a storm brings tens of thousands, a loaded run
//! takes seven times the room of its text, and reading it from the journal takes four times as long as from that.

use riposte_engine::{Event, EventBody, Run, RunStarted};
use riposte_model::{RunId, Timestamp};
use riposte_playbook::Playbook;
use std::sync::Arc;

/// A run that has only begun.
pub(crate) struct Fresh {
    playbook: Arc<Playbook>,
    at: Timestamp,
    started: Arc<str>,
}

impl Fresh {
    /// One that began so at this moment.
    pub(crate) fn new(playbook: Arc<Playbook>, at: Timestamp, started: Arc<str>) -> Fresh {
        Fresh { playbook, at, started }
    }

    /// How much room it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.started.len()
    }

    /// The run. `None` would be text that is not what was put in; then it is to be loaded.
    pub(crate) fn unpack(self, id: RunId) -> Option<Run> {
        let started: RunStarted = serde_json::from_str(&self.started).ok()?;
        let first = Event { seq: 1, at: self.at, body: EventBody::RunStarted(started.into()) };
        Run::new(id, self.playbook, &first).ok()
    }
}
