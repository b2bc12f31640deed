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

mod few;
#[cfg(test)]
mod tests;

use few::Few;
use riposte_model::{ActionSpec, Effect, KeyedMap, KeyedSet, Priority, RunId, StepPath};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
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

/// Steps whose text is shared. More than all playbooks of a house have outside of loops.
const MOST_STEPS: usize = 256;

/// Who holds which device, and who waits for it. There may be a hundred thousand devices, nearly all with one place: texts are
/// shared, and nothing stands in a piece of memory of its own that has room elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Devices {
    /// Those who hold or want a device, by connection and device: what stops harm first, then in the order of arrival. None is
    /// empty.
    queues: BTreeMap<String, HashMap<Arc<str>, Few<Place>>>,
    /// The devices on which each run has a place, so that it is found again without a search.
    runs: KeyedMap<RunId, Few<Arc<str>>>,
    /// Steps that have had a place lately: those of a playbook are the same in all its runs.
    steps: KeyedSet<StepPath>,
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
        let Some(queue) = self.queue(&claim.target) else { return false };
        let holds = queue[at].holds || is_free_for(queue, at, over);
        queue[at].holds = holds;
        holds
    }

    /// Whether somebody who was given a device may begin now. What stops harm may have come to hold it since: then that one is
    /// there before, and whoever has not begun waits again.
    pub fn confirm(&mut self, claim: &Claim, who: &Claimant) -> bool {
        let at = self.place(claim, who);
        let Some(queue) = self.queue(&claim.target) else { return false };
        // Nobody else's turn comes by this: those who wait for this one wait for what stops harm as well.
        let holds = is_free_for(queue, at, |_| false);
        queue[at].holds = holds;
        holds
    }

    /// Holds a device whoever else does: the call is under way already. Comes first after a crash, before anybody asks.
    pub fn hold(&mut self, claim: &Claim, who: &Claimant) {
        let at = self.place(claim, who);
        if let Some(place) = self.queue(&claim.target).and_then(|queue| queue.get_mut(at)) {
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
        let queue = self.queues.get(&target.connection).and_then(|queues| queues.get(target.device.as_str()));
        queue.into_iter().flat_map(|queue| queue.iter()).filter(|place| place.holds).map(|place| &place.who)
    }

    /// What the steps of a run hold.
    pub fn held_by(&self, run: RunId) -> Vec<(Claimant, Claim)> {
        let mut held = Vec::new();
        for device in self.runs.get(&run).into_iter().flat_map(|devices| devices.iter()) {
            for (connection, queues) in &self.queues {
                let places = queues.get(device).into_iter().flat_map(|queue| queue.iter());
                held.extend(places.filter(|place| place.holds && place.who.run == run).map(|place| {
                    let target = Target { connection: connection.clone(), device: device.to_string() };
                    (place.who.clone(), Claim { target, priority: place.priority })
                }));
            }
        }
        held
    }

    /// Whether nobody holds or wants anything.
    pub fn is_empty(&self) -> bool {
        self.queues.values().all(HashMap::is_empty) && self.runs.is_empty()
    }

    fn queue(&mut self, target: &Target) -> Option<&mut Few<Place>> {
        self.queues.get_mut(&target.connection)?.get_mut(target.device.as_str())
    }

    /// The number of somebody's place in the queue of a device: the one that it has, or a new one.
    fn place(&mut self, claim: &Claim, who: &Claimant) -> usize {
        let queue = self.queue(&claim.target);
        if let Some(at) = queue.and_then(|queue| queue.iter().position(|place| place.who == *who)) {
            return at;
        }
        let Claim { target: Target { connection, device }, priority } = claim;
        let who = Claimant { run: who.run, step: self.shared(&who.step) };
        let queues = self.queues.entry(connection.clone()).or_default();
        let device = queues
            .get_key_value(device.as_str())
            .map_or_else(|| device.as_str().into(), |(device, _)| device.clone());
        let of_run = self.runs.entry(who.run).or_default();
        if !of_run.contains(&device) {
            of_run.change(|devices| devices.push(device.clone()));
        }
        let queue = queues.entry(device).or_default();
        let at = match priority {
            Priority::Containment => queue.partition_point(|place| place.priority == Priority::Containment),
            Priority::Collection | Priority::Enrichment => queue.len(),
        };
        queue.change(|places| places.insert(at, Place { who, priority: *priority, holds: false }));
        at
    }

    /// This step, with the text of the same step of other runs.
    fn shared(&mut self, step: &StepPath) -> StepPath {
        if let Some(known) = self.steps.get(step) {
            return known.clone();
        }
        if self.steps.len() >= MOST_STEPS {
            self.steps.clear();
        }
        self.steps.insert(step.clone());
        step.clone()
    }

    fn remove(&mut self, run: RunId, goes: impl Fn(&StepPath) -> bool) -> Vec<Claimant> {
        let Some(mut devices) = self.runs.remove(&run) else { return Vec::new() };
        let mut granted = Vec::new();
        devices.change(|devices| {
            devices.retain(|device| {
                let mut stays = false;
                for queues in self.queues.values_mut() {
                    let Some(queue) = queues.get_mut(device) else { continue };
                    let before = queue.len();
                    queue.change(|places| {
                        places.retain(|place| place.who.run != run || !goes(&place.who.step));
                    });
                    if queue.len() < before {
                        granted.extend(grant(queue));
                    }
                    stays |= queue.iter().any(|place| place.who.run == run);
                    if queue.is_empty() {
                        queues.remove(device);
                        give_back(queues);
                    }
                }
                stays
            });
        });
        if !devices.is_empty() {
            self.runs.insert(run, devices);
        }
        give_back(&mut self.runs);
        granted
    }
}

/// Gives back the room of a wave that is over.
fn give_back<K: Eq + Hash, V, H: BuildHasher>(map: &mut HashMap<K, V, H>) {
    if map.len() < map.capacity() / 8 {
        map.shrink_to(map.len() * 2);
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
