//! When to give up. Pure.

/// Most rounds of one download.
const MAX_ROUNDS: u32 = 1_000;
/// Most links in a row that open nothing.
const MAX_LINKS_IN_VAIN: u32 = 3;
/// How often a download begins anew.
const MAX_RESTARTS: u32 = 3;

/// How a round ended that did not bring the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It broke off.
    Cut,
    /// The link was not taken.
    Expired,
    /// What there is was given up.
    Void,
}

/// What has been tried.
#[derive(Debug, Default)]
pub(super) struct Trials {
    rounds: u32,
    in_vain: u32,
    restarts: u32,
}

impl Trials {
    /// Whether another round is worth it, after one that brought so many bytes.
    ///
    /// One that broke off before it brought anything is left to the caller, who knows how long to wait before the next.
    pub(super) fn may_go_on(&mut self, end: End, gained: u64) -> bool {
        self.rounds += 1;
        let more = match end {
            End::Cut => {
                self.in_vain = 0;
                gained > 0
            }
            End::Expired => {
                self.in_vain += 1;
                self.in_vain < MAX_LINKS_IN_VAIN
            }
            End::Void => self.may_restart(),
        };
        more && self.rounds < MAX_ROUNDS
    }

    /// Whether to begin anew once more.
    pub(super) fn may_restart(&mut self) -> bool {
        self.restarts += 1;
        self.restarts <= MAX_RESTARTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_that_brought_something_is_followed_by_another_until_there_were_too_many() {
        let mut trials = Trials::default();
        for _ in 1..MAX_ROUNDS {
            assert!(trials.may_go_on(End::Cut, 1));
        }
        assert!(!trials.may_go_on(End::Cut, 1));
        assert!(!Trials::default().may_go_on(End::Cut, 0));
    }

    #[test]
    fn links_in_vain_count_in_a_row() {
        let mut trials = Trials::default();
        for _ in 0..20 {
            assert!(trials.may_go_on(End::Expired, 0) && trials.may_go_on(End::Expired, 0));
            assert!(trials.may_go_on(End::Cut, 1));
        }
        assert!(trials.may_go_on(End::Expired, 0) && trials.may_go_on(End::Expired, 0));
        assert!(!trials.may_go_on(End::Expired, 0));
    }

    #[test]
    fn beginning_anew_is_bounded_however_much_comes_in_between() {
        let mut trials = Trials::default();
        for _ in 0..MAX_RESTARTS {
            assert!(trials.may_go_on(End::Void, 9) && trials.may_go_on(End::Cut, 9));
        }
        assert!(!trials.may_restart() && !trials.may_go_on(End::Void, 9));
    }
}
