//! A provider with its own truth: what really happened, whatever the client was told.

mod query;

use crate::life::{Fault, Faults};
use rand::{Rng, RngExt};
use riposte_engine::{Call, Claim, Marker, Outcome, Withdrawal};
use riposte_model::{Completion, ErrorKind, Failure, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

pub(crate) use query::Truth;

/// How long an action may be missing from the provider's log.
pub(crate) const VISIBILITY_DELAY: Duration = Duration::from_secs(30);

/// Longest time for which the log does not show what it must: an action, or its end.
const LONGEST_LAG_MS: u64 = 10_000;

/// What a call asks for.
#[derive(Clone)]
pub(crate) struct Wish {
    marker: Marker,
    /// The device that no other such action may be at work on, and whether this one stops harm.
    claim: Option<Claim>,
    followed: bool,
}

impl Wish {
    pub(crate) fn of(call: &Call) -> Self {
        Wish {
            marker: call.marker.clone(),
            claim: Claim::of(&call.action, &call.arguments),
            followed: call.action.completion == Completion::Followed,
        }
    }
}

/// One action that really happened.
#[derive(Clone)]
struct Strike {
    wish: Wish,
    began: Timestamp,
    visible_at: Timestamp,
    ends_at: Timestamp,
    /// When the log shows that it has ended.
    told_at: Timestamp,
    well: bool,
    /// Whether its end is that it was taken back.
    withdrawn: bool,
}

/// The provider.
pub(crate) struct Provider {
    strikes: Vec<Strike>,
    /// Requests that are still on their way although their sender has given them up.
    late: Vec<(Timestamp, Wish)>,
    /// How often each step's wish was carried out, by what the markers of its attempts share.
    pub(crate) done: BTreeMap<String, u64>,
    /// When devices are not there.
    offline: BTreeMap<String, (Timestamp, Timestamp)>,
    /// Whether what comes carries its marker.
    is_marked: bool,
    pub(crate) faults: Faults,
}

impl Provider {
    pub(crate) fn new(random: &mut impl Rng, now: Timestamp, is_marked: bool) -> Self {
        let mut offline = BTreeMap::new();
        for device in ["d0", "d1"] {
            if random.random_range(0..4) == 0 {
                let from = now.saturating_add(Duration::from_secs(random.random_range(0..600)));
                let until = from.saturating_add(Duration::from_secs(random.random_range(0..10_000)));
                offline.insert(device.to_owned(), (from, until));
            }
        }
        let (strikes, late, done, faults) = Default::default();
        Provider { strikes, late, done, offline, is_marked, faults }
    }

    /// A request arrives: it has its effect.
    fn strike(&mut self, wish: &Wish, now: Timestamp, random: &mut impl Rng) -> String {
        let lag = |random: &mut _| Duration::from_millis(RngExt::random_range(random, 0..LONGEST_LAG_MS));
        let visible_at = now.saturating_add(lag(random));
        *self.done.entry(wish.marker.of_any_attempt().to_owned()).or_default() += 1;
        let mut ends_at = now;
        if wish.followed {
            let duration = Duration::from_millis(random.random_range(0..600_000));
            ends_at = self.reaches(wish, now).saturating_add(duration);
        }
        let told_at = ends_at.saturating_add(lag(random)).max(visible_at);
        let well = !wish.followed || random.random_bool(0.9);
        let (wish, withdrawn) = (wish.clone(), false);
        self.strikes.push(Strike { wish, began: now, visible_at, ends_at, told_at, well, withdrawn });
        (self.strikes.len() - 1).to_string()
    }

    /// When an action gets to its device: not before that is there.
    fn reaches(&mut self, wish: &Wish, now: Timestamp) -> Timestamp {
        let absence = wish.claim.as_ref().and_then(|claim| self.offline.get(&claim.target.device));
        match absence {
            Some((from, until)) if *from <= now && now < *until => {
                self.faults.add(Fault::OfflineDevice);
                *until
            }
            _ => now,
        }
    }

    /// Time passes: what was on its way arrives.
    pub(crate) fn arrive(&mut self, now: Timestamp, random: &mut impl Rng) {
        if self.late.is_empty() {
            return;
        }
        let (arrived, late) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = late;
        for (at, wish) in arrived {
            self.strike(&wish, at, random);
        }
    }

    /// One POST, with what may go wrong on the way.
    pub(crate) fn send(&mut self, wish: &Wish, now: Timestamp, random: &mut impl Rng) -> Outcome {
        let (fault, outcome) = match random.random_range(0..20) {
            0 => (Fault::LostRequest, unknown()),
            1 => {
                self.delay(wish, now, random);
                (Fault::LateRequest, unknown())
            }
            2 | 3 => {
                self.strike(wish, now, random);
                (Fault::LostAnswer, unknown())
            }
            4 => {
                self.strike(wish, now, random);
                (Fault::ErrorAfter, unknown())
            }
            5 => (Fault::Throttled, Outcome::Failed(simulated(ErrorKind::Throttled))),
            6 => (Fault::ErrorBefore, Outcome::Failed(simulated(ErrorKind::Unavailable))),
            7 => (Fault::Refused, Outcome::Failed(simulated(ErrorKind::Invalid))),
            _ => {
                let provider_id = self.strike(wish, now, random);
                return match wish.followed {
                    true => Outcome::Accepted { provider_id, output: json!({}) },
                    false => Outcome::Done(json!({})),
                };
            }
        };
        self.faults.add(fault);
        outcome
    }

    /// What becomes of a request whose sender died: it arrived, or it did not.
    pub(crate) fn orphan(&mut self, wish: &Wish, now: Timestamp, random: &mut impl Rng) {
        match random.random_range(0..3) {
            0 => drop(self.strike(wish, now, random)),
            1 => self.delay(wish, now, random),
            _ => {}
        }
    }

    /// Lag and delay together stay below [`VISIBILITY_DELAY`]: that is what the delay means.
    fn delay(&mut self, wish: &Wish, now: Timestamp, random: &mut impl Rng) {
        let delay = Duration::from_millis(random.random_range(0..15_000));
        self.late.push((now.saturating_add(delay), wish.clone()));
    }

    /// One request to end an action, with what may go wrong on the way. Only what has not ended can be ended.
    pub(crate) fn withdraw(&mut self, id: &str, now: Timestamp, random: &mut impl Rng) -> Withdrawal {
        let failed = |kind| Withdrawal::Failed(simulated(kind));
        let luck = random.random_range(0..14);
        let while_ending = Duration::from_millis(random.random_range(0..200_000));
        let at = id.parse::<usize>().ok().filter(|at| *at < self.strikes.len());
        let Some(at) = at else { return failed(ErrorKind::NotFound) };
        match luck {
            // The request is lost.
            0 | 1 => return failed(ErrorKind::Unavailable),
            2 => return failed(ErrorKind::Throttled),
            _ => {}
        }
        let strike = &mut self.strikes[at];
        let is_open = strike.ends_at > now;
        match luck {
            // For reasons of its own.
            3 if is_open => return failed(ErrorKind::Invalid),
            // In its own time.
            4 | 5 if is_open => {
                strike.take_back(now.saturating_add(while_ending));
                return Withdrawal::Taken { status: "InProgress".into() };
            }
            _ if is_open => strike.take_back(now),
            _ => {}
        }
        match luck {
            // The answer is lost.
            6 | 7 => failed(ErrorKind::Unavailable),
            _ if self.strikes[at].withdrawn => Withdrawal::Done { evidence: "simulated".into() },
            // Who asks to end it is told the truth.
            _ => Withdrawal::Ended(self.strikes[at].end()),
        }
    }

    /// Everything that was at work on a device: since when, until when, which device, whether it stops harm, and for which
    /// call.
    pub(crate) fn at_work(&self) -> impl Iterator<Item = (&Claim, Timestamp, Timestamp, &Marker)> {
        self.strikes.iter().filter_map(|one| {
            // What is done at once takes a moment too.
            let until = one.ends_at.max(one.began.saturating_add(Duration::from_millis(1)));
            Some((one.wish.claim.as_ref()?, one.began, until, &one.wish.marker))
        })
    }
}

impl Strike {
    fn take_back(&mut self, ends_at: Timestamp) {
        *self = Strike { ends_at, told_at: ends_at, well: false, withdrawn: true, ..self.clone() };
    }
}

fn unknown() -> Outcome {
    Outcome::Unknown(simulated(ErrorKind::Unavailable))
}

fn simulated(kind: ErrorKind) -> Failure {
    Failure::new(kind, "simulated")
}
