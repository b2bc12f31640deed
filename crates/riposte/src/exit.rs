//! Exit codes, documented in `docs/cli.md` and chosen only here.

use crate::command::daemon::Refused;
use riposte_engine::RunFinished;
use riposte_engine::RunStatus;
use riposte_model::ErrorKind;
use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done.
    Done,
    /// 1: the run or the check failed, or riposte could not do its part.
    Failed,
    /// 2: the command line, the configuration or an input is wrong. (clap uses the same number.)
    Usage,
    /// 3: the provider or the daemon could not be reached, or does not let us in.
    Unreachable,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Unreachable => 3,
        })
    }
}

/// An error that the user can mend by calling differently.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Makes a usage error.
pub(crate) fn usage(message: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(Usage(message.into()))
}

/// Nobody is there who could do it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NoDaemon(String);

/// Makes an error of that.
pub(crate) fn no_daemon(message: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(NoDaemon(message.into()))
}

/// The code of an error.
pub(crate) fn of(error: &anyhow::Error) -> Exit {
    if error.downcast_ref::<Usage>().is_some() || error.downcast_ref().is_some_and(Refused::is_wrong) {
        Exit::Usage
    } else if error.downcast_ref::<NoDaemon>().is_some() {
        Exit::Unreachable
    } else {
        Exit::Failed
    }
}

/// The code of a run that has ended.
pub(crate) fn of_run(finished: &RunFinished) -> Exit {
    let kind = finished.failure.as_ref().map(|failure| failure.kind);
    match (finished.status, kind) {
        (RunStatus::Succeeded, _) => Exit::Done,
        (_, Some(ErrorKind::Unavailable | ErrorKind::Unauthorized)) => Exit::Unreachable,
        (RunStatus::Running | RunStatus::Failed | RunStatus::Cancelled, _) => Exit::Failed,
    }
}
