//! Driving one run in the foreground: begin, show, cancel on a signal, print.

use crate::cli::Output;
use crate::command::show;
use crate::compose::{self, Station};
use crate::exit::{self, Exit, usage};
use crate::render;
use crate::render::say;
use crate::render::style::Style;
use crate::render::timeline::timeline;
use anyhow::{Result, anyhow, bail};
use riposte_engine::{Event, EventBody, Run, RunStatus, Store};
use riposte_executor::{BeginError, Connections, NewRun};
use riposte_model::RunId;
use riposte_playbook::Playbook;
use std::path::Path;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Begins a run, drives it to its end and prints it.
pub(super) async fn to_its_end(
    data_dir: &Path,
    connections: Connections,
    callable: Vec<Arc<Playbook>>,
    new: NewRun,
    config: Option<&Path>,
    output: Output,
) -> Result<(RunId, Exit)> {
    let station = Station::over(compose::create_journal(data_dir).await?, connections, callable);
    let Played { id, run, events } = play(station, new, data_dir).await?;
    show(
        output,
        || format!("\n{}", timeline(id, &events, Style::stdout())),
        || render::json::run(id, &events),
    )?;
    if let Some(command) = retry_again(&run, &events, config, data_dir) {
        say!("when what made it fail is mended, it goes on from there by\n  {command}");
    }
    Ok((id, run.finished().map_or(Exit::Failed, exit::of_run)))
}

/// The command that has a run go on from where it failed, to be pasted; none where that cannot be.
fn retry_again(run: &Run, events: &[Event], config: Option<&Path>, data_dir: &Path) -> Option<String> {
    let failed = run.finished().is_some_and(|finished| finished.status == RunStatus::Failed);
    // A tenant that lived as long as this process is not there any more.
    let is_gone = events.iter().any(|event| match &event.body {
        EventBody::RunStarted(started) => compose::was_simulated(started),
        _ => false,
    });
    if !failed || is_gone || run.reopening().again.is_empty() {
        return None;
    }
    let config = config.map_or_else(String::new, |config| format!(" --config {}", quoted(config)));
    Some(format!("{} runs retry {}{config} --data-dir {}", program(), run.id(), quoted(data_dir)))
}

/// A run that is over.
pub(super) struct Played {
    pub(super) id: RunId,
    pub(super) run: Run,
    pub(super) events: Vec<Event>,
}

/// Begins a run there, and drives it to its end.
pub(super) async fn play(station: Station, new: NewRun, data_dir: &Path) -> Result<Played> {
    let run = station.executor.begin(new).await.map_err(|error| match error {
        BeginError::NoConnection(_) | BeginError::Gate(_) | BeginError::Stopped { .. } => {
            usage(format!("{error}; nothing was run"))
        }
        BeginError::Record(_) => {
            anyhow::Error::new(error).context("the run could not be started; nothing was done")
        }
    })?;
    let id = run.id();
    say!("{id} of {} has started", run.playbook().name);
    let outcome = drive(&station, run, data_dir).await;
    let events = station.journal.events(id).await;
    station.journal.close().await;
    station.live.finish();
    Ok(Played { id, run: outcome?, events: events? })
}

/// Drives one run until it is over.
async fn drive(station: &Station, run: Run, data_dir: &Path) -> Result<Run> {
    let (id, cancel) = (run.id(), CancellationToken::new());
    let shows = || format!("`{}` shows how far it came", show_again(id, data_dir));
    match until_told(station, &cancel, station.executor.drive(run, cancel.clone())).await? {
        Some(done) => done.map_err(|error| anyhow!("{:#}; {}", anyhow::Error::new(error), shows())),
        None => bail!("{LEFT}; {}", shows()),
    }
}

/// What is true of runs that were left at once.
pub(super) const LEFT: &str = "left at once: calls in flight may have been carried out, and what is pending in Defender goes \
                               on there; `riposte runs resume` finds out and goes on";

/// Waits for work on runs. The first signal to end (Ctrl-C, SIGTERM, or a terminal that is gone) cancels them in order, the
/// second one leaves at once: then there is nothing.
pub(super) async fn until_told<T>(
    station: &Station,
    cancel: &CancellationToken,
    work: impl Future<Output = T>,
) -> Result<Option<T>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // Who started this with `nohup` wants it to go on when the terminal is gone.
    let mut hangup = if ignores_hangup() { None } else { Some(signal(SignalKind::hangup())?) };
    let mut hung_up = async move || match &mut hangup {
        Some(hangup) => drop(hangup.recv().await),
        None => std::future::pending().await,
    };
    let stop = async {
        for last in [false, true] {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {}, () = hung_up() => {} }
            if !last {
                station.live.line(
                    "cancelling: calls in flight are brought to a recorded end, and what has not ended in Defender is \
                     cancelled there; again to leave at once",
                );
                cancel.cancel();
            }
        }
    };
    tokio::select! {
        done = work => Ok(Some(done)),
        () = stop => Ok(None),
    }
}

/// Whether SIGHUP was ignored when this process began (proc(5), `SigIgn`: bit 0 is signal 1).
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// The command that shows a run again, to be pasted.
pub(super) fn show_again(id: RunId, data_dir: &Path) -> String {
    format!("{} runs show {id} --data-dir {}", program(), quoted(data_dir))
}

/// How this program was called, for a command that can be pasted.
fn program() -> String {
    let here = std::env::current_dir().ok();
    std::env::current_exe().map_or_else(
        |_| "riposte".to_owned(),
        |path| quoted(here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(&path)),
    )
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
    if plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
