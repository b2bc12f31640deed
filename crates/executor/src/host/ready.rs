//! Runs that there is something to do for, and whose turn it is: playbooks take turns, so that the storm of one does not hold
//! up another's first step.

use indexmap::IndexMap;
use riposte_model::PlaybookName;
use std::collections::VecDeque;

/// Most runs at work at once. Runs that only wait do not count. Three and four times as many were faster on some days and slower
/// on others, on two cores, and nearly always took five to ten megabytes more in a storm.
pub(super) const MOST: usize = 256;

/// Most of one playbook. A playbook with none at work always has one more, whatever the others do.
const SHARE: usize = 128;

/// The number of a playbook's lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LaneId(u32);

/// What waits, by playbook.
pub(crate) struct Ready<T> {
    lanes: IndexMap<PlaybookName, Lane<T>>,
    at_work: usize,
    waiting: usize,
    /// Who is asked first.
    next: usize,
}

struct Lane<T> {
    /// Runs that have begun to act go first: others may wait for what they hold.
    woken: VecDeque<T>,
    fresh: VecDeque<T>,
    at_work: usize,
}

impl<T> Lane<T> {
    /// Gives back the room of a wave that is over.
    fn give_back(&mut self) {
        for queue in [&mut self.woken, &mut self.fresh] {
            if queue.len() < queue.capacity() / 8 {
                queue.shrink_to(queue.len() * 2);
            }
        }
    }
}

impl<T> Default for Ready<T> {
    fn default() -> Self {
        Ready { lanes: IndexMap::new(), at_work: 0, waiting: 0, next: 0 }
    }
}

impl<T> Ready<T> {
    /// The lane of a playbook.
    pub(crate) fn lane(&mut self, playbook: &PlaybookName) -> LaneId {
        let at = self.lanes.get_index_of(playbook).unwrap_or_else(|| {
            let lane = Lane { woken: VecDeque::new(), fresh: VecDeque::new(), at_work: 0 };
            self.lanes.insert_full(playbook.clone(), lane).0
        });
        LaneId(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// Whose lane this is.
    pub(crate) fn playbook(&self, lane: LaneId) -> Option<&PlaybookName> {
        self.lanes.get_index(lane.0 as usize).map(|(playbook, _)| playbook)
    }

    /// A run that has not done anything yet.
    pub(crate) fn fresh(&mut self, lane: LaneId, one: T) {
        if let Some(lane) = self.of(lane) {
            lane.fresh.push_back(one);
            self.waiting += 1;
        }
    }

    /// A run that goes on.
    pub(crate) fn woken(&mut self, lane: LaneId, one: T) {
        if let Some(lane) = self.of(lane) {
            lane.woken.push_back(one);
            self.waiting += 1;
        }
    }

    /// Whose turn it is. It is at work from now on.
    pub(crate) fn next(&mut self) -> Option<(LaneId, T)> {
        let room = self.at_work < MOST;
        for step in 0..self.lanes.len() {
            let at = (self.next + step) % self.lanes.len();
            let lane = &mut self.lanes[at];
            if lane.at_work > 0 && (!room || lane.at_work >= SHARE) {
                continue;
            }
            if let Some(one) = lane.woken.pop_front().or_else(|| lane.fresh.pop_front()) {
                lane.give_back();
                lane.at_work += 1;
                self.at_work += 1;
                self.waiting -= 1;
                self.next = at + 1;
                return Some((LaneId(u32::try_from(at).unwrap_or(u32::MAX)), one));
            }
        }
        None
    }

    /// Takes a place in a lane for one that need not wait for its turn, if nobody waits there and there is room.
    pub(crate) fn take_place(&mut self, lane: LaneId) -> bool {
        let room = self.at_work < MOST;
        let Some(lane) = self.of(lane) else { return false };
        let free = lane.at_work == 0 || (room && lane.at_work < SHARE);
        if free && lane.woken.is_empty() && lane.fresh.is_empty() {
            lane.at_work += 1;
            self.at_work += 1;
            return true;
        }
        false
    }

    /// One of a lane is at work no longer.
    pub(crate) fn rests(&mut self, lane: LaneId) {
        if let Some(lane) = self.of(lane) {
            lane.at_work -= 1;
            self.at_work -= 1;
        }
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// How many are at work.
    pub(crate) fn at_work(&self) -> usize {
        self.at_work
    }

    /// Everything that waits, with its playbook.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PlaybookName, &T)> {
        let lanes = self.lanes.iter();
        lanes
            .flat_map(|(playbook, lane)| lane.woken.iter().chain(&lane.fresh).map(move |one| (playbook, one)))
    }

    fn of(&mut self, lane: LaneId) -> Option<&mut Lane<T>> {
        self.lanes.get_index_mut(lane.0 as usize).map(|(_, lane)| lane)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> (Ready<u32>, LaneId, LaneId) {
        let mut ready = Ready::default();
        let storm = ready.lane(&PlaybookName::parse("storm").unwrap());
        let calm = ready.lane(&PlaybookName::parse("calm").unwrap());
        (ready, storm, calm)
    }

    #[test]
    fn a_storm_of_one_playbook_leaves_the_first_of_another_its_turn() {
        let (mut ready, storm, calm) = two();
        (0..10_000).for_each(|number| ready.fresh(storm, number));
        let mut at_work = 0;
        while ready.next().is_some() {
            at_work += 1;
        }
        assert_eq!((at_work, ready.waiting()), (SHARE, 10_000 - SHARE));
        ready.fresh(calm, 1);
        assert_eq!(ready.next(), Some((calm, 1)));
    }

    #[test]
    fn with_everything_taken_a_playbook_without_any_at_work_has_one() {
        let (mut ready, _, calm) = two();
        let storms: Vec<LaneId> = (0..4)
            .map(|number| ready.lane(&PlaybookName::parse(&format!("storm-{number}")).unwrap()))
            .collect();
        for storm in storms {
            (0..1000).for_each(|number| ready.fresh(storm, number));
        }
        while ready.next().is_some() {}
        assert!(ready.at_work() >= MOST);
        (0..2).for_each(|number| ready.fresh(calm, number));
        assert_eq!(ready.next(), Some((calm, 0)));
        assert_eq!(ready.next(), None);
        ready.rests(calm);
        assert_eq!(ready.next(), Some((calm, 1)));
    }

    #[test]
    fn a_place_is_taken_without_waiting_only_where_nobody_waits() {
        let (mut ready, storm, calm) = two();
        (0..SHARE).for_each(|_| assert!(ready.take_place(storm)));
        assert!(!ready.take_place(storm), "it has its share");
        ready.fresh(storm, 1);
        ready.rests(storm);
        assert!(!ready.take_place(storm), "it is another's turn");
        assert_eq!(ready.next(), Some((storm, 1)));
        assert!(ready.take_place(calm));
        assert_eq!(ready.at_work(), SHARE + 1);
    }

    #[test]
    fn the_room_of_a_wave_is_given_back() {
        let (mut ready, storm, _) = two();
        (0..10_000).for_each(|number| ready.fresh(storm, number));
        for number in 0..9_990 {
            assert_eq!(ready.next(), Some((storm, number)));
            ready.rests(storm);
        }
        assert!(ready.of(storm).unwrap().fresh.capacity() < 100);
        assert_eq!(ready.next(), Some((storm, 9_990)));
    }

    #[test]
    fn playbooks_take_turns_and_runs_that_go_on_come_before_new_ones() {
        let (mut ready, storm, calm) = two();
        (0..2).for_each(|number| ready.fresh(storm, number));
        ready.fresh(calm, 10);
        ready.woken(storm, 5);
        let order: Vec<u32> = std::iter::from_fn(|| ready.next().map(|(_, one)| one)).collect();
        assert_eq!(order, [5, 10, 0, 1]);
        assert_eq!(ready.waiting(), 0);
    }
}
