//! W5: a journal of a million runs that are over: starting with it, a page of it, one run, and pruning a twentieth.

mod history;

use super::{MIB, PAUSE, Size, w1, w2};
use crate::load::Load;
use crate::report::{Line, Target};
use crate::socket;
use crate::stage::{Setup, Stage, Subject, TOKEN, Who};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::process::{Command, Stdio};
use tokio::time::Instant;

/// Runs that are over.
const RUNS: [usize; 3] = [10_000, 100_000, 1_000_000];

/// Times that each is asked for, of which the median is taken.
const PAGES: usize = 20;

/// What is pruned: a twentieth, since the runs end evenly over sixty days.
const FIRST_PART: &str = "57d";

const W5: &str = "W5";

#[derive(Default)]
struct Figures {
    ready: Vec<f64>,
    page: Vec<f64>,
    filtered: Vec<f64>,
    run: Vec<f64>,
    command: Vec<f64>,
    memory: Vec<f64>,
}

pub(crate) async fn measure(stage: &mut Stage, size: Size) -> Result<Vec<Line>> {
    stage.order("reset").await?;
    let subject =
        stage.set_up(Who::Riposte, Setup { playbook: w1::PLAYBOOK, pause: PAUSE, counting: false })?;
    // One run that has really happened is what all others are copies of.
    let (process, address) = subject.start().await?;
    let token = TOKEN.to_owned();
    stage.load(&Load { to: address, token, count: 1, first: 0, connections: 1, rate: None }).await?;
    subject.until_over(1).await?;
    process.end().await?;

    let mut lines = Vec::new();
    for runs in RUNS.map(|runs| size.of(runs)) {
        let begun = Instant::now();
        history::grow(&subject.journal(), runs).await?;
        let seconds = begun.elapsed().as_secs_f64();
        crate::note(&format!("{W5}: {runs} runs made in {seconds:.1} s, {} bytes", subject.journal_bytes()));
        lines.extend(with(stage, &subject, size, runs).await?);
    }
    lines.push(prune(stage, &subject).await?);
    Ok(lines)
}

async fn with(stage: &Stage, subject: &Subject, size: Size, runs: usize) -> Result<Vec<Line>> {
    let mut figures = Figures::default();
    for round in 0..size.rounds {
        let mut process = subject.spawn()?;
        figures.ready.push(w2::first_taken(&mut process, runs + round).await?);
        ask(stage, subject, &mut figures).await?;
        figures.memory.push(process.usage()?.resident as f64 / MIB);
        process.end().await?;
    }
    let Figures { ready, page, filtered, run, command, memory } = figures;
    let line = |figure: &str| Line::new(W5, format!("{figure}, {runs} runs"));
    Ok(vec![
        line("exec to the first 202, ms").with(ready).aims_at(Target::AtMost(1000.0)),
        line("page of the API, ms").with(page).aims_at(Target::AtMost(20.0)),
        line("page of a playbook's failed runs, ms").with(filtered).aims_at(Target::AtMost(20.0)),
        line("one run, ms").with(run).aims_at(Target::AtMost(20.0)),
        line("`runs list` as a command, ms").with(command).aims_at(Target::AtMost(20.0)),
        line("MiB").with(memory),
    ])
}

async fn ask(stage: &Stage, subject: &Subject, figures: &mut Figures) -> Result<()> {
    let first = timed(subject, "/api/v1/runs", &mut figures.page).await?;
    timed(subject, "/api/v1/runs?playbook=bench&status=failed", &mut figures.filtered).await?;
    let runs = first["runs"].as_array().context("no list of runs")?;
    let run = runs.last().and_then(|run| run["run_id"].as_str().or(run["id"].as_str()));
    let run = run.context("a run without an id")?.to_owned();
    timed(subject, &format!("/api/v1/runs/{run}"), &mut figures.run).await?;
    let begun = Instant::now();
    let mut list = Command::new(stage.riposte());
    list.args(["runs", "list", "--data-dir"]).arg(subject.folder()).stdout(Stdio::null());
    if !list.status()?.success() {
        bail!("the runs cannot be listed");
    }
    figures.command.push(begun.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

async fn timed(subject: &Subject, path: &str, times: &mut Vec<f64>) -> Result<Value> {
    let socket = subject.folder().join("riposte.sock");
    let (mut took, mut answer) = (Vec::with_capacity(PAGES), Value::Null);
    for _ in 0..PAGES {
        let begun = Instant::now();
        answer = socket::get(&socket, path).await?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.extend(crate::stats::median(&took));
    Ok(answer)
}

async fn prune(stage: &Stage, subject: &Subject) -> Result<Line> {
    let before = history::runs(&subject.journal()).await?;
    let begun = Instant::now();
    let mut prune = Command::new(stage.riposte());
    prune.args(["journal", "prune", "--finished-before", FIRST_PART, "--data-dir"]).arg(subject.folder());
    if !prune.stdout(Stdio::null()).status()?.success() {
        bail!("the journal cannot be pruned");
    }
    let took = begun.elapsed();
    let pruned = before - history::runs(&subject.journal()).await?;
    if pruned == 0 {
        bail!("nothing was pruned");
    }
    let each = took.as_secs_f64() * 1e6 / pruned as f64;
    Ok(Line::new(W5, format!("µs for each of {pruned} runs that are pruned")).with(vec![each]))
}
