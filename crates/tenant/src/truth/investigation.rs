//! One automated investigation and its life: Queued, Running, then Benign. A device that is not there keeps it waiting.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};

use super::action::Plan;

/// How far an investigation has come. Nothing is ever found: what happens on a device is no part of the simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvestigationState {
    PendingResource,
    Queued,
    Running,
    Benign,
}

impl InvestigationState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PendingResource => "PendingResource",
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Benign => "Benign",
        }
    }
}

/// One automated investigation.
#[derive(Debug, Clone)]
pub(crate) struct Investigation {
    /// Digits.
    pub(crate) id: String,
    pub(crate) device: String,
    pub(crate) device_name: String,
    /// The alert that Defender makes of a request for an investigation. Only its id is known here.
    pub(crate) alert: String,
    pub(crate) created: DateTime<Utc>,
    pub(super) pending: Duration,
    pub(super) running: Duration,
    pub(super) plan: Plan,
}

impl Investigation {
    /// When it began, as precise as it is written.
    pub(crate) fn start_time(&self) -> DateTime<Utc> {
        self.created.trunc_subsecs(0)
    }

    /// How far it has come at `now`, and when it ended.
    pub(crate) fn at(&self, now: DateTime<Utc>) -> (InvestigationState, Option<DateTime<Utc>>) {
        match self.plan {
            Plan::Scheduled { ends, .. } if now >= ends => (InvestigationState::Benign, Some(ends)),
            Plan::Scheduled { starts, .. } if now >= starts => (InvestigationState::Running, None),
            Plan::Scheduled { .. } => (InvestigationState::Queued, None),
            Plan::Waiting | Plan::Cancelled(_) => (InvestigationState::PendingResource, None),
        }
    }

    /// The device came or went. What has begun goes on by itself.
    pub(super) fn reconnect(&mut self, reachable: bool, now: DateTime<Utc>) {
        match self.at(now).0 {
            InvestigationState::PendingResource | InvestigationState::Queued => {}
            InvestigationState::Running | InvestigationState::Benign => return,
        }
        self.plan = match reachable {
            true => Plan::starting(now, self.pending, self.running),
            false => Plan::Waiting,
        };
    }
}
