//! Parked runs: an entry each, and when it has to be looked at.

use super::ready::LaneId;
use riposte_model::{KeyedMap, RunId, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The end of time: nothing has to be looked at then.
pub(crate) const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// Where runs are parked. There may be a hundred thousand.
#[derive(Default)]
pub(crate) struct Lot {
    entries: KeyedMap<RunId, Entry>,
    timers: BTreeSet<(Timestamp, RunId)>,
    /// Called runs that wait for their turn, and the run that nobody called behind each.
    members: KeyedMap<RunId, RunId>,
    /// The same the other way round, for the few runs that have any.
    families: KeyedMap<RunId, Vec<RunId>>,
}

/// A parked run.
pub(crate) struct Entry {
    /// Pollers watch for it as long as this lives.
    _alive: Arc<RunId>,
    /// The end of time if nothing but an event wakes it.
    until: Timestamp,
    pub(crate) lane: LaneId,
}

impl Lot {
    /// Parks a run. What has to be watched for it is watched as long as the answer lives, which is until it is woken.
    pub(crate) fn park(
        &mut self,
        run: RunId,
        lane: LaneId,
        until: Timestamp,
        members: Vec<RunId>,
    ) -> Arc<RunId> {
        let alive = Arc::new(run);
        if until < NEVER {
            self.timers.insert((until, run));
        }
        if !members.is_empty() {
            self.members.extend(members.iter().map(|member| (*member, run)));
            self.families.insert(run, members);
        }
        self.entries.insert(run, Entry { _alive: alive.clone(), until, lane });
        alive
    }

    /// Takes a run out, or the one behind a called run.
    pub(crate) fn wake(&mut self, run: RunId) -> Option<(RunId, Entry)> {
        let run = self.members.get(&run).copied().unwrap_or(run);
        let entry = self.entries.remove(&run)?;
        self.timers.remove(&(entry.until, run));
        for member in self.families.remove(&run).unwrap_or_default() {
            self.members.remove(&member);
        }
        // The room of a wave that is over.
        if self.entries.len() < self.entries.capacity() / 8 {
            self.entries.shrink_to(self.entries.len() * 2);
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

#[cfg(test)]
mod tests {
    use super::super::ready::Ready;
    use super::*;
    use riposte_model::PlaybookName;

    fn run(number: u128) -> RunId {
        RunId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn lane() -> LaneId {
        Ready::<()>::default().lane(&PlaybookName::parse("one").unwrap())
    }

    #[test]
    fn a_run_is_woken_once_by_its_time_or_by_whoever_it_has_called() {
        let (mut lot, at) = (Lot::default(), Timestamp::from_millis);
        drop(lot.park(run(1), lane(), at(20), vec![run(7), run(8)]));
        drop(lot.park(run(2), lane(), at(10), Vec::new()));
        let alive = Arc::downgrade(&lot.park(run(3), lane(), NEVER, Vec::new()));
        assert_eq!((lot.next(), lot.len()), (Some(at(10)), 3));
        assert!(lot.due(at(9)).is_none());
        assert_eq!(lot.due(at(15)).map(|(run, _)| run), Some(run(2)));
        assert_eq!(lot.wake(run(8)).map(|(run, _)| run), Some(run(1)));
        assert!(lot.wake(run(7)).is_none() && lot.wake(run(1)).is_none());
        assert_eq!(
            (lot.next(), alive.strong_count()),
            (None, 1),
            "what is watched has somebody who wants to know"
        );
        assert!(lot.wake(run(3)).is_some());
        assert_eq!((alive.strong_count(), lot.len(), lot.members.len()), (0, 0, 0));
    }

    #[test]
    fn an_entry_takes_little_room_and_gives_it_back() {
        assert_eq!(size_of::<(RunId, Entry)>(), 40);
        let mut lot = Lot::default();
        (0..1_000).for_each(|number| drop(lot.park(run(number), lane(), NEVER, Vec::new())));
        (0..990).for_each(|number| assert!(lot.wake(run(number)).is_some()));
        assert!(lot.entries.capacity() < 100);
        assert_eq!(lot.len(), 10);
    }
}
