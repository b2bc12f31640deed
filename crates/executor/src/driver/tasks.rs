//! The tasks of one driver: which are at work for which step, whether all they do is wait, and what becomes of one that has ended.

use super::Driver;
use super::onward::Onward;
use crate::family::Wait;
use crate::span;
use crate::stop::Stop;
use crate::work::Report;
use riposte_model::StepPath;
use tokio::task::AbortHandle;
use tracing::Instrument as _;

/// A task at work for a step.
pub(crate) struct Busy {
    pub(super) task: AbortHandle,
    pub(super) at: At,
    /// Whether it only waits, which others can do as well.
    rests: bool,
}

/// What is lost when a task is dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// Nothing: it waits, or asks what may be asked again.
    Waiting,
    /// An answer that would settle what is open, and can be asked for again. That it is open is on disk.
    Looking,
    /// Knowledge: a call that changes something is on its way.
    Sending,
    /// The drive of another run, which has to come to a recorded end too.
    Calling,
}

/// Panics that the work on calls in doubt survives.
const MAX_PANICS: u32 = 3;

/// A task that has ended.
type Joined = Result<(tokio::task::Id, (StepPath, Report)), tokio::task::JoinError>;

impl Driver {
    /// Says that nobody is at work here, if that is so.
    pub(super) fn rest(&mut self) {
        if self.busy.values().all(|busy| busy.rests) {
            self.working = None;
        }
    }

    /// Says that somebody is at work again. The family may have been parked meanwhile; then this driver is about to be dropped.
    pub(super) async fn rouse(&mut self) {
        if self.working.is_none() {
            match self.family.work() {
                Some(work) => self.working = Some(work),
                None => std::future::pending().await,
            }
        }
    }

    /// Drops all tasks but those of these kinds.
    pub(super) fn drop_all_but(&mut self, kept: &[At]) {
        let (run, family) = (self.run.id(), &self.family);
        self.busy.retain(|step, busy| {
            let keep = kept.contains(&busy.at);
            if !keep {
                busy.task.abort();
                family.goes_on(run, Some(step));
            }
            keep
        });
    }

    /// Puts a task to work for a step.
    pub(crate) fn spawn(
        &mut self,
        step: StepPath,
        at: At,
        work: impl Future<Output = Report> + Send + 'static,
    ) {
        self.put_to_work(step, at, false, work);
    }

    /// The same with one that only waits: should the family be parked, the host waits in its place.
    pub(crate) fn wait(
        &mut self,
        step: StepPath,
        at: At,
        wait: Wait,
        work: impl Future<Output = Report> + Send + 'static,
    ) {
        self.family.waits(self.run.id(), Some(step.clone()), wait);
        self.put_to_work(step, at, true, work);
    }

    fn put_to_work(
        &mut self,
        step: StepPath,
        at: At,
        rests: bool,
        work: impl Future<Output = Report> + Send + 'static,
    ) {
        let name = step.clone();
        let span = if rests { span::wait(&self.run, &step) } else { span::work(&self.run, &step) };
        let task = self.tasks.spawn(async move { (name, work.await) }.instrument(span));
        self.busy.insert(step, Busy { task, at, rests });
    }

    /// Takes in what a task that has ended reports.
    pub(super) async fn take_joined(&mut self, joined: Joined) -> Result<(), Stop> {
        match joined {
            // One that was dropped may have come to its end all the same. Whoever is at work now finds out better.
            Ok((task, (step, _))) if self.busy.get(&step).is_none_or(|busy| busy.task.id() != task) => Ok(()),
            Ok((_, (step, report))) => {
                self.busy.remove(&step);
                self.family.goes_on(self.run.id(), Some(&step));
                self.take_in(&step, report, Onward::Yes).await
            }
            Err(error) if error.is_panic() => self.forget(error.id()),
            // Dropped by a cancellation, which has forgotten it already.
            Err(_) => Ok(()),
        }
    }

    /// A task has panicked. What became of its call is then unknown, which is a state like any other: the engine will have
    /// it looked for. Everything else ends the drive.
    fn forget(&mut self, task: tokio::task::Id) -> Result<(), Stop> {
        let busy = self.busy.iter().find(|(_, busy)| busy.task.id() == task);
        let Some((step, at)) = busy.map(|(step, busy)| (step.clone(), busy.at)) else {
            return Ok(());
        };
        self.busy.remove(&step);
        self.panics += 1;
        if matches!(at, At::Waiting | At::Calling) || self.panics > MAX_PANICS {
            Err(Stop::Panicked(step))
        } else {
            Ok(())
        }
    }
}
