//! W1: a webhook, a condition, an isolation and a scan, each followed to its end.

use super::{MIB, PAUSE, REST, Size, turns};
use crate::floor::Library;
use crate::load::Load;
use crate::report::{Line, Target};
use crate::stage::{Setup, Stage, TOKEN, Who};
use crate::stats::quantile;
use anyhow::{Context, Result};
use std::collections::HashMap;
use tokio::time::sleep;

/// The playbook, whose floor is `floor.rs`.
pub(crate) const PLAYBOOK: &str = include_str!("w1.yaml");

/// Runs at saturation, and how many connections they come over.
const RUNS: usize = 20_000;
const CONNECTIONS: usize = 64;

/// Alerts in a second, and for how many seconds, when there is time.
const RATE: u32 = 50;
const SECONDS: usize = 10;

const SATURATED: &str = "W1 saturation";
const CALM: &str = "W1 at 50/s";
const BESIDE_REQWEST: &str = "W1, floor through reqwest";

/// The floor that riposte is held against, and the one that makes its calls as riposte does.
const FLOOR: Who = Who::Floor(Library::Hyper);
const WITH_REQWEST: Who = Who::Floor(Library::Reqwest);

/// What one subject did in one round.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    runs_per_second: f64,
    cpu_per_1000: f64,
    journal_per_run: f64,
    written_per_run: f64,
    idle: f64,
    after: f64,
    most: f64,
}

/// Microseconds from the webhook at 50 a second: to the first call at the provider, the middle and the 99th of 100, and to its
/// 202.
#[derive(Clone, Copy, Debug, Default)]
struct Calm {
    first_call: f64,
    late: f64,
    answer: f64,
}

/// What everyone did in all rounds.
struct Rounds<R>(Vec<(Who, R)>);

impl<R: Copy> Rounds<R> {
    fn of(&self, who: Who, figure: impl Fn(R) -> f64) -> Vec<f64> {
        self.0.iter().filter(|(by, _)| *by == who).map(|(_, round)| figure(*round)).collect()
    }

    /// riposte's figure beside the floor's.
    fn line(&self, workload: &'static str, name: &str, figure: impl Fn(R) -> f64) -> Line {
        self.beside(FLOOR, workload, name, figure)
    }

    fn beside(&self, floor: Who, workload: &'static str, name: &str, figure: impl Fn(R) -> f64) -> Line {
        Line::new(workload, name).with(self.of(Who::Riposte, &figure)).beside(self.of(floor, &figure))
    }
}

pub(crate) async fn measure(stage: &mut Stage, size: Size) -> Result<Vec<Line>> {
    let (mut saturated, mut calm, mut syncs) = (Rounds(Vec::new()), Rounds(Vec::new()), Rounds(Vec::new()));
    for round in 0..size.rounds {
        for who in turns(round, Who::ALL) {
            saturated.0.push((who, at_saturation(stage, who, size.of(RUNS)).await?));
        }
    }
    for round in 0..size.rounds {
        for who in turns(round, Who::ALL) {
            calm.0.push((who, at_a_rate(stage, who, size.of(SECONDS * RATE as usize)).await?));
        }
    }
    for who in [Who::Riposte, FLOOR] {
        let crowd = syncs_per_run(stage, who, size.of(RUNS)).await?;
        syncs.0.push((who, (crowd, lone_syncs(stage, who).await?)));
    }
    let (runs, cpu) = ("runs a second", "CPU seconds for 1,000 runs");
    let first_call = "webhook to first call, p50, µs";
    Ok(vec![
        saturated.line(SATURATED, runs, |round| round.runs_per_second).aims_at(Target::OfFloorAtLeast(0.65)),
        saturated.line(SATURATED, cpu, |round| round.cpu_per_1000).aims_at(Target::OfFloorAtMost(2.0)),
        saturated
            .line(SATURATED, "bytes of journal a run", |round| round.journal_per_run)
            .aims_at(Target::OfFloorAtMost(1.5)),
        saturated.line(SATURATED, "bytes written a run", |round| round.written_per_run),
        syncs.line(SATURATED, "flushes a run", |(saturated, _)| saturated).aims_at(Target::Below(1.0)),
        syncs.line("W1 alone", "flushes a run", |(_, alone)| alone),
        saturated.line(SATURATED, "MiB when idle", |round| round.idle).aims_at(Target::AtMost(30.0)),
        saturated.line(SATURATED, "MiB afterwards", |round| round.after).aims_at(Target::AtMost(80.0)),
        saturated.line(SATURATED, "MiB at most", |round| round.most),
        calm.line(CALM, first_call, |calm| calm.first_call).aims_at(Target::OfFloorAtMost(1.5)),
        calm.line(CALM, "webhook to first call, p99, µs", |calm| calm.late),
        calm.line(CALM, "webhook to 202, p50, µs", |calm| calm.answer),
        saturated.beside(WITH_REQWEST, BESIDE_REQWEST, runs, |round| round.runs_per_second),
        saturated.beside(WITH_REQWEST, BESIDE_REQWEST, cpu, |round| round.cpu_per_1000),
        calm.beside(WITH_REQWEST, BESIDE_REQWEST, first_call, |calm| calm.first_call),
    ])
}

fn setup(counting: bool) -> Setup<'static> {
    Setup { playbook: PLAYBOOK, pause: PAUSE, counting }
}

async fn at_saturation(stage: &mut Stage, who: Who, runs: usize) -> Result<Round> {
    stage.order("reset").await?;
    let subject = stage.set_up(who, setup(false))?;
    let (process, address) = subject.start().await?;
    sleep(REST).await;
    let before = process.usage()?;
    let load = Load {
        to: address,
        token: TOKEN.to_owned(),
        count: runs,
        first: 0,
        connections: CONNECTIONS,
        rate: None,
    };
    let sent = stage.load(&load).await?;
    stage.until("told_scans", runs).await?;
    let over = subject.until_over(runs).await?;
    let after = process.usage()?;
    sleep(REST).await;
    let rested = process.usage()?;
    process.end().await?;
    let began = sent.at.iter().min().context("nothing was sent")?;
    let (count, seconds) = (runs as f64, (over as f64 * 1e3 - *began as f64) / 1e6);
    let round = Round {
        runs_per_second: count / seconds,
        cpu_per_1000: (after.cpu_seconds - before.cpu_seconds) * 1000.0 / count,
        journal_per_run: subject.journal_bytes() as f64 / count,
        written_per_run: (after.written - before.written) as f64 / count,
        idle: before.resident as f64 / MIB,
        after: rested.resident as f64 / MIB,
        most: rested.resident_most as f64 / MIB,
    };
    crate::note(&format!("{SATURATED}, {who:?}: {round:.2?}"));
    Ok(round)
}

async fn at_a_rate(stage: &mut Stage, who: Who, runs: usize) -> Result<Calm> {
    stage.order("reset").await?;
    let subject = stage.set_up(who, setup(false))?;
    let (process, address) = subject.start().await?;
    sleep(REST).await;
    let token = TOKEN.to_owned();
    let load = Load { to: address, token, count: runs, first: 0, connections: 8, rate: Some(RATE) };
    let sent = stage.load(&load).await?;
    stage.until("told_scans", runs).await?;
    subject.until_over(runs).await?;
    let arrivals: Vec<(String, u64)> = serde_json::from_value(stage.ask("arrivals").await?)?;
    process.end().await?;
    let arrivals: HashMap<String, u64> = arrivals.into_iter().collect();
    let mut took = Vec::with_capacity(runs);
    for (number, at) in sent.at.iter().enumerate() {
        let arrival = arrivals.get(&crate::load::device(number)).context("a device was not isolated")?;
        took.push(arrival.saturating_sub(*at) as f64);
    }
    let answers: Vec<f64> = sent.took.iter().map(|took| *took as f64).collect();
    let middle = |times: &[f64]| quantile(times, 0.5).context("no run");
    let late = quantile(&took, 0.99).context("no run")?;
    let figures = Calm { first_call: middle(&took)?, late, answer: middle(&answers)? };
    crate::note(&format!("{CALM}, {who:?}: {figures:.0?} µs"));
    Ok(figures)
}

async fn syncs_per_run(stage: &mut Stage, who: Who, runs: usize) -> Result<f64> {
    counted(stage, who, runs, CONNECTIONS, None).await
}

/// Flushes of runs that have no company.
async fn lone_syncs(stage: &mut Stage, who: Who) -> Result<f64> {
    counted(stage, who, 20, 1, Some(4)).await
}

async fn counted(
    stage: &mut Stage,
    who: Who,
    runs: usize,
    connections: usize,
    rate: Option<u32>,
) -> Result<f64> {
    let mut counts = [0; 2];
    // What is synced without any run does not count.
    for (place, runs) in [0, runs].into_iter().enumerate() {
        stage.order("reset").await?;
        let subject = stage.set_up(who, setup(true))?;
        let (process, address) = subject.start().await?;
        if runs > 0 {
            let token = TOKEN.to_owned();
            stage.load(&Load { to: address, token, count: runs, first: 0, connections, rate }).await?;
            subject.until_over(runs).await?;
        }
        process.end().await?;
        counts[place] = subject.syncs()?;
    }
    let [without, with] = counts;
    let each = with.saturating_sub(without) as f64 / runs as f64;
    crate::note(&format!("flushes, {who:?}: {each:.2} a run over {connections} connections"));
    Ok(each)
}
