//! The commands: one file each.

mod actions;
mod ask;
mod banner;
mod check;
mod configuration;
pub(crate) mod daemon;
mod demo;
mod doctor;
mod drive;
mod expr;
mod journal;
mod library;
mod made;
mod permissions;
mod place;
mod playbook;
mod playbooks;
mod records;
mod run;
mod runs;
mod scenario;
mod schedule;
mod schema;
mod serve;
mod simulate;
mod simulated;
mod stop;
mod trigger;

use crate::cli::{Cli, Command, Output};
use crate::exit::Exit;
use anyhow::Result;
use std::io::Write;

/// Does what the command line asks for.
pub(crate) async fn run(cli: Cli) -> Result<Exit> {
    match cli.command {
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Check(arguments) => check::run(&arguments),
        Command::Run(arguments) => run::run(arguments).await,
        Command::Serve(arguments) => serve::run(arguments, cli.verbose).await,
        Command::Trigger(arguments) => trigger::run(arguments).await,
        Command::Stop(arguments) => stop::stop(arguments).await,
        Command::Lift(arguments) => stop::lift(arguments).await,
        Command::Actions(arguments) => actions::run(&arguments),
        Command::Expr(arguments) => expr::run(arguments).await,
        Command::Schedule(arguments) => schedule::run(arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Simulate(arguments) => simulate::run(arguments).await,
        Command::Runs(arguments) => runs::run(arguments).await,
        Command::Playbooks(arguments) => playbooks::run(arguments).await,
        Command::Journal(arguments) => journal::run(arguments).await,
        Command::Doctor(arguments) => doctor::run(arguments).await,
        Command::Completions(arguments) => made::completions(&arguments),
        Command::Man(arguments) => made::man(&arguments),
    }
}

/// Writes a result to stdout. Who has stopped reading has what they wanted.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes a result to stdout: `table` for people, or `document` for programs.
fn show(
    output: Output,
    table: impl FnOnce() -> String,
    document: impl FnOnce() -> serde_json::Value,
) -> Result<()> {
    match output {
        Output::Table => print(&table()),
        Output::Json => print(&serde_json::to_string_pretty(&document())?),
        Output::Yaml => print(serde_yaml::to_string(&document())?.trim_end()),
    }
}
