//! The tasks of one driver: which are at work for which step, and whether all they do is wait.

use super::Driver;
use crate::family::Wait;
use crate::span;
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
}
