//! What becomes of a command, and of the work that it was.

use super::living::{Task, Work};
use super::{Fault, Lived, Protection, World};
use crate::provider::{Provider, VISIBILITY_DELAY, Wish};
use riposte_engine::{
    Call, CallIntended, Claim, Command, Deadline, EventBody, Outcome, RunFinished, RunStatus, Standing,
};
use riposte_model::{Effect, ErrorKind, Failure, StepPath, Timestamp};
use serde_json::Map;
use std::sync::Arc;
use std::time::Duration;

impl World {
    /// Takes up a command. `true`: the state has changed, so what else was commanded is to be asked for again.
    pub(super) fn take_up(&mut self, at: usize, command: Command) -> Lived<bool> {
        match command {
            Command::Record(event) => self.commit(at, event).map(|_| true),
            Command::Call(call) => self.call(at, &call),
            Command::Settle { intent } => {
                let failure = Failure::new(ErrorKind::Unavailable, "crashed");
                let (step, attempt) = (intent.step.clone(), intent.attempt);
                self.commit(at, EventBody::OutcomeUnknown { step, attempt, failure }).map(|_| true)
            }
            Command::Reconcile { intent, unknown_since, deadline, .. } => {
                self.life.doubts += 1;
                let (step, due) = (intent.step.clone(), self.later(2_000));
                self.start(at, step, due, deadline, Work::Look { intent, unknown_since })
            }
            Command::Follow { step, provider_id, deadline, .. } => {
                let due = self.provider.ask_again_at(&provider_id, self.now);
                self.start(at, step, due, deadline, Work::Ask { provider_id })
            }
            Command::Withdraw { .. } if self.without == Some(Protection::Withdrawal) => {
                let finished = RunFinished {
                    status: RunStatus::Cancelled,
                    step: None,
                    failure: None,
                    message: None,
                    outputs: Map::new(),
                };
                self.commit(at, EventBody::RunFinished(finished)).map(|_| true)
            }
            Command::Withdraw { step, provider_id, deadline, .. } => {
                let due = self.later(5_000);
                self.start(at, step, due, deadline, Work::Withdraw { provider_id, taken: false })
            }
            Command::StartChild { step, deadline, .. } if self.now >= deadline.resolve(self.now) => {
                let expired = self.runs[at].run.expire(&step, self.now, None);
                self.commit(at, expired).map(|_| true)
            }
            Command::StartChild { step, playbook, inputs, .. } => {
                self.start_child(at, step, &playbook, inputs)
            }
            Command::AwaitChild { step, run, deadline } => self.await_child(at, step, run, deadline),
            Command::SetTimer { step, after } => {
                let fire_at = self.now.saturating_add(after);
                self.commit(at, EventBody::TimerSet { step, fire_at }).map(|_| true)
            }
            Command::Sleep { step, until, deadline } => self.start(at, step, until, deadline, Work::Timer),
        }
    }

    fn call(&mut self, at: usize, call: &Call) -> Lived<bool> {
        if let Some(not_before) = call.not_before.filter(|moment| *moment > self.now) {
            return self.start(at, call.step.clone(), not_before, call.deadline, Work::Wake);
        }
        if self.now >= call.deadline.resolve(self.now) {
            let expired = self.runs[at].run.expire(&call.step, self.now, None);
            return self.commit(at, expired).map(|_| true);
        }
        if !self.has_its_device(at, call) {
            self.life.waits += 1;
            self.note(|| format!("run {at} `{}` waits for its device", call.step));
            return self.start(at, call.step.clone(), super::world::NEVER, call.deadline, Work::Queue);
        }
        let started_at = self.runs[at].run.record(&call.step).map_or(self.now, |record| record.started_at);
        if call.action.effect == Effect::Once && !self.intend(at, call.intent())? {
            return Ok(true);
        }
        let outcome = match call.action.effect {
            Effect::Read => Provider::look(&mut self.random),
            Effect::Idempotent | Effect::Once => {
                let wish = Wish::of(call);
                if call.action.effect == Effect::Idempotent {
                    self.runs[at].traceless.insert(call.step.clone());
                }
                // Nobody learns what became of it.
                if self.one_in(25) {
                    self.life.faults.add(Fault::CrashInFlight);
                    self.provider.orphan(&wish, self.now, &mut self.random);
                    return self.crash().map(|()| true);
                }
                self.provider.send(&wish, self.now, &mut self.random)
            }
        };
        self.note(|| format!("run {at} `{}` sends {} and will get {outcome:?}", call.step, call.action.name));
        let (due, attempt) = (self.later(5_000), call.attempt);
        let changes = call.action.effect != Effect::Read;
        // A request's answer is waited for even beyond the step's time.
        let work = Work::Answer { attempt, started_at, outcome, changes };
        self.start(at, call.step.clone(), due, Deadline::default(), work)?;
        Ok(call.action.effect == Effect::Once)
    }

    /// Whether the call has the device that it acts on, or needs none.
    fn has_its_device(&mut self, at: usize, call: &Call) -> bool {
        let claim = Claim::of(&call.action, &call.arguments);
        let Some(claim) = claim.filter(|_| self.without != Some(Protection::DeviceQueue)) else {
            return true;
        };
        self.runs[at].asking.insert(call.step.clone());
        self.devices.ask(&claim, &self.runs[at].claimant(&call.step))
    }

    /// Writes down that a call is about to leave. `false`: the world crashed.
    fn intend(&mut self, at: usize, intent: Arc<CallIntended>) -> Lived<bool> {
        let intent = EventBody::CallIntended(intent);
        match self.without {
            Some(Protection::Intent) => self.pretend(at, intent),
            _ => self.commit(at, intent),
        }
    }

    /// Puts a task to work. Always `false`: nothing has been recorded.
    pub(super) fn start(
        &mut self,
        at: usize,
        step: StepPath,
        due: Timestamp,
        deadline: Deadline,
        work: Work,
    ) -> Lived<bool> {
        let deadline = deadline.resolve(self.now);
        self.runs[at].tasks.insert(step, Task { due, deadline, work });
        Ok(false)
    }

    /// A task is done, or its time is over: what came of it is recorded.
    pub(super) fn finish(&mut self, at: usize, step: &StepPath, task: Task) -> Lived<()> {
        let over = self.now >= task.deadline && task.due > task.deadline;
        let run = &self.runs[at].run;
        let events = match task.work {
            Work::Wake | Work::Timer if over => vec![run.expire(step, self.now, None)],
            Work::Queue => vec![run.expire(step, self.now, Some("others were at work on the device"))],
            Work::Wake => vec![],
            Work::Timer => vec![EventBody::TimerFired { step: step.clone() }],
            Work::Answer { attempt, started_at, outcome, .. } => {
                let outcome = match (self.without, outcome) {
                    (Some(Protection::Reconcile), Outcome::Unknown(failure)) => Outcome::Failed(failure),
                    (_, outcome) => outcome,
                };
                run.conclude_call(step, attempt, started_at, outcome, self.now, 0.5)
            }
            Work::Ask { provider_id } => {
                let standing = self.provider.standing(&provider_id, self.now);
                let is_open = matches!(standing, Standing::Open { .. });
                if is_open && self.now < task.deadline {
                    let due = self.later(10_000);
                    let work = Work::Ask { provider_id };
                    self.runs[at].tasks.insert(step.clone(), Task { due, work, ..task });
                    return Ok(());
                }
                let ended = run.conclude_follow(step, standing);
                vec![ended.unwrap_or_else(|| run.expire(step, self.now, Some("Pending")))]
            }
            Work::Withdraw { provider_id, taken } => {
                return self.withdraw(at, step, task.deadline, provider_id, taken);
            }
            Work::Child { number, .. } => {
                let work = Work::Child { number, out_of_time: true };
                self.start(at, step.clone(), super::world::NEVER, Deadline::default(), work)?;
                return self.cancel(number);
            }
            Work::Look { intent, unknown_since } => {
                return self.reconcile(at, step, task.deadline, intent, unknown_since);
            }
        };
        self.commit_all(at, events)
    }

    /// One look into the provider's log; if that does not settle it, another one follows.
    fn reconcile(
        &mut self,
        at: usize,
        step: &StepPath,
        deadline: Timestamp,
        intent: Arc<CallIntended>,
        unknown_since: Timestamp,
    ) -> Lived<()> {
        let delay = match self.without {
            Some(Protection::VisibilityDelay) => Duration::ZERO,
            _ => VISIBILITY_DELAY,
        };
        let settled = self.now >= unknown_since.saturating_add(delay);
        let sighting = self.provider.find(&intent, self.now);
        let run = &self.runs[at].run;
        let events = run.conclude_reconcile(&intent, sighting, settled);
        if events.is_empty() && self.now >= deadline {
            let expired = run.expire(step, self.now, None);
            return self.commit_all(at, vec![expired]);
        }
        if events.is_empty() {
            let due = self.later(10_000);
            let work = Work::Look { intent, unknown_since };
            self.runs[at].tasks.insert(step.clone(), Task { due, deadline, work });
        }
        self.commit_all(at, events)
    }

    fn commit_all(&mut self, at: usize, events: Vec<EventBody>) -> Lived<()> {
        for event in events {
            if !self.commit(at, event)? {
                break;
            }
        }
        Ok(())
    }
}
