//! Who acts on which device, and who waits for it: one queue for each device, across all runs.
//!
//! Two `once` actions on one device never overlap, from the intent until the provider has ended the action or the step is
//! over. One exception: what stops harm waits only for its like, and goes before everything else that waits, because an
//! isolation must not stand for hours behind a full scan or the package of a device that is offline
//! (`docs/decisions/0029-one-action-at-a-time.md`).
//!
//! A plain value without clock and I/O: whoever drives runs asks before an intent is written, and is told by
//! [`Devices::release`] and [`Devices::forget`] whose turn it is. A step holds at most one device and never waits while it
//! does, so that nobody can wait in a circle. Nothing of it is on disk: [`Run::holds`](crate::Run::holds) says after a crash
//! who has to hold again.

#[cfg(test)]
mod tests;

use riposte_model::{ActionSpec, Effect, Priority, RunId, StepPath};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// A device, as one connection names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The connection through which it is acted on.
    pub connection: String,
    /// The device's id there.
    pub device: String,
}

/// What a call needs before it may leave: a device for itself, as far as its priority asks for that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Which device.
    pub target: Target,
    /// Whom it waits for.
    pub priority: Priority,
}

impl Claim {
    /// The claim of a call with these arguments; `None` if it acts on no device, or may be repeated.
    pub fn of(spec: &ActionSpec, arguments: &Map<String, Value>) -> Option<Claim> {
        if spec.effect != Effect::Once {
            return None;
        }
        let device = arguments.get(spec.device?)?.as_str()?.to_owned();
        let target = Target { connection: spec.name.connection().to_owned(), device };
        Some(Claim { target, priority: spec.priority })
    }
}

/// Who claims: one step of one run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Claimant {
    /// The run.
    pub run: RunId,
    /// Its step.
    pub step: StepPath,
}

/// Who holds which device, and who waits for it.
#[derive(Clone, Debug, Default)]
pub struct Devices {
    /// Those who hold or want a device: what stops harm first, then in the order of arrival. None is empty. Nearly all have one
    /// place, and there may be a hundred thousand of them: their names are shared, and room for more is made when more come.
    queues: HashMap<Arc<Target>, Vec<Place>>,
    /// Where each run stands, so that it is found again without a search.
    runs: HashMap<RunId, Vec<(StepPath, Arc<Target>)>>,
}

/// Somebody's place in a queue.
#[derive(Clone, Debug)]
struct Place {
    who: Claimant,
    priority: Priority,
    holds: bool,
}

impl Devices {
    /// Asks for a device. `true`: it is held now, by this or an earlier request; `false`: whoever asks waits, and keeps its
    /// place when it asks again.
    pub fn ask(&mut self, claim: &Claim, who: &Claimant) -> bool {
        self.ask_after(claim, who, |_| false)
    }

    /// The same, as if those who are `over` had released it: steps that have ended, which is written down together with the
    /// intent that the device is asked for.
    pub fn ask_after(&mut self, claim: &Claim, who: &Claimant, over: impl Fn(&Claimant) -> bool) -> bool {
        let at = self.place(claim, who);
        let Some(queue) = self.queues.get_mut(&claim.target) else { return false };
        let holds = queue[at].holds || is_free_for(queue, at, over);
        queue[at].holds = holds;
        holds
    }

    /// Whether somebody who was given a device may begin now. What stops harm may have come to hold it since: then that one is
    /// there before, and whoever has not begun waits again.
    pub fn confirm(&mut self, claim: &Claim, who: &Claimant) -> bool {
        let at = self.place(claim, who);
        let Some(queue) = self.queues.get_mut(&claim.target) else { return false };
        // Nobody else's turn comes by this: those who wait for this one wait for what stops harm as well.
        let holds = is_free_for(queue, at, |_| false);
        queue[at].holds = holds;
        holds
    }

    /// Holds a device whoever else does: the call is under way already. Comes first after a crash, before anybody asks.
    pub fn hold(&mut self, claim: &Claim, who: &Claimant) {
        let at = self.place(claim, who);
        if let Some(place) = self.queues.get_mut(&claim.target).and_then(|queue| queue.get_mut(at)) {
            place.holds = true;
        }
    }

    /// A step holds and wants nothing any more. Gives those whose turn has come by that: they hold now.
    #[must_use = "those who waited do not ask again by themselves"]
    pub fn release(&mut self, who: &Claimant) -> Vec<Claimant> {
        self.remove(who.run, |step| *step == who.step)
    }

    /// A run holds and wants nothing any more: it is over, or is driven no longer. Gives those whose turn has come by that.
    #[must_use = "those who waited do not ask again by themselves"]
    pub fn forget(&mut self, run: RunId) -> Vec<Claimant> {
        self.remove(run, |_| true)
    }

    /// Who holds a device.
    pub fn holders(&self, target: &Target) -> impl Iterator<Item = &Claimant> {
        let queue = self.queues.get(target).map_or(&[][..], Vec::as_slice);
        queue.iter().filter(|place| place.holds).map(|place| &place.who)
    }

    /// What the steps of a run hold.
    pub fn held_by(&self, run: RunId) -> Vec<(Claimant, Claim)> {
        let places = self.runs.get(&run).into_iter().flatten();
        let held = places.filter_map(|(step, target)| {
            let who = Claimant { run, step: step.clone() };
            let place = self.queues.get(target)?.iter().find(|place| place.holds && place.who == who)?;
            let claim = Claim { target: Target::clone(target), priority: place.priority };
            Some((who, claim))
        });
        held.collect()
    }

    /// Whether nobody holds or wants anything.
    pub fn is_empty(&self) -> bool {
        self.queues.is_empty() && self.runs.is_empty()
    }

    /// The number of somebody's place in the queue of a device: the one that it has, or a new one.
    fn place(&mut self, claim: &Claim, who: &Claimant) -> usize {
        let target = match self.queues.get_key_value(&claim.target) {
            Some((target, _)) => target.clone(),
            None => Arc::new(claim.target.clone()),
        };
        let queue = self.queues.entry(target.clone()).or_insert_with(|| Vec::with_capacity(1));
        if let Some(at) = queue.iter().position(|place| place.who == *who) {
            return at;
        }
        let of_run = self.runs.entry(who.run).or_insert_with(|| Vec::with_capacity(1));
        of_run.push((who.step.clone(), target));
        let at = match claim.priority {
            Priority::Containment => queue.partition_point(|place| place.priority == Priority::Containment),
            Priority::Collection | Priority::Enrichment => queue.len(),
        };
        queue.insert(at, Place { who: who.clone(), priority: claim.priority, holds: false });
        at
    }

    fn remove(&mut self, run: RunId, goes: impl Fn(&StepPath) -> bool) -> Vec<Claimant> {
        let Some(places) = self.runs.get_mut(&run) else { return Vec::new() };
        let (gone, kept): (Vec<_>, Vec<_>) =
            std::mem::take(places).into_iter().partition(|(step, _)| goes(step));
        *places = kept;
        if places.is_empty() {
            self.runs.remove(&run);
        }
        let mut granted = Vec::new();
        for (_, target) in gone {
            let Some(queue) = self.queues.get_mut(&target) else { continue };
            queue.retain(|place| place.who.run != run || !goes(&place.who.step));
            granted.extend(grant(queue));
            if queue.is_empty() {
                self.queues.remove(&target);
            }
        }
        granted
    }
}

/// Lets everybody hold whose turn has come, and says who they are.
fn grant(queue: &mut [Place]) -> Vec<Claimant> {
    let mut granted = Vec::new();
    for at in 0..queue.len() {
        if !queue[at].holds && is_free_for(queue, at, |_| false) {
            queue[at].holds = true;
            granted.push(queue[at].who.clone());
        }
    }
    granted
}

/// Whether nobody holds the device, or stands before this place, whom it has to wait for. Those who are `over` count for nothing.
fn is_free_for(queue: &[Place], at: usize, over: impl Fn(&Claimant) -> bool) -> bool {
    let mine = queue[at].priority;
    let waits_for = |other: Priority| mine != Priority::Containment || other == Priority::Containment;
    let others = queue.iter().enumerate().filter(|(number, other)| *number != at && !over(&other.who));
    !others.into_iter().any(|(number, other)| (other.holds || number < at) && waits_for(other.priority))
}
