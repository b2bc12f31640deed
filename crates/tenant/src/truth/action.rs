//! One machine action and its life: Pending, InProgress, then one of four ends.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::session::Session;

/// How long an action waits for an offline device before it is given up.
pub(crate) const GIVE_UP_AFTER: Duration = Duration::from_secs(3 * 24 * 3600);

/// The kinds of action this tenant can open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActionKind {
    Isolate,
    Unisolate,
    RunAntiVirusScan,
    CollectInvestigationPackage,
    RestrictCodeExecution,
    UnrestrictCodeExecution,
    StopAndQuarantineFile,
    Offboard,
    LiveResponse,
}

impl ActionKind {
    pub(crate) const ALL: [Self; 9] = [
        Self::Isolate,
        Self::Unisolate,
        Self::RunAntiVirusScan,
        Self::CollectInvestigationPackage,
        Self::RestrictCodeExecution,
        Self::UnrestrictCodeExecution,
        Self::StopAndQuarantineFile,
        Self::Offboard,
        Self::LiveResponse,
    ];

    /// The name as it stands in an answer's `type`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Isolate => "Isolate",
            Self::Unisolate => "Unisolate",
            Self::RunAntiVirusScan => "RunAntiVirusScan",
            Self::CollectInvestigationPackage => "CollectInvestigationPackage",
            Self::RestrictCodeExecution => "RestrictCodeExecution",
            Self::UnrestrictCodeExecution => "UnrestrictCodeExecution",
            Self::StopAndQuarantineFile => "StopAndQuarantineFile",
            Self::Offboard => "Offboard",
            Self::LiveResponse => "LiveResponse",
        }
    }
}

/// What an action is about, beyond its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The device as a whole.
    Device,
    /// A file, by its SHA-1 in lower case.
    File(String),
    /// What a live response session does.
    Session(Session),
}

impl Subject {
    /// Whether an action about this keeps another of its kind about that from being opened: two files are two matters.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(one), Self::File(other)) => one == other,
            (Self::Device | Self::File(_) | Self::Session(_), _) => true,
        }
    }
}

/// How far an action has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    InProgress,
    Succeeded,
    Failed,
    TimeOut,
    Cancelled,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::TimeOut => "TimeOut",
            Self::Cancelled => "Cancelled",
        }
    }

    pub(crate) const fn is_final(self) -> bool {
        match self {
            Self::Pending | Self::InProgress => false,
            Self::Succeeded | Self::Failed | Self::TimeOut | Self::Cancelled => true,
        }
    }
}

/// A status and the moment it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Phase {
    pub(crate) status: Status,
    pub(crate) since: DateTime<Utc>,
}

/// What is going to happen to an action if nobody interferes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The device is offline. Ends as TimeOut.
    Waiting,
    /// The device is there. Ends as Succeeded, or as Failed where a command of a session fails.
    Scheduled { starts: DateTime<Utc>, ends: DateTime<Utc> },
    /// Somebody interfered.
    Cancelled(Cancellation),
}

/// Who cancelled an action, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cancellation {
    pub(crate) at: DateTime<Utc>,
    pub(crate) requestor: String,
    pub(crate) comment: Option<String>,
    /// When it would have begun and ended.
    pub(super) schedule: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Plan {
    pub(crate) fn starting(now: DateTime<Utc>, pending: Duration, running: Duration) -> Self {
        let starts = now + pending;
        Self::Scheduled { starts, ends: starts + running }
    }
}

/// One machine action.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    pub(crate) id: Uuid,
    pub(crate) kind: ActionKind,
    pub(crate) scope: Option<&'static str>,
    pub(crate) subject: Subject,
    pub(crate) requestor: String,
    pub(crate) comment: String,
    pub(crate) device: String,
    pub(crate) device_name: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) pending: Duration,
    pub(crate) running: Duration,
    pub(crate) plan: Plan,
}

impl Action {
    /// How far this action has come at `now`.
    pub(crate) fn phase(&self, now: DateTime<Utc>) -> Phase {
        let given_up = self.created + GIVE_UP_AFTER;
        match self.plan {
            Plan::Cancelled(Cancellation { at, .. }) => Phase { status: Status::Cancelled, since: at },
            Plan::Scheduled { ends, .. } if now >= ends && self.fails() => {
                Phase { status: Status::Failed, since: ends }
            }
            Plan::Waiting if now >= given_up => Phase { status: Status::TimeOut, since: given_up },
            Plan::Scheduled { ends, .. } if now >= ends => Phase { status: Status::Succeeded, since: ends },
            Plan::Scheduled { starts, .. } if now >= starts => {
                Phase { status: Status::InProgress, since: starts }
            }
            Plan::Waiting | Plan::Scheduled { .. } => self.newborn(),
        }
    }

    /// The action as it was at a time: cancelled only if it was by then.
    pub(super) fn as_of(&self, at: DateTime<Utc>) -> Self {
        let plan = match &self.plan {
            Plan::Cancelled(later) if later.at > at => match later.schedule {
                Some((starts, ends)) => Plan::Scheduled { starts, ends },
                None => Plan::Waiting,
            },
            plan => plan.clone(),
        };
        Self { plan, ..self.clone() }
    }

    /// The phase in which every action is born, and in which the answer to its request shows it.
    pub(crate) fn newborn(&self) -> Phase {
        Phase { status: Status::Pending, since: self.created }
    }

    fn fails(&self) -> bool {
        matches!(&self.subject, Subject::Session(session) if session.fails())
    }

    /// How it was cancelled, if it was.
    pub(crate) fn cancellation(&self) -> Option<&Cancellation> {
        match &self.plan {
            Plan::Cancelled(cancellation) => Some(cancellation),
            Plan::Waiting | Plan::Scheduled { .. } => None,
        }
    }

    /// The device came or went. An action that has not begun follows it; one that has begun goes on by itself.
    pub(super) fn reconnect(&mut self, online: bool, now: DateTime<Utc>) {
        if self.phase(now).status != Status::Pending {
            return;
        }
        self.plan = match online {
            true => Plan::starting(now, self.pending, self.running),
            false => Plan::Waiting,
        };
    }
}
