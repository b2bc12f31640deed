//! The command line: each flag once.

mod doctor;
mod journal;
mod made;
mod playbooks;
mod runs;

pub(crate) use doctor::Doctor;
pub(crate) use journal::{Journal, JournalExport, JournalPrune, JournalVerify};
pub(crate) use made::{Completions, Man};
pub(crate) use playbooks::{Playbooks, PlaybooksList};
pub(crate) use runs::{
    Runs, RunsCancel, RunsList, RunsResume, RunsRetry, RunsShow, RunsWatch, Status, TakeUp,
};

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Automated response playbooks for Microsoft Defender for Endpoint.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// More log lines on stderr (twice for even more)
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The variables of the environment that the command line itself takes: they are no values of a configuration.
pub(crate) fn variables() -> Vec<String> {
    fn of(command: &clap::Command, found: &mut Vec<String>) {
        let taken = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
        found.extend(taken.map(str::to_owned));
        command.get_subcommands().for_each(|command| of(command, found));
    }
    let mut found = Vec::new();
    of(&Cli::command(), &mut found);
    found
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole of it: an alert arrives, a playbook contains a simulated device
    Demo(Demo),
    /// Load and check playbooks
    Check(Check),
    /// Run one playbook to its end
    Run(Run),
    /// The daemon: drives runs, through restarts, until it is told to end
    Serve(Serve),
    /// Have the daemon begin a run
    Trigger(Trigger),
    /// Emergency stop: cancel every run, or those of one playbook, and begin none
    Stop(Stop),
    /// Let runs begin again after `stop`
    Lift(Lift),
    /// The action catalogue: arguments, output, effect, permissions, limits
    Actions(Actions),
    /// Evaluate an expression, and show the value of every part of it
    Expr(Expr),
    /// When playbooks start by themselves
    #[command(subcommand)]
    Schedule(Schedule),
    /// The JSON Schema of playbooks, for editors
    Schema(Schema),
    /// Serve a simulated Defender tenant, for trying things and for tests
    Simulate(Simulate),
    /// Runs in the journal: look at them, and take up those that were left
    #[command(subcommand)]
    Runs(Runs),
    /// The playbooks that the daemon serves
    #[command(subcommand)]
    Playbooks(Playbooks),
    /// Look after the journal
    #[command(subcommand)]
    Journal(Journal),
    /// Whether all is there that runs need: secrets, permissions, clocks, disk, daemon
    Doctor(Doctor),
    /// Completions for a shell
    Completions(Completions),
    /// Man pages
    Man(Man),
}

/// Where the journal is.
#[derive(Debug, Args)]
pub(crate) struct DataDir {
    /// Folder of the journal [default: `data_dir` of the configuration, else $XDG_STATE_HOME/riposte]
    #[arg(long, value_name = "DIR", env = "RIPOSTE_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Where a daemon and its journal are: if nothing says so, the daemon of this machine where systemd has started one, else the
/// journal in the user's own state folder.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// A configuration, for its connections and its `data_dir`
    #[arg(short, long, value_name = "FILE", env = "RIPOSTE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataDir,
}

/// How results are written to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Table,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
}

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With the lines concerned, for people
    Human,
    /// One JSON list
    Json,
    /// Annotations of a GitHub workflow
    Github,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Feed this alert instead of the one that comes with riposte
    #[arg(long, value_name = "FILE")]
    pub(crate) alert: Option<PathBuf>,
    /// How to write the result to stdout
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) data: DataDir,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Playbook files, and folders of them [default: those of the configuration, if one is named, else playbooks]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Check this configuration too
    #[arg(short, long, value_name = "FILE", env = "RIPOSTE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// How to write diagnostics
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The playbook's file
    #[arg(value_name = "PLAYBOOK")]
    pub(crate) playbook: PathBuf,
    /// An input, as often as there are inputs; JSON where the input is not text
    #[arg(short, long = "input", value_name = "NAME=VALUE")]
    pub(crate) inputs: Vec<String>,
    /// Take the inputs from this JSON file through the playbook's webhook binding
    #[arg(long, value_name = "FILE", conflicts_with = "inputs")]
    pub(crate) event: Option<PathBuf>,
    /// Connections and secrets
    #[arg(short, long, value_name = "FILE", env = "RIPOSTE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Against a simulated tenant that lives as long as the run, whatever --config says
    #[arg(long)]
    pub(crate) simulate: bool,
    /// What the simulated tenant holds, how it behaves and what goes wrong (see docs/simulator.md)
    #[arg(long, value_name = "FILE", requires = "simulate")]
    pub(crate) scenario: Option<PathBuf>,
    /// Do not ask before acting
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Look things up, change nothing, and show what would have been called
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How to write the result to stdout
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) data: DataDir,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Playbook files, and folders of them [default: those of the configuration, else playbooks]
    #[arg(value_name = "PATH")]
    pub(crate) playbooks: Vec<PathBuf>,
    /// Where to take webhooks [default: `listen` of the configuration, else 127.0.0.1:8750]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Connections and secrets
    #[arg(short, long, value_name = "FILE", env = "RIPOSTE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Against a simulated tenant that lives as long as the daemon, whatever connections --config has
    #[arg(long)]
    pub(crate) simulate: bool,
    /// What the simulated tenant holds, how it behaves and what goes wrong (see docs/simulator.md)
    #[arg(long, value_name = "FILE", requires = "simulate")]
    pub(crate) scenario: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataDir,
}

#[derive(Debug, Args)]
pub(crate) struct Trigger {
    /// The playbook's name
    #[arg(value_name = "NAME")]
    pub(crate) playbook: String,
    /// An input, as often as there are inputs; JSON where the input is not text
    #[arg(short, long = "input", value_name = "NAME=VALUE")]
    pub(crate) inputs: Vec<String>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Stop {
    /// Only this playbook [default: all]
    #[arg(long, value_name = "NAME")]
    pub(crate) playbook: Option<String>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Begin no run, and let those that have begun go on
    #[arg(long)]
    pub(crate) keep_running: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Lift {
    /// Only this playbook's stop [default: that of all playbooks]
    #[arg(long, value_name = "NAME")]
    pub(crate) playbook: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Actions {
    /// One action, in full
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Expr {
    /// As in `if`; or a text with expressions between `${{` and `}}`
    #[arg(value_name = "EXPRESSION", allow_hyphen_values = true)]
    pub(crate) expression: String,
    /// JSON or YAML whose top-level keys are the names in scope (`inputs`, `steps`, ...); - is stdin
    #[arg(short, long, value_name = "FILE", conflicts_with = "run")]
    pub(crate) input: Option<PathBuf>,
    /// What this recorded run sees: its id, or the beginning of it
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// What to do with schedules.
#[derive(Debug, Subcommand)]
pub(crate) enum Schedule {
    /// The next times at which a playbook starts, and what becomes of them where clocks are changed
    Next(ScheduleNext),
}

#[derive(Debug, Args)]
pub(crate) struct ScheduleNext {
    /// The playbook's file
    #[arg(value_name = "PLAYBOOK")]
    pub(crate) playbook: PathBuf,
    /// How many times of each of its schedules
    #[arg(short, long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) number: u32,
    /// The times after this moment, like 2026-03-28 or 2026-03-28T12:00:00+01:00 [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The schema of the configuration instead
    #[arg(long)]
    pub(crate) config: bool,
    /// The description of the daemon's API instead (OpenAPI 3.1)
    #[arg(long, conflicts_with = "config")]
    pub(crate) openapi: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// Where to listen; port 0 lets the system choose
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8751")]
    pub(crate) listen: SocketAddr,
    /// What the tenant holds, how it behaves and what goes wrong (see docs/simulator.md)
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// The same seed gives the same devices and the same pace [default: that of the scenario, else 1]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// A fault to inject, as OPERATION=KIND[:TIMES], once unless TIMES says more, e.g. isolate=503, token=500, machineactions=401, isolate=drop-after
    #[arg(long = "fault", value_name = "FAULT")]
    pub(crate) faults: Vec<String>,
    /// How long a token is good for, e.g. 10s [default: that of the scenario, else an hour]
    #[arg(long, value_name = "DURATION")]
    pub(crate) token_lifetime: Option<String>,
    /// Write a configuration that points `riposte run --config` here
    #[arg(long, value_name = "FILE")]
    pub(crate) write_config: Option<PathBuf>,
}
