//! `riposte runs resume` and `riposte runs cancel`: runs that were left before their end are brought to one.

use super::waiting::{Aim, Waiting};
use crate::cli::{Output, RunsCancel, RunsResume, TakeUp};
use crate::command::drive::{LEFT, until_told};
use crate::command::place::Place;
use crate::command::{ask, show};
use crate::compose::{self, Station};
use crate::exit::{self, Exit, usage};
use crate::files;
use crate::render::style::Style;
use crate::render::timeline::timeline;
use crate::render::{self, clean, plan, say};
use anyhow::{Context, Result, bail};
use futures_util::future::join_all;
use riposte_actions::catalogue;
use riposte_engine::{Clock, Run, RunFinished, RunStatus, Store};
use riposte_executor::{Connections, DriveError, Recorded, SystemClock};
use riposte_journal::Journal;
use riposte_playbook::{Playbook, load_all};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Who cancels or retries, in the record.
pub(super) const OPERATOR: &str = "the operator";

pub(super) async fn run(arguments: RunsResume) -> Result<Exit> {
    let playbooks = playbooks(&arguments.playbooks)?;
    take_up(&arguments.how, &arguments.runs, false, playbooks).await
}

pub(super) async fn cancel(arguments: RunsCancel) -> Result<Exit> {
    take_up(&arguments.how, std::slice::from_ref(&arguments.run), true, Vec::new()).await
}

async fn take_up(how: &TakeUp, named: &[String], ends: bool, callable: Vec<Arc<Playbook>>) -> Result<Exit> {
    let place = Place::of(&how.place)?;
    let aim = if ends { Aim::Cancel { connected: place.config.is_some() } } else { Aim::Resume };
    let station = station(how, &place, callable).await?;
    let exit = at(&station, how, named, aim).await;
    station.journal.close().await;
    station.live.finish();
    exit
}

/// Everything that runs need which are in the journal.
pub(super) async fn station(how: &TakeUp, place: &Place, callable: Vec<Arc<Playbook>>) -> Result<Station> {
    let data_dir = &place.data_dir;
    let path = compose::expect_journal(data_dir)?;
    let connections = match &place.config {
        Some(config) => compose::connections(config, data_dir, (!how.dry_run).then_some(data_dir.as_path()))?,
        None => Connections::new(),
    };
    // Who only looks writes nothing.
    let journal = if how.dry_run {
        compose::existing_journal(data_dir).await?
    } else {
        Journal::open(&path).await.with_context(|| format!("cannot open the journal {}", path.display()))?
    };
    Ok(Station::over(journal, connections, callable))
}

async fn at(station: &Station, how: &TakeUp, named: &[String], aim: Aim) -> Result<Exit> {
    let Waiting { runs, left } = Waiting::find(station, named, aim, how.dry_run).await?;
    let now = SystemClock.now();
    let by = (aim != Aim::Resume).then_some(OPERATOR);
    let plans: Vec<_> = runs.iter().map(|run| (run, plan::plan(run, by, now))).collect();
    let nothing = runs.is_empty() && left.is_empty();
    if how.dry_run {
        let table = || {
            let lines: Vec<String> = plans.iter().flat_map(|(run, plan)| plan::lines(run, plan)).collect();
            if nothing { NOTHING.to_owned() } else { lines.join("\n") }
        };
        let documents =
            || -> Vec<Value> { plans.iter().map(|(run, plan)| plan::document(run, plan)).collect() };
        let left_over: Vec<Value> =
            left.iter().map(|(id, why)| json!({ "run_id": id.to_string(), "why": why })).collect();
        show(how.output, table, || json!({ "runs": documents(), "left": left_over }))?;
    } else if nothing {
        say!("{NOTHING}");
    } else {
        plans.iter().flat_map(|(run, plan)| plan::lines(run, plan)).for_each(|line| say!("{line}"));
    }
    for (id, why) in &left {
        say!("{id} is left as it is: {}", clean(why));
    }
    if how.dry_run || runs.is_empty() {
        return Ok(if left.is_empty() { Exit::Done } else { Exit::Usage });
    }
    if !how.yes && ask::is_somebody_there() && !ask::go_on()? {
        say!("nothing was done");
        return Ok(Exit::Failed);
    }
    let ended = drive(station, runs, aim, how.output).await?;
    Ok(if left.is_empty() { ended } else { Exit::Failed })
}

const NOTHING: &str = "no run was left before its end";

/// Drives runs side by side until all are over, and prints them.
pub(super) async fn drive(station: &Station, runs: Vec<Recorded>, aim: Aim, output: Output) -> Result<Exit> {
    let several = runs.len() > 1;
    let cancel = CancellationToken::new();
    if aim != Aim::Resume {
        cancel.cancel();
    }
    for recorded in &runs {
        let name = if several { name(&recorded.run) } else { String::new() };
        station.live.introduce(recorded, &name);
    }
    let ids: Vec<_> = runs.iter().map(|recorded| recorded.run.id()).collect();
    // Asked in the order in which they began, they come to their turns under `concurrency` in that order too: what was under
    // way before goes on before what had to wait for it.
    let drives = runs.into_iter().map(|recorded| one(station, recorded.run, cancel.clone(), several));
    let Some(ended) = until_told(station, &cancel, join_all(drives)).await? else {
        bail!("{LEFT}");
    };
    station.live.finish();
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        records.push((id, station.journal.events(id).await?));
    }
    show(
        output,
        || {
            let tables =
                records.iter().map(|(id, events)| format!("\n{}", timeline(*id, events, Style::stdout())));
            tables.collect::<Vec<_>>().join("\n")
        },
        || records.iter().map(|(id, events)| render::json::run(*id, events)).collect(),
    )?;
    let mut exit = Exit::Done;
    for end in ended {
        let code = match end {
            Ok(run) => run.finished().map_or(Exit::Failed, |finished| of(finished, aim)),
            Err(error) => {
                say!("error: {:#}", anyhow::Error::new(error));
                Exit::Failed
            }
        };
        exit = match (exit, code) {
            (Exit::Done, code) => code,
            (exit, Exit::Done) => exit,
            (Exit::Unreachable, Exit::Unreachable) => Exit::Unreachable,
            _ => Exit::Failed,
        };
    }
    Ok(exit)
}

/// A run that was to be cancelled, and was, has ended well.
fn of(finished: &RunFinished, aim: Aim) -> Exit {
    match (aim, finished.status) {
        (Aim::Cancel { .. }, RunStatus::Cancelled) => Exit::Done,
        (Aim::Cancel { .. } | Aim::Resume, _) => exit::of_run(finished),
    }
}

/// Drives one of several runs.
async fn one(
    station: &Station,
    run: Run,
    cancel: CancellationToken,
    several: bool,
) -> Result<Run, DriveError> {
    let name = name(&run);
    let ended = station.executor.drive(run, cancel).await;
    if several {
        let status = ended.as_ref().map_or("left before its end", |run| run.status().as_str());
        station.live.line(&format!("         {}: {status}", name.trim_end_matches(" » ")));
    }
    ended
}

/// What stands before the steps of one of several runs: the end of an id differs where its beginning tells the time.
fn name(run: &Run) -> String {
    let id = run.id().to_string();
    format!("{} …{} » ", run.playbook().name, &id[id.len().saturating_sub(6)..])
}

/// The playbooks that runs may call. One with errors is told of; whether it is needed shows later.
pub(super) fn playbooks(paths: &[PathBuf]) -> Result<Vec<Arc<Playbook>>> {
    let sources = files::sources(paths)?.into_iter();
    let files: Vec<_> = sources.map(|(file, source)| (file.display().to_string(), source)).collect();
    if files.is_empty() && !paths.is_empty() {
        return Err(usage("no playbooks there: a playbook is a file that ends in .yaml or .yml"));
    }
    let loaded = load_all(files, &catalogue());
    for broken in loaded.iter().filter(|loaded| loaded.report.has_errors()) {
        let file = clean(broken.report.file());
        say!("{file} has errors, and cannot be called: `riposte check {file}` tells them");
    }
    Ok(loaded.into_iter().filter_map(|loaded| loaded.playbook).collect())
}
