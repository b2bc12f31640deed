//! The command line, and the processes that it starts itself as.

use crate::floor::{Floor, Library};
use crate::load::{self, Load};
use crate::machine::Busy;
use crate::provider::Provider;
use crate::report::Line;
use crate::stage::Stage;
use crate::work::{Size, w1, w2, w3, w4, w5, w6};
use crate::{machine, note, report};
use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

/// Measures riposte beside a floor.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    measure: Measure,
}

#[derive(Debug, Args)]
struct Measure {
    /// Only a look: a tenth of everything, one round
    #[arg(long)]
    quick: bool,
    /// Only these workloads
    #[arg(long, value_delimiter = ',', value_name = "W1,…", ignore_case = true)]
    only: Vec<Workload>,
    /// Rounds of which the median is taken
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where to write the JSON
    #[arg(long, default_value = "target/bench.json")]
    out: PathBuf,
    /// A folder on the disk that is to be measured
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// The binary to measure [default: the one beside this, built anew under cargo]
    #[arg(long)]
    riposte: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Workload {
    W1,
    W2,
    W3,
    W4,
    W5,
    W6,
}

const ALL: [Workload; 6] =
    [Workload::W1, Workload::W2, Workload::W3, Workload::W4, Workload::W5, Workload::W6];

/// What runs in a process of its own.
#[derive(Debug, Subcommand)]
enum Part {
    /// The provider
    #[command(hide = true)]
    Provider {
        #[arg(long)]
        time_ms: u64,
    },
    /// The floor
    #[command(hide = true)]
    Floor {
        #[arg(long)]
        data_dir: PathBuf,
        #[arg(long)]
        provider: SocketAddr,
        #[arg(long)]
        library: Library,
        #[arg(long)]
        token: String,
        #[arg(long)]
        pause_ms: u64,
    },
    /// The loader
    #[command(hide = true)]
    Load {
        #[arg(long)]
        to: SocketAddr,
        #[arg(long)]
        token: String,
        #[arg(long)]
        count: usize,
        #[arg(long)]
        first: usize,
        #[arg(long)]
        connections: usize,
        #[arg(long)]
        rate: Option<u32>,
    },
}

pub(crate) fn run(cli: Cli) -> Result<()> {
    match cli.part {
        None => one_thread()?.block_on(measure(cli.measure)),
        Some(Part::Provider { time_ms }) => one_thread()?.block_on(provide(time_ms)),
        Some(Part::Floor { data_dir, provider, library, token, pause_ms }) => {
            let pause = Duration::from_millis(pause_ms);
            as_riposte_has_it()?.block_on(floor(&data_dir, provider, library, &token, pause))
        }
        Some(Part::Load { to, token, count, first, connections, rate }) => {
            let load = Load { to, token, count, first, connections, rate };
            let sent = one_thread()?.block_on(load::run(load))?;
            print(&serde_json::to_string(&sent)?);
            Ok(())
        }
    }
}

/// Threads, and the order in which tasks take their turns: as in the `main.rs` of `riposte`, a binary, which shares nothing.
fn as_riposte_has_it() -> Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder.enable_all().event_interval(512);
    #[cfg(tokio_unstable)]
    builder.disable_lifo_slot();
    Ok(builder.build()?)
}

fn one_thread() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

async fn provide(time_ms: u64) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    note(&format!("the provider listens at http://{}/api", listener.local_addr()?));
    Provider::new(Duration::from_millis(time_ms)).serve(listener).await
}

async fn floor(
    data_dir: &Path,
    provider: SocketAddr,
    library: Library,
    token: &str,
    pause: Duration,
) -> Result<()> {
    let floor = Floor::start(data_dir, provider, library, token, pause).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut terminate = signal(SignalKind::terminate())?;
    note(&format!("the floor takes webhooks at http://{}/hooks", listener.local_addr()?));
    tokio::select! {
        ended = floor.clone().serve(listener) => ended?,
        _ = terminate.recv() => {}
    }
    floor.close().await
}

async fn measure(asked: Measure) -> Result<()> {
    if cfg!(debug_assertions) {
        bail!("only what is built with --release is worth measuring: cargo run --release -p riposte-bench");
    }
    let wanted: Vec<Workload> =
        ALL.into_iter().filter(|workload| asked.only.is_empty() || asked.only.contains(workload)).collect();
    if wanted.contains(&Workload::W1) && Command::new("strace").arg("-V").output().is_err() {
        bail!("W1 counts flushes by strace, which is not there: install it, or leave W1 out by --only");
    }
    let riposte = match &asked.riposte {
        Some(riposte) => riposte.clone(),
        None => built()?,
    };
    let size = Size { rounds: if asked.quick { 1 } else { asked.rounds.max(1) }, quick: asked.quick };
    std::fs::create_dir_all(&asked.folder)?;
    let mut stage = Stage::open(riposte, &asked.folder).await?;
    let facts = machine::facts(&stage, size).await?;
    let mut record = Record { out: asked.out, facts, busy: Busy::now(), lines: Vec::new() };
    note(&format!("{:#}", record.facts));
    record.ensure_writable()?;
    let outcome = play(&mut stage, &wanted, size, &mut record).await;
    print(&format!("{}\n\n{}", record.facts, report::table(&record.lines)));
    if outcome.is_err() {
        note(&format!("logs and journals stay in {}", stage.keep().display()));
    }
    outcome
}

/// Measures one after the other. What is measured is written at once: what comes later may fail.
async fn play(stage: &mut Stage, wanted: &[Workload], size: Size, record: &mut Record) -> Result<()> {
    for workload in wanted {
        let measured = match workload {
            Workload::W1 => w1::measure(stage, size).await,
            Workload::W2 => w2::measure(stage, size).await,
            Workload::W3 => w3::measure(stage, size).await,
            Workload::W4 => w4::measure(stage, size).await,
            Workload::W5 => w5::measure(stage, size).await,
            Workload::W6 => w6::measure(size),
        };
        let measured = measured.with_context(|| format!("{workload:?} broke off"))?;
        // Targets are for the whole size.
        let target = |line: Line| Line { target: line.target.filter(|_| !size.quick), ..line };
        record.lines.extend(measured.into_iter().map(target));
        record.write()?;
    }
    Ok(())
}

/// What is known so far.
struct Record {
    out: PathBuf,
    facts: Value,
    busy: Busy,
    lines: Vec<Line>,
}

impl Record {
    /// Says so before anything is measured, and leaves what was written before.
    fn ensure_writable(&self) -> Result<()> {
        let opened = File::options().create(true).append(true).open(&self.out);
        opened.map(drop).with_context(|| format!("cannot write {}", self.out.display()))
    }

    fn write(&mut self) -> Result<()> {
        self.facts["stolen"] = json!(self.busy.stolen_since());
        let document = report::document(&self.facts, &self.lines);
        std::fs::write(&self.out, format!("{document:#}\n"))
            .with_context(|| format!("cannot write {}", self.out.display()))
    }
}

/// The binary beside this one. Under cargo it is built first: what is measured must not be older than its source.
#[expect(clippy::disallowed_methods, reason = "cargo says by it that it is there")]
fn built() -> Result<PathBuf> {
    let riposte = std::env::current_exe()?.with_file_name("riposte");
    if let Some(cargo) = std::env::var_os("CARGO") {
        let status =
            Command::new(cargo).args(["build", "--release", "--locked", "-p", "riposte"]).status()?;
        if !status.success() {
            bail!("riposte cannot be built");
        }
    }
    if !riposte.exists() {
        bail!("there is no {}: cargo build --release -p riposte -p riposte-bench", riposte.display());
    }
    Ok(riposte)
}

#[expect(clippy::print_stdout, reason = "this is the result")]
fn print(text: &str) {
    println!("{text}");
}
