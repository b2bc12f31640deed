//! The commands of a live response session: one after the other, until one fails.

use chrono::{DateTime, Utc};

use super::action::{Action, Cancellation, Plan, Subject};

/// One command, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SessionCommand {
    /// Puts a file of the library on the device.
    PutFile { file_name: String },
    /// Runs a script of the library.
    RunScript { script_name: String, args: Option<String> },
    /// Fetches a file from the device. Every path leads to one: what is on a device is no part of the simulation.
    GetFile { path: String },
}

impl SessionCommand {
    /// The file of the library that it needs.
    pub(super) fn needs(&self) -> Option<&str> {
        match self {
            Self::PutFile { file_name } => Some(file_name),
            Self::RunScript { script_name, .. } => Some(script_name),
            Self::GetFile { .. } => None,
        }
    }
}

/// What a session does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) commands: Vec<SessionCommand>,
    /// The first command that fails; those behind it are never run.
    pub(super) fails_at: Option<usize>,
}

impl Session {
    pub(crate) fn new(commands: Vec<SessionCommand>) -> Self {
        Self { commands, fails_at: None }
    }

    pub(super) fn fails(&self) -> bool {
        self.fails_at.is_some()
    }
}

/// How far one command is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandState {
    pub(crate) started: Option<DateTime<Utc>>,
    pub(crate) ended: Option<DateTime<Utc>>,
    pub(crate) failed: bool,
}

impl CommandState {
    const CREATED: Self = Self { started: None, ended: None, failed: false };

    /// Whether it ended well.
    pub(crate) fn is_completed(&self) -> bool {
        self.ended.is_some() && !self.failed
    }
}

impl Action {
    /// What the session of this action does, and how far each command is; before anything began for `None`.
    pub(crate) fn commands(
        &self,
        now: Option<DateTime<Utc>>,
    ) -> Option<Vec<(&SessionCommand, CommandState)>> {
        let Subject::Session(session) = &self.subject else { return None };
        let (schedule, until) = match &self.plan {
            Plan::Waiting => (None, now),
            Plan::Scheduled { starts, ends } => (Some((*starts, *ends)), now),
            Plan::Cancelled(Cancellation { at, schedule, .. }) => (*schedule, now.map(|now| now.min(*at))),
        };
        let run = session.fails_at.map_or(session.commands.len(), |at| at + 1);
        let states = session.commands.iter().enumerate().map(|(index, command)| {
            let state = match (schedule, until) {
                (Some((starts, ends)), Some(until)) if index < run => {
                    let border = |n: usize| starts + (ends - starts) * count(n) / count(run);
                    let (began, ended) = (border(index), border(index + 1));
                    CommandState {
                        started: (until >= began).then_some(began),
                        ended: (until >= ended).then_some(ended),
                        failed: until >= ended && session.fails_at == Some(index),
                    }
                }
                _ => CommandState::CREATED,
            };
            (command, state)
        });
        Some(states.collect())
    }
}

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
