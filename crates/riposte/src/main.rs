//! `riposte`: automated response playbooks for Microsoft Defender for Endpoint.
//!
//! The binary composes the crates and speaks to people. It holds no logic: a command reads its arguments, wires what it
//! needs ([`compose`]), and renders what came of it ([`render`]).

mod cli;
mod command;
mod compose;
mod exit;
mod files;
mod logging;
mod render;
mod telemetry;

use crate::render::say;
use clap::Parser;
use riposte_server::config::LogFormat;
use std::process::ExitCode;

/// How it is set, once for all, stands in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let arguments = cli::Cli::parse();
    // The daemon's log is as its configuration says, which it has to read first.
    if !matches!(arguments.command, cli::Command::Serve(_))
        && let Err(error) =
            logging::start(logging::Levels::of_verbosity(arguments.verbose), LogFormat::Text, None)
    {
        say!("error: {error:#}");
        return exit::Exit::Failed.into();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say!("error: cannot start the runtime: {error}");
            return exit::Exit::Failed.into();
        }
    };
    match runtime.block_on(command::run(arguments)) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let lines: Vec<String> = format!("error: {error:#}").lines().map(render::clean).collect();
            say!("{}", lines.join("\n"));
            exit::of(&error).into()
        }
    }
}
