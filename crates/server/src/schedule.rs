//! Schedules: the clock begins runs.
//!
//! ```text
//!   Cron ──► times::due ──► Line::look ──► Host::begin (at most once for its time)
//!                 ▲              │
//!                 └── until ◄────┴──► HostStore::note_schedules
//! ```
//!
//! Two things are kept, for two reasons. That no time begins two runs is decided where runs begin: each begins for a delivery
//! whose key is the planned time. What was missed while nobody was there is counted from a note: up to when a schedule's times
//! are dealt with. The note is written after the runs, so that a crash between costs a question and never a run.

mod line;
mod meter;
mod times;
mod work;

pub use line::source;
pub use meter::Meter;
pub use times::start;

use riposte_engine::{Clock, HostStore, StoreError};
use riposte_executor::Host;
use riposte_playbook::Playbook;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use work::Work;

/// A time counts as missed if its run has not begun so much later: whoever restarts or reloads has missed nothing yet.
pub const GRACE: Duration = Duration::from_secs(60);

/// Most times of one schedule that `missed: all` makes up for at once: the newest.
pub const MOST_MADE_UP: usize = 100;

/// Most times of one schedule that wait for its last run to end. The oldest is let go for one more.
pub const MOST_WAITING: usize = 100;

/// How long it is known which time began which run, from its planned time on.
const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 3600);

/// Has the clock begin runs.
pub struct Scheduler {
    playbooks: watch::Sender<Vec<Arc<Playbook>>>,
    closing: CancellationToken,
    meter: Arc<Meter>,
    /// The one task; dropped, it ends at once.
    task: Mutex<JoinSet<()>>,
}

/// What a scheduler needs.
#[derive(Clone)]
pub(crate) struct Doors {
    pub(crate) host: Host,
    pub(crate) store: Arc<dyn HostStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) meter: Arc<Meter>,
}

impl Scheduler {
    /// Serves the schedules of these playbooks from now on. One that is known goes on from where it was, one that is new from
    /// now; one that is known and no longer there is forgotten. Must be called within a tokio runtime.
    pub async fn start(
        host: Host,
        store: Arc<dyn HostStore>,
        clock: Arc<dyn Clock>,
        playbooks: Vec<Arc<Playbook>>,
    ) -> Result<Scheduler, StoreError> {
        let known = store.schedules().await?;
        let (sender, receiver) = watch::channel(playbooks);
        let closing = CancellationToken::new();
        let meter = Arc::new(Meter::default());
        let doors = Doors { host, store, clock, meter: meter.clone() };
        let work = Work::new(doors, known, receiver, closing.clone());
        let mut task = JoinSet::new();
        task.spawn(work.serve());
        Ok(Scheduler { playbooks: sender, closing, meter, task: Mutex::new(task) })
    }

    /// What has come of the times so far.
    pub fn meter(&self) -> Arc<Meter> {
        self.meter.clone()
    }

    /// Serves the schedules of these playbooks instead. What is due already is dealt with first, as it was; a schedule that is in
    /// both sets, with whatever steps and whatever rules, goes on from where it is.
    pub fn replace(&self, playbooks: Vec<Arc<Playbook>>) {
        self.playbooks.send_replace(playbooks);
    }

    /// Begins nothing any more. Returns when what it was at is done and noted.
    pub async fn close(&self) {
        self.closing.cancel();
        let mut task = std::mem::take(&mut *self.task.lock().unwrap_or_else(PoisonError::into_inner));
        while let Some(ended) = task.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "the scheduler panicked, which is a bug in riposte");
            }
        }
    }
}
