//! A provider with its own truth: what really happened, whatever the client was told.

use crate::playbook::TRACELESS;
use rand::{Rng, RngExt};
use riposte_engine::{CallIntended, Outcome, Sighting, Standing, Withdrawal};
use riposte_model::{ErrorKind, Failure, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long an action may be missing from the provider's log.
pub(crate) const VISIBILITY_DELAY: Duration = Duration::from_secs(30);

/// One action that really happened.
#[derive(Clone)]
struct Strike {
    marker: String,
    visible_at: Timestamp,
    ends_at: Timestamp,
    well: bool,
    /// Whether its end is that it was taken back.
    withdrawn: bool,
}

/// The provider.
#[derive(Default)]
pub(crate) struct Provider {
    strikes: Vec<Strike>,
    /// Requests that are still on their way although their sender has given them up.
    late: Vec<(Timestamp, CallIntended)>,
    /// How often each step's wish was carried out, by what the markers of its attempts share.
    pub(crate) done: BTreeMap<String, u32>,
}

impl Provider {
    /// A request arrives: it has its effect.
    fn strike(&mut self, call: &CallIntended, now: Timestamp, random: &mut impl Rng) -> String {
        let lag = Duration::from_millis(random.random_range(0..10_000));
        let duration = Duration::from_millis(random.random_range(0..600_000));
        *self.done.entry(call.marker.of_any_attempt().to_owned()).or_default() += 1;
        self.strikes.push(Strike {
            marker: call.marker.as_str().to_owned(),
            visible_at: now.saturating_add(lag),
            ends_at: now.saturating_add(duration),
            well: random.random_bool(0.9),
            withdrawn: false,
        });
        (self.strikes.len() - 1).to_string()
    }

    /// Time passes: what was on its way arrives.
    pub(crate) fn arrive(&mut self, now: Timestamp, random: &mut impl Rng) {
        let (arrived, late) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = late;
        for (at, call) in arrived {
            self.strike(&call, at, random);
        }
    }

    /// One POST, with what may go wrong on the way.
    pub(crate) fn send(&mut self, call: &CallIntended, now: Timestamp, random: &mut impl Rng) -> Outcome {
        let failure = |kind| Failure::new(kind, "simulated");
        match random.random_range(0..20) {
            // The request is lost.
            0 => Outcome::Unknown(failure(ErrorKind::Unavailable)),
            // The request seems lost, and arrives all the same.
            1 => {
                self.delay(call, now, random);
                Outcome::Unknown(failure(ErrorKind::Unavailable))
            }
            // The answer is lost, or an error comes after the effect.
            2..=4 => {
                self.strike(call, now, random);
                Outcome::Unknown(failure(ErrorKind::Unavailable))
            }
            5 => Outcome::Failed(failure(ErrorKind::Throttled)),
            6 => Outcome::Failed(failure(ErrorKind::Unavailable)),
            7 => Outcome::Failed(failure(ErrorKind::Invalid)),
            _ => Outcome::Accepted { provider_id: self.strike(call, now, random), output: Value::Null },
        }
    }

    /// What becomes of a request whose sender died: it arrived, or it did not.
    pub(crate) fn orphan(&mut self, call: &CallIntended, now: Timestamp, random: &mut impl Rng) {
        match random.random_range(0..3) {
            0 => drop(self.strike(call, now, random)),
            1 => self.delay(call, now, random),
            _ => {}
        }
    }

    /// Lag and delay together stay below [`VISIBILITY_DELAY`]: that is what the delay means.
    fn delay(&mut self, call: &CallIntended, now: Timestamp, random: &mut impl Rng) {
        let delay = Duration::from_millis(random.random_range(0..15_000));
        self.late.push((now.saturating_add(delay), call.clone()));
    }

    /// One GET.
    pub(crate) fn look(random: &mut impl Rng) -> Outcome {
        match random.random_range(0..6) {
            0 => Outcome::Unknown(Failure::new(ErrorKind::Unavailable, "simulated")),
            1 => Outcome::Failed(Failure::new(ErrorKind::NotFound, "simulated")),
            _ => Outcome::Done(json!({ "seen": random.random_range(0..9) })),
        }
    }

    /// One look into the log, which lags behind the truth.
    pub(crate) fn find(&self, call: &CallIntended, now: Timestamp) -> Sighting {
        if call.action.as_str().ends_with(TRACELESS) {
            return Sighting::CannotTell { hint: "simulated".to_owned() };
        }
        let evidence = "simulated".to_owned();
        let seen =
            self.strikes.iter().position(|one| one.marker == call.marker.as_str() && one.visible_at <= now);
        match seen {
            Some(at) => Sighting::Found { provider_id: at.to_string(), output: Value::Null, evidence },
            None => Sighting::NotSeen { evidence },
        }
    }

    /// Where an action stands, and when to ask again.
    pub(crate) fn standing(&self, id: &str, now: Timestamp) -> (Standing, Timestamp) {
        let strike = id.parse::<usize>().ok().and_then(|at| self.strikes.get(at));
        match strike {
            Some(one) if one.ends_at <= now && one.well => (Standing::Succeeded(json!({})), now),
            Some(one) if one.ends_at <= now => {
                (Standing::Failed(Failure::new(ErrorKind::ProviderFailed, "simulated")), now)
            }
            Some(one) => (Standing::Open { status: "Pending".into() }, one.ends_at),
            None => (Standing::Failed(Failure::new(ErrorKind::NotFound, "no such action")), now),
        }
    }

    /// One request to end an action, with what may go wrong on the way. Only what has not ended can be ended.
    pub(crate) fn withdraw(&mut self, id: &str, now: Timestamp, random: &mut impl Rng) -> Withdrawal {
        let failed = |kind| Withdrawal::Failed(Failure::new(kind, "simulated"));
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
                let ends_at = now.saturating_add(while_ending);
                *strike = Strike { ends_at, well: false, withdrawn: true, ..strike.clone() };
                return Withdrawal::Taken { status: "InProgress".into() };
            }
            _ if is_open => *strike = Strike { ends_at: now, well: false, withdrawn: true, ..strike.clone() },
            _ => {}
        }
        match luck {
            // The answer is lost.
            6 | 7 => failed(ErrorKind::Unavailable),
            _ if self.strikes[at].withdrawn => Withdrawal::Done { evidence: "simulated".into() },
            _ => Withdrawal::Ended(self.standing(id, now).0),
        }
    }

    /// What one step's wish has come to by this moment: whether it has ended, whether well, whether it was taken back.
    pub(crate) fn truth(&self, of_any_attempt: &str, now: Timestamp) -> impl Iterator<Item = Truth> {
        let strikes = self.strikes.iter().filter(move |one| one.marker.starts_with(of_any_attempt));
        strikes.map(move |one| match one {
            one if one.ends_at > now => Truth::Open,
            one if one.withdrawn => Truth::Withdrawn,
            one if one.well => Truth::EndedWell,
            _ => Truth::EndedBadly,
        })
    }
}

/// Where an action really stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Open,
    Withdrawn,
    EndedWell,
    EndedBadly,
}
