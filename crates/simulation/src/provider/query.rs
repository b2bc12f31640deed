//! What the provider tells who asks, and what is so.

use super::{Fault, Provider, Strike, simulated};
use crate::playbook::TRACELESS;
use rand::{Rng, RngExt};
use riposte_engine::{CallIntended, Outcome, Sighting, Standing};
use riposte_model::{ErrorKind, Failure, Timestamp};
use serde_json::json;

/// Where an action really stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Open,
    Withdrawn,
    EndedWell,
    EndedBadly,
}

impl Provider {
    /// One GET.
    pub(crate) fn look(random: &mut impl Rng) -> Outcome {
        match random.random_range(0..6) {
            0 => Outcome::Unknown(simulated(ErrorKind::Unavailable)),
            1 => Outcome::Failed(simulated(ErrorKind::NotFound)),
            _ => Outcome::Done(json!({ "seen": random.random_range(0..9) })),
        }
    }

    /// One look into the log, which lags behind the truth.
    pub(crate) fn find(&mut self, call: &CallIntended, now: Timestamp) -> Sighting {
        if call.action.as_str().ends_with(TRACELESS) {
            return Sighting::CannotTell { hint: "simulated".to_owned() };
        }
        let evidence = "simulated".to_owned();
        let is_it = |one: &Strike| one.wish.marker == call.marker;
        match self.strikes.iter().position(is_it).filter(|_| self.is_marked) {
            Some(at) if self.strikes[at].visible_at <= now => {
                Sighting::Found { provider_id: at.to_string(), output: json!({}), evidence }
            }
            Some(_) => {
                self.faults.add(Fault::StaleList);
                Sighting::NotSeen { evidence }
            }
            None => Sighting::NotSeen { evidence },
        }
    }

    /// Where the log says that an action stands: for a while it does not know of its end.
    pub(crate) fn standing(&mut self, id: &str, now: Timestamp) -> Standing {
        let strike = id.parse::<usize>().ok().and_then(|at| self.strikes.get(at));
        match strike {
            Some(one) if one.told_at <= now => one.end(),
            Some(one) => {
                if one.ends_at <= now {
                    self.faults.add(Fault::StaleStatus);
                }
                Standing::Open { status: "Pending".into() }
            }
            None => Standing::Failed(Failure::new(ErrorKind::NotFound, "no such action")),
        }
    }

    /// When it is worth to ask where an action stands.
    pub(crate) fn ask_again_at(&self, id: &str, now: Timestamp) -> Timestamp {
        let strike = id.parse::<usize>().ok().and_then(|at| self.strikes.get(at));
        strike.map_or(now, |one| one.ends_at.max(now))
    }

    /// What one step's wish has come to by this moment: whether it has ended, whether well, whether it was taken back.
    pub(crate) fn truth(&self, of_any_attempt: &str, now: Timestamp) -> impl Iterator<Item = Truth> {
        let strikes =
            self.strikes.iter().filter(move |one| one.wish.marker.of_any_attempt() == of_any_attempt);
        strikes.map(move |one| match one {
            one if one.ends_at > now => Truth::Open,
            one if one.withdrawn => Truth::Withdrawn,
            one if one.well => Truth::EndedWell,
            _ => Truth::EndedBadly,
        })
    }
}

impl Strike {
    /// How it ended.
    pub(super) fn end(&self) -> Standing {
        match self.well {
            true => Standing::Succeeded(json!({})),
            false => Standing::Failed(simulated(ErrorKind::ProviderFailed)),
        }
    }
}
