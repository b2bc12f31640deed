//! Runs that are called, and runs that are cancelled: as the executor's drivers do it, one for each run.

use super::{Living, NEVER, Protection, Task, Work, World, id};
use riposte_engine::{Deadline, Event, EventBody, Parent, Standing, Withdrawal};
use riposte_model::{PlaybookName, RunId, StepPath, Timestamp};
use riposte_playbook::retry::Policy;

impl World {
    /// Begins another run: both know of it, or neither.
    pub(super) fn start_child(
        &mut self,
        at: usize,
        step: StepPath,
        name: &PlaybookName,
    ) -> Result<bool, String> {
        let playbook = self.library.iter().find(|one| one.name == *name);
        let playbook = playbook.ok_or_else(|| format!("there is no playbook `{name}`"))?.clone();
        if self.dies() {
            return self.crash().map(|()| true);
        }
        let caller = &mut self.runs[at];
        let depth = caller.run.started().parent.as_ref().map_or(0, |parent| parent.depth) + 1;
        let parent = Parent { run: caller.id, step: step.clone(), depth };
        let child = id(self.seed, self.life.calls + 1);
        let body = EventBody::ChildStarted { step, run: child };
        let event = Event { seq: caller.run.next_seq(), at: self.now, body };
        caller.run.apply(&event).map_err(|error| error.to_string())?;
        caller.journal.push(event);
        self.runs.push(Living::begin(child, playbook, Some(parent), self.now));
        self.life.calls += 1;
        if self.dies() {
            self.crash()?;
        }
        Ok(true)
    }

    /// Drives another run, if nobody does. It is cancelled at once if this one has been, or its time is over.
    pub(super) fn await_child(
        &mut self,
        at: usize,
        step: StepPath,
        child: RunId,
        deadline: Deadline,
    ) -> Result<bool, String> {
        let number = self.runs.iter().position(|living| living.id == child);
        let number = number.ok_or_else(|| format!("{child} was called and is not there"))?;
        self.runs[number].driven = true;
        let out_of_time = self.now >= deadline.resolve(self.now);
        let deadline = if out_of_time { Deadline::default() } else { deadline };
        self.start(at, step, NEVER, deadline, Work::Child { number, out_of_time })?;
        let cancelled = self.runs[at].run.cancelled_by().is_some();
        if out_of_time || (cancelled && self.protection != Protection::NoLookAtCaller) {
            self.cancel(number)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Records that a run is to end, and drops whatever only waits or asks. Then the same for those that it has called.
    pub(super) fn cancel(&mut self, at: usize) -> Result<(), String> {
        let living = &mut self.runs[at];
        if living.run.finished().is_some() {
            return Ok(());
        }
        living.tasks.retain(|_, task| {
            matches!(task.work, Work::Answer { changes: true, .. } | Work::Look { .. } | Work::Child { .. })
        });
        let asked = living.run.cancelled_by().is_some();
        if !asked && !self.commit(at, EventBody::CancelRequested { by: "somebody".into() })? {
            return Ok(());
        }
        let children = self.runs[at].tasks.values().filter_map(|task| match task.work {
            Work::Child { number, .. } => Some(number),
            _ => None,
        });
        for child in children.collect::<Vec<_>>() {
            let crashes = self.life.crashes;
            self.cancel(child)?;
            if self.life.crashes > crashes {
                break;
            }
        }
        Ok(())
    }

    /// Has the provider end an accepted action: again after an answer that may be another one later, and once it has taken
    /// that on, by looking until it has.
    pub(super) fn withdraw(
        &mut self,
        at: usize,
        step: &StepPath,
        deadline: Timestamp,
        provider_id: String,
        taken: bool,
    ) -> Result<(), String> {
        let answer = match taken {
            false => self.provider.withdraw(&provider_id, self.now, &mut self.random),
            true => match self.provider.standing(&provider_id, self.now).0 {
                Standing::Open { status } => Withdrawal::Taken { status },
                end => Withdrawal::Ended(end),
            },
        };
        let goes_on = match &answer {
            Withdrawal::Taken { .. } => true,
            Withdrawal::Failed(failure) => Policy::may_repeat(failure.kind),
            Withdrawal::Done { .. } | Withdrawal::Ended(_) => false,
        };
        if goes_on && self.now < deadline {
            let (due, taken) = (self.later(20_000), matches!(answer, Withdrawal::Taken { .. }));
            let work = Work::Withdraw { provider_id, taken };
            self.runs[at].tasks.insert(step.clone(), Task { due, deadline, work });
            return Ok(());
        }
        match self.runs[at].run.conclude_withdrawal(step, answer) {
            Some(event) => self.commit(at, event).map(|_| ()),
            None => Ok(()),
        }
    }

    /// A run that was called is over: what came of it is recorded. `true`: something was.
    pub(super) fn take_in_child(&mut self, at: usize) -> Result<bool, String> {
        let ended = self.runs[at].tasks.iter().find_map(|(step, task)| match task.work {
            Work::Child { number, out_of_time } => {
                let finished = self.runs[number].run.finished()?;
                Some(self.runs[at].run.conclude_child(step, self.runs[number].id, finished, out_of_time))
            }
            _ => None,
        });
        let Some(event) = ended else { return Ok(false) };
        if let Some(step) = event.step() {
            self.runs[at].tasks.remove(step);
        }
        self.commit(at, event).map(|_| true)
    }
}
