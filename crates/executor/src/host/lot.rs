//! Parked runs: an entry each, and when it has to be looked at.

use super::ready::LaneId;
use riposte_model::{RunId, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Where runs are parked.
#[derive(Default)]
pub(crate) struct Lot {
    entries: HashMap<RunId, Entry>,
    timers: BTreeSet<(Timestamp, RunId)>,
    /// Called runs that wait for their turn, and the run that nobody called behind each.
    members: HashMap<RunId, RunId>,
}

/// A parked run.
pub(crate) struct Entry {
    /// Pollers watch for it as long as this lives.
    _alive: Arc<RunId>,
    pub(crate) lane: LaneId,
    until: Option<Timestamp>,
    members: Vec<RunId>,
}

impl Lot {
    /// Parks a run. What has to be watched for it is watched as long as the answer lives, which is until it is woken.
    pub(crate) fn park(
        &mut self,
        run: RunId,
        lane: LaneId,
        until: Option<Timestamp>,
        members: Vec<RunId>,
    ) -> Arc<RunId> {
        let alive = Arc::new(run);
        self.timers.extend(until.map(|until| (until, run)));
        self.members.extend(members.iter().map(|member| (*member, run)));
        self.entries.insert(run, Entry { _alive: alive.clone(), lane, until, members });
        alive
    }

    /// Takes a run out, or the one behind a called run.
    pub(crate) fn wake(&mut self, run: RunId) -> Option<(RunId, Entry)> {
        let run = self.members.get(&run).copied().unwrap_or(run);
        let entry = self.entries.remove(&run)?;
        if let Some(until) = entry.until {
            self.timers.remove(&(until, run));
        }
        for member in &entry.members {
            self.members.remove(member);
        }
        Some((run, entry))
    }

    /// When the next one has to be looked at.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.timers.first().map(|(until, _)| *until)
    }

    /// Takes out whoever has to be looked at by now.
    pub(crate) fn due(&mut self, now: Timestamp) -> Option<(RunId, Entry)> {
        let (until, run) = *self.timers.first()?;
        if until > now { None } else { self.wake(run) }
    }

    pub(crate) fn contains(&self, run: RunId) -> bool {
        self.entries.contains_key(&run)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (RunId, LaneId)> {
        self.entries.iter().map(|(run, entry)| (*run, entry.lane))
    }
}
