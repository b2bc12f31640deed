//! Commits, and crashes around them.

use super::living::Living;
use super::{Broken, Fault, Invariant, Lived, Protection, World};
use riposte_engine::{Claimant, Devices, Event, EventBody, Run};
use riposte_model::StepPath;

/// Crashes in one life.
const MAX_CRASHES: u32 = 12;

impl World {
    /// Commits one event. `false`: the world crashed on the way, before or after it.
    pub(super) fn commit(&mut self, at: usize, body: EventBody) -> Lived<bool> {
        if self.dies(Fault::CrashBeforeCommit)? {
            return Ok(false);
        }
        let event = self.next_event(at, body)?;
        self.keep(at, &event);
        if self.dies(Fault::CrashAfterCommit)? {
            return Ok(false);
        }
        self.apply(at, &event).map(|()| true)
    }

    /// Writes down one event in a commit that others share.
    pub(super) fn write(&mut self, at: usize, body: EventBody) -> Lived<()> {
        let event = self.next_event(at, body)?;
        self.keep(at, &event);
        self.apply(at, &event)
    }

    fn keep(&mut self, at: usize, event: &Event) {
        let living = &mut self.runs[at];
        living.journal.append(&mut living.unwritten);
        living.journal.push(event.clone());
    }

    /// What a process without that protection does: it acts as if the event were on disk.
    pub(super) fn pretend(&mut self, at: usize, body: EventBody) -> Lived<bool> {
        let event = self.next_event(at, body)?;
        self.runs[at].unwritten.push(event.clone());
        self.apply(at, &event).map(|()| true)
    }

    fn next_event(&mut self, at: usize, body: EventBody) -> Lived<Event> {
        let run = &self.runs[at].run;
        let event = Event { seq: run.next_seq(), at: self.now, body };
        run.permits(&event)?;
        self.note(|| {
            let body = serde_json::to_string(&event.body).unwrap_or_default();
            format!("run {at} event {} {body}", event.seq)
        });
        Ok(event)
    }

    fn apply(&mut self, at: usize, event: &Event) -> Lived<()> {
        let living = &mut self.runs[at];
        living.run.apply(event)?;
        living.settled = false;
        if let Some(step) = event.body.step() {
            living.traceless.remove(step);
        }
        if living.is_over() {
            living.asking.clear();
            let granted = self.devices.forget(self.runs[at].id);
            self.wake(&granted);
        } else if let Some(step) = event.body.step()
            && living.asking.contains(step)
            && living.run.claim(step).is_none()
        {
            self.let_go(at, &step.clone());
        }
        Ok(())
    }

    /// A step has no use for its device any more, or for its place in the queue: others may go on.
    pub(super) fn let_go(&mut self, at: usize, step: &StepPath) {
        let living = &mut self.runs[at];
        living.asking.remove(step);
        let granted = self.devices.release(&living.claimant(step));
        self.wake(&granted);
    }

    /// Those who waited for a device have it: the engine says what follows.
    fn wake(&mut self, granted: &[Claimant]) {
        for who in granted {
            if let Some(living) = self.runs.iter_mut().find(|living| living.id == who.run) {
                living.tasks.remove(&who.step);
                living.settled = false;
            }
        }
    }

    /// Whether the world crashes here. Then it has.
    pub(super) fn dies(&mut self, fault: Fault) -> Lived<bool> {
        let dies = self.crashes < MAX_CRASHES && self.one_in(25);
        if dies {
            self.life.faults.add(fault);
            self.crash()?;
        }
        Ok(dies)
    }

    /// Everything but the journal is gone. A request whose answer had not come has had its effect or not already.
    pub(super) fn crash(&mut self) -> Lived<()> {
        self.crashes += 1;
        if self.runs.iter().any(|living| living.is_sending(None)) {
            self.life.faults.add(Fault::CrashInFlight);
        }
        self.note(|| "crash".to_owned());
        self.now = self.later(60_000);
        self.provider.arrive(self.now, &mut self.random);
        self.devices = Devices::default();
        for living in &mut self.runs {
            living.forgotten.append(&mut living.traceless);
            living.tasks.clear();
            living.unwritten.clear();
            living.asking.clear();
            living.settled = false;
            living.driven = !living.is_called();
            living.run = Run::replay(living.id, living.playbook.clone(), &living.journal)
                .map_err(|error| Broken(Invariant::StateIsTheFold, error.to_string()))?;
            if self.without != Some(Protection::HoldAfterCrash) && !living.is_over() {
                hold_again(living, &mut self.devices);
            }
        }
        Ok(())
    }
}

/// What is under way on a device holds it, before anybody asks.
fn hold_again(living: &mut Living, devices: &mut Devices) {
    for (step, claim) in living.run.holds() {
        devices.hold(&claim, &living.claimant(step));
        living.asking.insert(step.clone());
    }
}
