//! The calls of one class in the last hour, and when there is room for another. Pure.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::class::{Class, HOUR, Limit, Rank};

/// When a call may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    Now,
    /// Not before.
    At(Instant),
    /// When one of the turns that were given is used or given back.
    Unknown,
}

/// The calls of one class.
#[derive(Debug)]
pub(super) struct Window {
    class: Class,
    limit: Limit,
    /// When calls left, in order, within the last hour.
    sent: VecDeque<Instant>,
    /// Turns that were given and not used: each counts as a call that leaves now.
    given: usize,
    /// Defender has asked for a pause until then.
    closed_until: Option<Instant>,
}

impl Window {
    pub(super) fn new(class: Class, limit: Limit) -> Window {
        Window { class, limit, sent: VecDeque::new(), given: 0, closed_until: None }
    }

    /// When a call of this rank may leave.
    pub(super) fn opens(&mut self, rank: Rank, now: Instant) -> Opening {
        while self.sent.front().is_some_and(|oldest| *oldest + HOUR <= now) {
            self.sent.pop_front();
        }
        let mut at = self.closed_until.unwrap_or(now);
        for (most, window) in rank.windows(self.class, self.limit) {
            let Some(room) = most.checked_sub(self.given).filter(|room| *room > 0) else {
                return Opening::Unknown;
            };
            // The call that has to leave the window before another may enter.
            let in_the_way = self.sent.len().checked_sub(room).and_then(|index| self.sent.get(index));
            if let Some(in_the_way) = in_the_way {
                at = at.max(*in_the_way + window);
            }
        }
        if at <= now { Opening::Now } else { Opening::At(at) }
    }

    /// Gives a turn.
    pub(super) fn give(&mut self) {
        self.given += 1;
    }

    /// A turn comes back unused.
    pub(super) fn take_back(&mut self) {
        self.given = self.given.saturating_sub(1);
    }

    /// A turn is used.
    pub(super) fn spend(&mut self, now: Instant) {
        self.take_back();
        self.remember(now);
    }

    /// Counts a call that left at `at`.
    pub(super) fn remember(&mut self, at: Instant) {
        let index = self.sent.partition_point(|sent| *sent <= at);
        self.sent.insert(index, at);
    }

    /// Nothing may leave before `until`. How much longer that is than it was.
    pub(super) fn close(&mut self, now: Instant, until: Instant) -> Duration {
        let open_from = self.closed_until.map_or(now, |closed| closed.max(now));
        self.closed_until = self.closed_until.max(Some(until));
        until.saturating_duration_since(open_from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Instant {
        Instant::now() + Duration::from_secs(10_000)
    }

    /// Lets calls leave as soon as they may, and says when each did, in seconds.
    fn leave(window: &mut Window, rank: Rank, calls: usize) -> Vec<u64> {
        let start = start();
        let mut now = start;
        let mut times = Vec::new();
        for _ in 0..calls {
            match window.opens(rank, now) {
                Opening::Now => {}
                Opening::At(at) => now = at,
                Opening::Unknown => unreachable!("no turn is out"),
            }
            assert_eq!(window.opens(rank, now), Opening::Now);
            window.give();
            window.spend(now);
            times.push((now - start).as_secs());
        }
        times
    }

    #[test]
    fn no_minute_and_no_hour_holds_more_than_is_documented() {
        for class in Class::ALL {
            let mut window = Window::new(class, class.limit());
            let times = leave(&mut window, Rank::Watch, 4000);
            for (most, length) in [(class.limit().per_minute, 60), (class.limit().per_hour, 3600)] {
                let Some(most) = most else { continue };
                let most = usize::try_from(most).unwrap();
                for pair in times.windows(most + 1) {
                    assert!(pair[most] - pair[0] >= length, "{class:?}: {most} in {length} s");
                }
            }
        }
    }

    #[test]
    fn what_looks_leaves_room_for_what_acts() {
        let mut window = Window::new(Class::General, Class::General.limit());
        let now = start();
        let used = |rank, window: &mut Window| {
            let mut used = 0;
            while window.opens(rank, now) == Opening::Now {
                window.give();
                window.spend(now);
                used += 1;
            }
            used
        };
        assert_eq!(used(Rank::Last, &mut window), 60);
        assert_eq!(used(Rank::Second, &mut window), 15);
        assert_eq!(used(Rank::First, &mut window), 10);
        assert_eq!(used(Rank::Watch, &mut window), 15);
        assert_eq!(window.opens(Rank::Watch, now), Opening::At(now + Duration::from_secs(61)));
    }

    #[test]
    fn a_turn_counts_until_it_is_given_back() {
        let mut window = Window::new(Class::PackageUri, Class::PackageUri.limit());
        let now = start();
        window.give();
        window.give();
        assert_eq!(window.opens(Rank::First, now), Opening::Unknown);
        window.take_back();
        assert_eq!(window.opens(Rank::First, now), Opening::Now);
        window.spend(now);
        window.give();
        assert_eq!(window.opens(Rank::First, now), Opening::At(now + Duration::from_secs(61)));
    }

    #[test]
    fn a_pause_that_was_asked_for_holds_for_all_ranks_and_only_grows() {
        let mut window = Window::new(Class::General, Class::General.limit());
        let now = start();
        assert_eq!(window.close(now, now + Duration::from_secs(30)), Duration::from_secs(30));
        assert_eq!(window.close(now, now + Duration::from_secs(7)), Duration::ZERO);
        assert_eq!(window.opens(Rank::First, now), Opening::At(now + Duration::from_secs(30)));
        assert_eq!(window.opens(Rank::Last, now + Duration::from_secs(30)), Opening::Now);
        // Two refusals of one storm close it for one time, not for two.
        assert_eq!(
            window.close(now + Duration::from_secs(10), now + Duration::from_secs(40)),
            Duration::from_secs(10)
        );
        assert_eq!(
            window.close(now + Duration::from_secs(60), now + Duration::from_secs(65)),
            Duration::from_secs(5)
        );
    }

    #[test]
    fn what_is_remembered_counts_in_its_place() {
        let mut window = Window::new(Class::PackageUri, Class::PackageUri.limit());
        let now = start();
        window.remember(now);
        window.remember(now - Duration::from_secs(50));
        window.remember(now - HOUR);
        assert_eq!(window.opens(Rank::First, now), Opening::At(now + Duration::from_secs(11)));
    }
}
