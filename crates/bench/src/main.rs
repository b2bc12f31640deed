//! `cargo run --release -p riposte-bench`: riposte and a floor side by side, one table, and the same in JSON.
//!
//! The floor is a program without an engine that does only what the load cannot do without. Who loads, who provides and who is
//! measured are processes of their own, so that what is counted is the subject's alone. `docs/performance.md` says what is
//! measured and why.

mod cli;
mod clock;
mod floor;
mod http;
mod load;
mod machine;
mod process;
mod provider;
mod report;
mod socket;
mod stage;
mod stats;
mod work;

use anyhow::Result;
use clap::Parser;

/// The same as riposte's, so that the floor lacks nothing that is to be had.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> Result<()> {
    cli::run(cli::Cli::parse())
}

/// What is under way, for whoever watches.
#[expect(clippy::print_stderr, reason = "stdout is for the table")]
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}
