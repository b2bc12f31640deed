//! `riposte runs retry`: a failed run goes on from its failed steps.

use super::resume::{OPERATOR, drive, playbooks, station};
use super::waiting::{Aim, reason};
use crate::cli::{RunsRetry, TakeUp};
use crate::command::place::Place;
use crate::command::records::resolve;
use crate::command::{ask, show};
use crate::compose::{self, Station};
use crate::exit::Exit;
use crate::render::{clean, retry, say};
use anyhow::Result;
use riposte_engine::{Event, Store};
use riposte_executor::{Recorded, RecordedError, RetryError};
use riposte_model::RunId;
use std::collections::HashMap;

pub(super) async fn run(arguments: RunsRetry) -> Result<Exit> {
    let callable = playbooks(&arguments.playbooks)?;
    let how = &arguments.how;
    let station = station(how, &Place::of(&how.place)?, callable).await?;
    let exit = at(&station, how, &arguments.run).await;
    station.journal.close().await;
    station.live.finish();
    exit
}

async fn at(station: &Station, how: &TakeUp, named: &str) -> Result<Exit> {
    let id = resolve(&station.journal, named).await?;
    let failed = match station.executor.failed(id).await {
        Ok(failed) => failed,
        Err(error) => return left(id, error),
    };
    let plan = retry::plan(&failed, &events(station, &failed).await?);
    if how.dry_run {
        show(how.output, || retry::lines(&failed, &plan).join("\n"), || retry::document(&failed, &plan))?;
        return Ok(Exit::Done);
    }
    retry::lines(&failed, &plan).iter().for_each(|line| say!("{line}"));
    if !how.yes && ask::is_somebody_there() && !ask::go_on()? {
        say!("nothing was done");
        return Ok(Exit::Failed);
    }
    match station.executor.retry(id, OPERATOR).await {
        Ok(recorded) => drive(station, vec![recorded], Aim::Resume, how.output).await,
        Err(error) => left(id, error),
    }
}

/// What each of these runs has done.
async fn events(station: &Station, recorded: &Recorded) -> Result<HashMap<RunId, Vec<Event>>> {
    let mut events = HashMap::new();
    for run in recorded.all() {
        events.insert(run.id(), station.journal.events(run.id()).await?);
    }
    Ok(events)
}

/// Why a run is left as it is, and what to do about it.
fn left(id: RunId, error: RetryError) -> Result<Exit> {
    let why = match error {
        RetryError::Record(error) => return Err(error.into()),
        RetryError::Recorded(
            RecordedError::NoConnection { begun, .. } | RecordedError::Elsewhere { begun, .. },
        ) if compose::is_simulated(&begun) => {
            "it was begun with --simulate, and its tenant has ended with its process: run the playbook again"
                .to_owned()
        }
        RetryError::Recorded(error @ RecordedError::Called(_)) => format!("{error}: retry that run"),
        RetryError::Recorded(error) => reason(error),
        error @ (RetryError::NotFailed { .. } | RetryError::NothingFailed(_)) => error.to_string(),
    };
    say!("{id} is left as it is: {}", clean(&why));
    Ok(Exit::Usage)
}
