//! `riposte runs` and `riposte playbooks`.

use super::{Output, Place};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What to do with runs.
#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// The newest runs
    List(RunsList),
    /// One run, step by step
    Show(RunsShow),
    /// Follow a run until it is over
    Watch(RunsWatch),
    /// Drive runs on that were left before their end
    Resume(RunsResume),
    /// Have a failed run go on from its failed steps
    Retry(RunsRetry),
    /// Cancel a run that was left before its end
    Cancel(RunsCancel),
}

#[derive(Debug, Args)]
pub(crate) struct RunsList {
    /// Only those of this playbook
    #[arg(long, value_name = "NAME")]
    pub(crate) playbook: Option<String>,
    /// Only those with this status
    #[arg(long, value_enum)]
    pub(crate) status: Option<Status>,
    /// Only those that began before this run: its id, or the beginning of it
    #[arg(long, value_name = "RUN")]
    pub(crate) before: Option<String>,
    /// How many at most
    #[arg(short = 'n', long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    /// How to write it
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct RunsShow {
    /// Its id, or the beginning of it
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// How to write it
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Status {
    /// Not over
    Running,
    /// Ended well
    Succeeded,
    /// Ended badly
    Failed,
    /// Ended on somebody's order
    Cancelled,
}

#[derive(Debug, Args)]
pub(crate) struct RunsWatch {
    /// Its id, or the beginning of it
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// How runs are taken up.
#[derive(Debug, Args)]
pub(crate) struct TakeUp {
    /// Do not ask before acting
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Only show where each run stands, and what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How to write the result to stdout
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct RunsResume {
    /// Their ids, or the beginnings of them [default: all that are not over]
    #[arg(value_name = "RUN")]
    pub(crate) runs: Vec<String>,
    /// Playbook files, and folders of them, that the runs may still call
    #[arg(long, value_name = "PATH")]
    pub(crate) playbooks: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) how: TakeUp,
}

#[derive(Debug, Args)]
pub(crate) struct RunsRetry {
    /// Its id, or the beginning of it
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Playbook files, and folders of them, that the run may still call
    #[arg(long, value_name = "PATH")]
    pub(crate) playbooks: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) how: TakeUp,
}

#[derive(Debug, Args)]
pub(crate) struct RunsCancel {
    /// Its id, or the beginning of it
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    #[command(flatten)]
    pub(crate) how: TakeUp,
}
