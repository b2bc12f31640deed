//! `riposte`: automated response playbooks for Microsoft Defender for Endpoint.
//!
//! The binary composes the crates and speaks to people. It holds no logic: a command reads its arguments, wires what it
//! needs ([`compose`]), and renders what came of it ([`render`]).

mod cli;
mod command;
mod compose;
mod exit;
mod files;
mod render;

use crate::render::say;
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = cli::Cli::parse();
    log(arguments.verbose.max(u8::from(matches!(arguments.command, cli::Command::Serve(_)))));
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

/// Logs go to stderr, warnings and worse unless asked for more.
fn log(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => {
            "info,riposte=debug,riposte_executor=debug,riposte_journal=debug,riposte_defender=debug,riposte_actions=debug"
        }
    };
    let filter = tracing_subscriber::EnvFilter::builder().parse_lossy(level);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
}
