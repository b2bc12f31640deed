//! Runs that the store has and nobody drives: their process died, or was left before their end.
//!
//! To take one up is to load its events and to drive it like any other. What is decided here is only whether that may be
//! done with what there is now: the same tenants, the playbooks that it calls, a playbook that can still be read.

use crate::executor::Executor;
use crate::world::World;
use riposte_engine::{EventBody, IllegalEvent, Parent, Run, StepState, StoreError};
use riposte_model::{PlaybookName, RunId};
use riposte_playbook::Playbook;
use std::collections::HashSet;
use std::pin::Pin;

/// A run as the store has it, with the runs that it has called and that are under way. Those are driven by it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The run.
    pub run: Run,
    /// What it waits for.
    pub called: Vec<Recorded>,
}

impl Recorded {
    /// It, and all that it has called.
    pub fn all(&self) -> Vec<&Run> {
        std::iter::once(&self.run).chain(self.called.iter().flat_map(Recorded::all)).collect()
    }

    pub(crate) fn all_mut(&mut self) -> Vec<&mut Run> {
        let called = self.called.iter_mut().flat_map(Recorded::all_mut);
        std::iter::once(&mut self.run).chain(called).collect()
    }
}

/// Why a recorded run is not taken up. Nothing was done to it.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// The store does not give it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its events contradict each other.
    #[error("its record cannot be followed")]
    Illegal(#[from] IllegalEvent),
    /// This program cannot read the playbook that it is pinned to.
    #[error("this riposte cannot read its playbook {playbook}: {why}")]
    Unreadable {
        /// The playbook.
        playbook: PlaybookName,
        /// The first thing that is wrong.
        why: String,
    },
    /// Another run has called it, and drives it.
    #[error("step `{}` of {} has called it: that run drives it", .0.step, .0.run)]
    Called(Parent),
    /// It uses a connection that there is not.
    #[error(
        "it uses the connection `{connection}` ({begun}), and there is none: configure it under `connections`"
    )]
    NoConnection {
        /// The name.
        connection: String,
        /// What it was connected to when the run began.
        begun: String,
    },
    /// It was begun on something else than what is connected now.
    #[error("`{connection}` was {begun} when it began, and is {now} now")]
    Elsewhere {
        /// The name.
        connection: String,
        /// What it was connected to when the run began.
        begun: String,
        /// What it is connected to.
        now: String,
    },
    /// It calls a playbook that there is not.
    #[error("it calls the playbook `{0}`, which is not at hand")]
    NoPlaybook(PlaybookName),
}

impl Executor {
    /// Takes a run that somebody has left, so that no other process drives it, and loads it: it may be driven with
    /// [`Executor::drive`] if [`Executor::may_go_on`], or, if it is only to be cancelled, [`Executor::is_where_it_began`].
    pub async fn take(&self, id: RunId) -> Result<Recorded, RecordedError> {
        self.world.store.own(id).await?;
        self.recorded(id).await
    }

    /// A run as the store has it, to look at. A run that another one has called is refused: that one drives it.
    pub async fn recorded(&self, id: RunId) -> Result<Recorded, RecordedError> {
        let recorded = self.world.with_called(id).await?;
        match recorded.run.started().parent.clone() {
            Some(parent) => Err(RecordedError::Called(parent)),
            None => Ok(recorded),
        }
    }

    /// Whether there is all that the run still needs: what it was connected to, and the playbooks that it calls. Found out
    /// half-way, a missing one would leave a device half-treated.
    pub fn may_go_on(&self, recorded: &Recorded) -> Result<(), RecordedError> {
        self.is_where_it_began(recorded)?;
        let mut seen = HashSet::new();
        recorded.all().into_iter().try_for_each(|run| self.world.has_all_called(run.playbook(), &mut seen))
    }

    /// Whether every connection leads where it led when the run began. Another tenant knows nothing of the run's calls: what
    /// is in doubt would be «certainly absent» there, and sent again.
    pub fn is_where_it_began(&self, recorded: &Recorded) -> Result<(), RecordedError> {
        recorded.all().into_iter().try_for_each(|run| self.world.is_where_it_began(run))
    }
}

impl World {
    /// A run as the store has it.
    pub(crate) async fn recorded(&self, id: RunId) -> Result<Run, RecordedError> {
        let events = self.store.events(id).await?;
        let Some(EventBody::RunStarted(started)) = events.first().map(|event| &event.body) else {
            return Err(StoreError::Damaged(format!("run {id} has no beginning")).into());
        };
        let playbook = self.plans.version(&*self.store, started).await?;
        Ok(Run::replay(id, playbook, &events)?)
    }

    fn with_called(
        &self,
        id: RunId,
    ) -> Pin<Box<dyn Future<Output = Result<Recorded, RecordedError>> + Send + '_>> {
        Box::pin(async move {
            let run = self.recorded(id).await?;
            let calling: Vec<RunId> = run
                .steps()
                .filter_map(|(_, record)| match record.state {
                    StepState::Calling { run } => Some(run),
                    _ => None,
                })
                .collect();
            let mut called = Vec::with_capacity(calling.len());
            for child in calling {
                called.push(self.with_called(child).await?);
            }
            Ok(Recorded { run, called })
        })
    }

    fn is_where_it_began(&self, run: &Run) -> Result<(), RecordedError> {
        for (name, begun) in &run.started().connections {
            let (connection, begun) = (name.clone(), begun.as_str().unwrap_or_default().to_owned());
            let Some(served) = self.connections.get(name) else {
                return Err(RecordedError::NoConnection { connection, begun });
            };
            let now = served.connection.description.clone();
            if now != begun {
                return Err(RecordedError::Elsewhere { connection, begun, now });
            }
        }
        Ok(())
    }

    /// Whether every playbook that may be called is at hand, with the connections that it needs.
    fn has_all_called(
        &self,
        playbook: &Playbook,
        seen: &mut HashSet<PlaybookName>,
    ) -> Result<(), RecordedError> {
        for (_, call) in playbook.calls() {
            if !seen.insert(call.playbook.clone()) {
                continue;
            }
            let called = self.plans.get(&call.playbook);
            let called = called.ok_or_else(|| RecordedError::NoPlaybook(call.playbook.clone()))?;
            let needed = called.actions();
            let missing = needed
                .iter()
                .map(|(_, action)| action.spec.name.connection())
                .find(|name| !self.connections.contains_key(*name));
            if let Some(connection) = missing {
                let (connection, begun) = (connection.to_owned(), format!("for `{}`", call.playbook));
                return Err(RecordedError::NoConnection { connection, begun });
            }
            self.has_all_called(&called, seen)?;
        }
        Ok(())
    }
}
