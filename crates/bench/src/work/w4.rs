//! W4: a thousand playbooks, loaded and checked, and a daemon that starts with them.

use super::{MIB, PAUSE, Size, turns, w1, w2};
use crate::report::Line;
use crate::stage::{Setup, Stage, Who};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};
use tokio::time::Instant;

const PLAYBOOKS: [usize; 3] = [250, 500, 1000];

const W4: &str = "W4 check";

pub(crate) async fn measure(stage: &mut Stage, size: Size) -> Result<Vec<Line>> {
    let sizes = PLAYBOOKS.map(|playbooks| size.of(playbooks));
    let mut folders = Vec::new();
    for playbooks in sizes {
        let folder = stage.fresh_folder()?;
        fill(&folder, playbooks)?;
        folders.push(folder);
    }
    let mut costs: [Vec<f64>; 3] = Default::default();
    for round in 0..size.rounds {
        for which in turns(round, [0, 1, 2]) {
            let took = check(stage.riposte(), &folders[which])?;
            costs[which].push(took / sizes[which] as f64);
        }
    }
    crate::note(&format!("{W4}: {sizes:?} playbooks: {costs:.0?} µs each"));
    let figure = sizes.map(|playbooks| format!("of {playbooks}"));
    let mut lines = super::by_size(W4, "µs a playbook", figure, costs);
    lines.extend(start(stage, size, sizes[2]).await?);
    Ok(lines)
}

/// Playbooks that differ by their names and those of their webhooks.
fn fill(folder: &Path, playbooks: usize) -> Result<()> {
    for number in 0..playbooks {
        let own = |key: &str| (format!("{key}: bench\n"), format!("{key}: bench-{number}\n"));
        let ((name, its_name), (webhook, its_webhook)) = (own("name"), own("webhook"));
        let text = w1::PLAYBOOK.replace(&name, &its_name).replace(&webhook, &its_webhook);
        std::fs::write(folder.join(format!("bench-{number}.yaml")), text)?;
    }
    Ok(())
}

/// Microseconds that a command takes.
fn check(riposte: &Path, folder: &Path) -> Result<f64> {
    let begun = Instant::now();
    let mut check = Command::new(riposte);
    check.arg("check").arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
    if !check.status()?.success() {
        bail!("the playbooks of the benchmark are not in order");
    }
    Ok(begun.elapsed().as_secs_f64() * 1e6)
}

/// A daemon with so many beside the one that takes the alert.
async fn start(stage: &mut Stage, size: Size, playbooks: usize) -> Result<[Line; 2]> {
    stage.order("reset").await?;
    let setup = Setup { playbook: w1::PLAYBOOK, pause: PAUSE, counting: false };
    let subject = stage.set_up(Who::Riposte, setup)?;
    fill(&subject.playbooks(), playbooks)?;
    let (mut firsts, mut memory) = (Vec::new(), Vec::new());
    for round in 0..size.rounds {
        let mut process = subject.spawn()?;
        firsts.push(w2::first_taken(&mut process, round).await?);
        memory.push(process.usage()?.resident as f64 / MIB);
        process.end().await?;
    }
    crate::note(&format!("W4 serve: {playbooks} playbooks: first 202 after {firsts:.0?} ms"));
    Ok([
        Line::new("W4 serve", format!("exec to the first 202, ms, {playbooks} playbooks")).with(firsts),
        Line::new("W4 serve", format!("MiB, {playbooks} playbooks")).with(memory),
    ])
}
