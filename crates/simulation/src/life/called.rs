//! Runs that are called, and runs that are cancelled: as the executor's drivers do it, one for each run.

use super::living::{Living, Task, Work};
use super::world::NEVER;
use super::{Broken, Fault, Invariant, Lived, Protection, World};
use riposte_engine::{Deadline, EventBody, Parent, Standing, Trigger, Withdrawal};
use riposte_model::{PlaybookName, RunId, StepPath, Timestamp};
use riposte_playbook::retry::Policy;
use serde_json::{Map, Value};

impl World {
    /// Begins another run: both know of it, or neither.
    pub(super) fn start_child(
        &mut self,
        at: usize,
        step: StepPath,
        name: &PlaybookName,
        inputs: Map<String, Value>,
    ) -> Lived<bool> {
        let playbook = self.library.iter().find(|one| one.name == *name);
        let absent = || Broken(Invariant::EventsAreLegal, format!("there is no playbook `{name}`"));
        let playbook = playbook.ok_or_else(absent)?.clone();
        let inputs = playbook.inputs.accept(inputs);
        let inputs = inputs.map_err(|why| Broken(Invariant::EventsAreLegal, format!("{name}: {why:?}")))?;
        if self.dies(Fault::CrashBeforeCommit)? {
            return Ok(true);
        }
        let caller = &self.runs[at];
        let depth = caller.run.started().parent.as_ref().map_or(0, |parent| parent.depth) + 1;
        let parent = Parent { run: caller.id, step: step.clone(), depth };
        let trigger =
            Trigger { kind: "call".into(), name: caller.playbook.name.to_string(), body: Value::Null.into() };
        let child = self.next_id();
        self.runs.push(Living::begin(child, playbook, inputs, trigger, Some(parent), self.now));
        self.write(at, EventBody::ChildStarted { step, run: child })?;
        self.life.called += 1;
        self.dies(Fault::CrashAfterCommit)?;
        Ok(true)
    }

    /// Drives another run, if nobody does. It is cancelled at once if this one has been, or its time is over.
    pub(super) fn await_child(
        &mut self,
        at: usize,
        step: StepPath,
        child: RunId,
        deadline: Deadline,
    ) -> Lived<bool> {
        let number = self.runs.iter().position(|living| living.id == child);
        let lost = || Broken(Invariant::OneRunEach, format!("{child} was called and is not there"));
        let number = number.ok_or_else(lost)?;
        self.runs[number].driven = true;
        let out_of_time = self.now >= deadline.resolve(self.now);
        let deadline = if out_of_time { Deadline::default() } else { deadline };
        self.start(at, step, NEVER, deadline, Work::Child { number, out_of_time })?;
        let cancelled = self.runs[at].run.cancelled_by().is_some();
        if out_of_time || (cancelled && self.without != Some(Protection::LookAtCaller)) {
            self.cancel(number)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Records that a run is to end, and drops whatever only waits or asks. Then the same for those that it has called.
    pub(super) fn cancel(&mut self, at: usize) -> Lived<()> {
        let living = &mut self.runs[at];
        if living.is_over() {
            return Ok(());
        }
        living.settled = false;
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
            let crashes = self.crashes;
            self.cancel(child)?;
            if self.crashes > crashes {
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
    ) -> Lived<()> {
        let answer = match taken {
            false => self.provider.withdraw(&provider_id, self.now, &mut self.random),
            true => match self.provider.standing(&provider_id, self.now) {
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
    pub(super) fn take_in_child(&mut self, at: usize) -> Lived<bool> {
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
