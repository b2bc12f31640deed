//! `riposte journal`.

use super::Place;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do with the journal.
#[derive(Debug, Subcommand)]
pub(crate) enum Journal {
    /// Look at every page, playbook, run and event, and tell what is not as it was written
    Verify(JournalVerify),
    /// Write the events as lines of JSON
    Export(JournalExport),
    /// Delete runs that have been over for long, with their events
    Prune(JournalPrune),
}

#[derive(Debug, Args)]
pub(crate) struct JournalVerify {
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct JournalExport {
    /// Only this run, by its id or the beginning of it; as often as there are runs
    #[arg(long = "run", value_name = "RUN")]
    pub(crate) runs: Vec<String>,
    /// Only runs that began in the last, say, 30d, or since a date like 2026-01-31
    #[arg(long, value_name = "DURATION|DATE")]
    pub(crate) since: Option<String>,
    /// Write to this file, which is there only once it is whole [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct JournalPrune {
    /// What has been over for, say, 90d, or was over before a date like 2026-01-31
    #[arg(long, value_name = "DURATION|DATE", required_unless_present = "size")]
    pub(crate) finished_before: Option<String>,
    /// What was over first, until the journal takes no more than, say, 20GiB
    #[arg(long, value_name = "SIZE")]
    pub(crate) size: Option<String>,
    /// Keep this many of the newest finished runs, however old they are
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) keep: u32,
    /// Only tell what would be deleted
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}
