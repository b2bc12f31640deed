//! `riposte run`

use crate::cli::{Output, Run};
use crate::command::{playbook, show, simulated};
use crate::compose::{self, Station};
use crate::exit::{self, Exit, usage};
use crate::files;
use crate::render;
use crate::render::style::Style;
use crate::render::timeline::timeline;
use anyhow::{Context, Result, bail};
use riposte_engine::Store;
use riposte_executor::{Connections, NewRun};
use riposte_model::{Effect, RunId};
use riposte_playbook::{Playbook, Step, StepKind};
use riposte_server::config;
use std::io::{BufRead, IsTerminal, Write};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

pub(crate) async fn run(arguments: Run) -> Result<Exit> {
    let playbook = playbook::open(&arguments.playbook)?;
    let new = match &arguments.event {
        None => playbook::from_pairs(playbook.clone(), &arguments.inputs)?,
        Some(path) => {
            let mut runs = playbook::from_event(&playbook, &playbook::read_event(path)?)?;
            match (runs.pop(), runs.len()) {
                (Some(run), 0) => run,
                (None, _) => {
                    eprintln!("the trigger's condition is false for this alert: no run");
                    return Ok(Exit::Done);
                }
                (Some(_), more) => {
                    return Err(usage(format!(
                        "the alert asks for {} runs, and `riposte run` makes one: give one alert",
                        more + 1
                    )));
                }
            }
        }
    };
    let config = match &arguments.config {
        Some(path) => {
            let name = path.display().to_string();
            let source = files::read_text(path, config::MAX_SOURCE)?;
            Some(config::load(&name, &source).map_err(|report| {
                eprintln!("{}", report.render(Style::stderr().into()));
                usage(format!("{name} has errors; nothing was run"))
            })?)
        }
        None => None,
    };
    let data_dir = compose::data_dir(arguments.data.data_dir.as_deref(), config.as_ref())?;
    let (tenant, connections) = match &config {
        Some(config) => (None, compose::connections(config)?),
        None if arguments.simulate => {
            let (tenant, connections) = simulated::start().await?;
            (Some(tenant), connections)
        }
        None => return Err(usage("there is no tenant to act on: give --config FILE, or --simulate to try it out")),
    };
    if tenant.is_none() && !arguments.yes && !confirmed(&playbook, &new)? {
        eprintln!("nothing was run");
        return Ok(Exit::Failed);
    }
    let exit = finish(&data_dir, connections, new, arguments.output).await?.1;
    if let Some(tenant) = tenant {
        tenant.stop().await;
    }
    Ok(exit)
}

/// Begins a run, drives it to its end and prints it.
pub(super) async fn finish(
    data_dir: &std::path::Path,
    connections: Connections,
    new: NewRun,
    output: Output,
) -> Result<(RunId, Exit)> {
    let station = compose::station(data_dir, connections).await?;
    let run = station.executor.begin(new).await.context("the run could not be started; nothing was done")?;
    let id = run.id();
    eprintln!("{id} of {} has started", run.playbook().name);
    let outcome = drive(&station, run).await;
    let events = station.journal.events(id).await;
    station.journal.close().await;
    let run = outcome?;
    let events = events?;
    show(output, || format!("\n{}", timeline(id, &events, Style::stdout())), || render::json::run(id, &events))?;
    Ok((id, run.finished().map_or(Exit::Failed, exit::of_run)))
}

/// Drives a run. The first Ctrl-C or SIGTERM cancels it in order, the second one leaves at once.
async fn drive(station: &Station, run: riposte_engine::Run) -> Result<riposte_engine::Run> {
    let id = run.id();
    let cancel = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        eprintln!("cancelling: calls in flight are brought to a recorded end first; again to leave at once");
        cancel.cancel();
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    };
    tokio::select! {
        done = station.live.during(station.executor.drive(run, cancel.clone())) => Ok(done?),
        () = stop => bail!("left at once: `riposte runs show {id}` shows how far it came"),
    }
}

/// Shows what would be done and asks, if there is somebody to ask.
fn confirmed(playbook: &Playbook, new: &NewRun) -> Result<bool> {
    let acting = acting_steps(&playbook.steps);
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !terminal || acting.is_empty() {
        return Ok(true);
    }
    let inputs: Vec<String> = new.inputs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    eprintln!("{} will act, with {}:", playbook.name, render::clean(&inputs.join(" ")));
    for line in acting {
        eprintln!("  {line}");
    }
    eprint!("Go on? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The steps that change something, with what they call.
fn acting_steps(steps: &[Step]) -> Vec<String> {
    steps
        .iter()
        .flat_map(|step| match &step.kind {
            StepKind::Action(action) if action.spec.effect != Effect::Read => {
                vec![format!("{}: {} ({})", step.id, action.spec.name, action.spec.summary)]
            }
            StepKind::Block(inner) => acting_steps(inner),
            StepKind::Parallel { branches, .. } => branches.iter().flat_map(|branch| acting_steps(branch)).collect(),
            StepKind::Action(_) | StepKind::Wait(_) | StepKind::Stop(_) | StepKind::Fail(_) | StepKind::Set(_) => vec![],
        })
        .collect()
}
