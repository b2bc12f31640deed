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
use tokio::runtime::{Builder, Runtime};

/// How it is set, once for all, stands in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Most tasks that a thread runs before it looks at sockets and timers; it does so earlier when no task is ready. Of some 20 µs each,
/// an estimate, these are 10 ms.
const TASKS_BETWEEN_LOOKS: u32 = 512;

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
    let runtime = match runtime() {
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

/// Tasks take their turns in the order in which they were woken, many of them between two looks at sockets and timers: in a storm
/// the same code then runs for one run after the other and stays in the processor's cache (docs/decisions/0049-tasks-in-their-order.md).
fn runtime() -> std::io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder.enable_all().event_interval(TASKS_BETWEEN_LOOKS);
    // Set by `.cargo/config.toml`; without it tokio puts the task that was woken last before all others.
    #[cfg(tokio_unstable)]
    builder.disable_lifo_slot();
    builder.build()
}
