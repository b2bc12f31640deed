//! Whether all is there.

use super::{Output, Place};
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) place: Place,
    /// How to write what was found
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) output: Output,
}
