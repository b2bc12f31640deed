//! `riposte playbooks`.

use super::{Output, Place};
use clap::{Args, Subcommand};

/// What to do with the playbooks of the daemon.
#[derive(Debug, Subcommand)]
pub(crate) enum Playbooks {
    /// Which it serves, what starts them, and which are disabled
    List(PlaybooksList),
    /// Begin no run of a playbook; what has begun goes on
    Disable(PlaybooksDisable),
    /// Let runs of a playbook begin again
    Enable(PlaybooksEnable),
}

#[derive(Debug, Args)]
pub(crate) struct PlaybooksList {
    /// How to write it
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct PlaybooksDisable {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(crate) playbook: String,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct PlaybooksEnable {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(crate) playbook: String,
    #[command(flatten)]
    pub(crate) place: Place,
}
