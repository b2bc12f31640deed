//! Runs that wait to be taken up, and those that have to be left as they are.

use crate::command::records::resolve;
use crate::compose::{self, Station};
use crate::exit::usage;
use anyhow::Result;
use riposte_engine::{RunStatus, Store, StoreError};
use riposte_executor::{Executor, Recorded, RecordedError};
use riposte_journal::Journal;
use riposte_model::RunId;

/// Most runs that one command takes up.
const MOST: usize = 1000;
/// Runs of one look into the journal.
const PAGE: u32 = 200;

/// What is to become of the runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// They go on.
    Resume,
    /// They end.
    Cancel {
        /// Whether there is any connection. A run that was simulated is ended without one: nobody is left who could be asked
        /// what its tenant did, and a real one must not be.
        connected: bool,
    },
}

/// What was found.
#[derive(Default)]
pub(super) struct Waiting {
    /// These can be taken up.
    pub(super) runs: Vec<Recorded>,
    /// These cannot, and why not.
    pub(super) left: Vec<(RunId, String)>,
}

impl Waiting {
    /// Looks at the named runs, or at all that are not over, and takes those that can be taken up, unless it is only asked
    /// which those are.
    pub(super) async fn find(
        station: &Station,
        named: &[String],
        aim: Aim,
        only_look: bool,
    ) -> Result<Waiting> {
        let mut waiting = Waiting::default();
        if named.is_empty() {
            for id in unfinished(&station.journal).await? {
                match look(&station.executor, id, aim, only_look).await {
                    // These were not left: another run or another process is at work on them.
                    Err(RecordedError::Called(_) | RecordedError::Store(StoreError::Driven { .. })) => {}
                    looked => waiting.add(id, looked),
                }
            }
        } else {
            let mut ids = Vec::with_capacity(named.len());
            for text in named {
                let id = resolve(&station.journal, text).await?;
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            for id in ids {
                waiting.add(id, look(&station.executor, id, aim, only_look).await);
            }
        }
        Ok(waiting)
    }

    fn add(&mut self, id: RunId, looked: Result<Recorded, RecordedError>) {
        match looked {
            Ok(recorded) => match recorded.run.status() {
                RunStatus::Running => self.runs.push(recorded),
                status => self.left.push((id, format!("it is over: {}", status.as_str()))),
            },
            Err(error) => self.left.push((id, reason(error))),
        }
    }
}

async fn unfinished(journal: &Journal) -> Result<Vec<RunId>> {
    let mut ids = Vec::new();
    loop {
        let page = journal.unfinished(ids.last().copied(), PAGE).await?;
        if page.is_empty() {
            return Ok(ids);
        }
        ids.extend(page.iter().map(|run| run.id));
        if ids.len() > MOST {
            return Err(usage(format!("more than {MOST} runs are not over: name those to take up")));
        }
    }
}

/// A run, if it can be taken up for this.
async fn look(executor: &Executor, id: RunId, aim: Aim, only_look: bool) -> Result<Recorded, RecordedError> {
    let recorded = executor.recorded(id).await?;
    if recorded.run.status() != RunStatus::Running {
        return Ok(recorded);
    }
    match aim {
        Aim::Resume => executor.may_go_on(&recorded)?,
        Aim::Cancel { connected: false } if compose::was_simulated(recorded.run.started()) => {}
        Aim::Cancel { .. } => executor.is_where_it_began(&recorded)?,
    }
    // What it was read as before it was taken may have changed since.
    if only_look { Ok(recorded) } else { executor.take(id).await }
}

/// Why a run is left as it is, and what to do about it.
pub(super) fn reason(error: RecordedError) -> String {
    match &error {
        RecordedError::NoConnection { begun, .. } | RecordedError::Elsewhere { begun, .. }
            if compose::is_simulated(begun) =>
        {
            "it was begun with --simulate, and its tenant has ended with its process: `riposte runs cancel`, \
             without --config, closes its record"
                .to_owned()
        }
        RecordedError::NoConnection { .. } => format!("{error}, and give it by --config FILE"),
        RecordedError::Elsewhere { .. } => format!("{error}: give the configuration that it began with"),
        RecordedError::NoPlaybook(_) => format!("{error}: give its file or folder by --playbooks PATH"),
        RecordedError::Unreadable { .. } => format!("{error}: take it up with the riposte that began it"),
        RecordedError::Store(_) | RecordedError::Illegal(_) | RecordedError::Called(_) => {
            format!("{:#}", anyhow::Error::new(error))
        }
    }
}
