//! What is made out of the command line itself.

use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Which shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write a page for each command into this folder, which is made if it is not there [default: the first page to stdout]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}
