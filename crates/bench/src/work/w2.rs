//! W2: runs that wait for offline devices, a restart in between, and the moment when all of them go on.

use super::w1::PLAYBOOK;
use super::{MIB, REST, Size};
use crate::clock::wall_millis;
use crate::load::{self, Load};
use crate::process::Process;
use crate::report::{Line, Target};
use crate::socket;
use crate::stage::{Setup, Stage, Subject, TOKEN, Who};
use anyhow::{Context, Result, bail};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// Runs that are parked.
const RUNS: usize = 100_000;

/// Shortest pause between two looks at an action: nobody asks after a hundred thousand of them every few milliseconds. With it two
/// actions each of 2,500 runs a second can be asked after, which is what bounds them when all go on.
const PAUSE: Duration = Duration::from_millis(10);

/// How long it may take until all are parked.
const PARKED: Duration = Duration::from_secs(300);

const W2: &str = "W2";

pub(crate) async fn measure(stage: &mut Stage, size: Size) -> Result<Vec<Line>> {
    let runs = size.of(RUNS);
    stage.order("reset").await?;
    stage.order("hold").await?;
    let subject = stage.set_up(Who::Riposte, Setup { playbook: PLAYBOOK, pause: PAUSE, counting: false })?;
    let (process, address) = subject.start().await?;
    let token = TOKEN.to_owned();
    stage.load(&Load { to: address, token, count: runs, first: 0, connections: 64, rate: None }).await?;
    stage.until("isolations", runs).await?;
    parked(&subject, runs).await?;
    sleep(REST).await;
    let with_all = process.usage()?;
    process.end().await?;

    let (mut firsts, mut restarted) = (Vec::new(), Vec::new());
    for round in 0..size.rounds {
        let mut process = subject.spawn()?;
        let first = first_taken(&mut process, runs + round).await?;
        crate::note(&format!("{W2}: first 202 after {first:.0} ms"));
        firsts.push(first);
        parked(&subject, runs + round + 1).await?;
        sleep(REST).await;
        restarted.push(process.usage()?.resident as f64 / MIB);
        process.end().await?;
    }

    let (process, _) = subject.start().await?;
    let all = runs + size.rounds;
    parked(&subject, all).await?;
    let released = wall_millis();
    stage.order("release").await?;
    stage.until("told_scans", all).await?;
    let over = subject.until_over(all).await?;
    let seconds = over.saturating_sub(released) as f64 / 1e3;
    let most = process.usage()?.resident_most;
    process.end().await?;
    let name = format!("MiB with {runs} parked");
    Ok(vec![
        Line::new(W2, name).with(vec![with_all.resident as f64 / MIB]).aims_at(Target::AtMost(100.0)),
        Line::new(W2, "MiB after a restart").with(restarted).aims_at(Target::AtMost(100.0)),
        Line::new(W2, "exec to the first 202, ms").with(firsts).aims_at(Target::AtMost(1000.0)),
        Line::new(W2, "runs a second when all go on").with(vec![all as f64 / seconds]),
        Line::new(W2, "MiB at most, all going on").with(vec![most as f64 / MIB]),
    ])
}

/// Waits until so many runs are parked.
async fn parked(subject: &Subject, runs: usize) -> Result<()> {
    let begun = Instant::now();
    loop {
        let ready = socket::get(&subject.folder().join("riposte.sock"), "/readyz").await?;
        let parked = ready["runs"]["parked"].as_u64().context("it does not say how many are parked")?;
        if parked >= runs as u64 {
            return Ok(());
        }
        if begun.elapsed() > PARKED {
            bail!("only {parked} of {runs} runs are parked: {ready}");
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Milliseconds from the start of a process to the first alert that it takes.
pub(super) async fn first_taken(process: &mut Process, number: usize) -> Result<f64> {
    let address = process.address().await?;
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(load::request(TOKEN, &load::alert(number)).as_bytes()).await?;
    if !load::answer(&mut stream, &mut Vec::new()).await? {
        bail!("the first alert after a restart was not taken");
    }
    Ok(process.began.elapsed().as_secs_f64() * 1e3)
}
