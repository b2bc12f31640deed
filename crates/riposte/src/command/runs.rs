//! `riposte runs`

mod order;
mod resume;
mod retry;
mod waiting;
mod watch;

use crate::cli::{Runs, RunsList, RunsShow, Status};
use crate::command::place::Place;
use crate::command::records::Records;
use crate::command::{banner, print, show};
use crate::exit::{Exit, usage};
use crate::render::style::Style;
use crate::render::timeline::timeline;
use crate::render::{self, clean, seconds};
use anyhow::Result;
use order::Order;
use riposte_engine::{RunQuery, RunStatus, RunSummary};
use riposte_model::{PlaybookName, RunId};

pub(crate) async fn run(arguments: Runs) -> Result<Exit> {
    match arguments {
        Runs::List(arguments) => list(arguments).await,
        Runs::Show(arguments) => show_one(arguments).await,
        Runs::Watch(arguments) => watch::run(arguments).await,
        Runs::Resume(arguments) => resume::run(arguments).await,
        Runs::Retry(arguments) => match order::give(Order::Retry, &arguments.how, &arguments.run).await? {
            Some(id) => ordered(id, "goes on from where it failed"),
            None => retry::run(arguments).await,
        },
        Runs::Cancel(arguments) => match order::give(Order::Cancel, &arguments.how, &arguments.run).await? {
            Some(id) => ordered(id, "is being cancelled"),
            None => resume::cancel(arguments).await,
        },
    }
}

/// The daemon has taken it on.
fn ordered(id: RunId, what: &str) -> Result<Exit> {
    print(&format!("{id} {what}; `riposte runs show {id}` tells how far it is"))?;
    Ok(Exit::Done)
}

async fn list(arguments: RunsList) -> Result<Exit> {
    let playbook = arguments.playbook.as_deref().map(PlaybookName::parse).transpose();
    let playbook = playbook.map_err(|error| usage(format!("--playbook: {error}")))?;
    let place = Place::of(&arguments.place)?;
    banner::show(&place.socket).await;
    let mut records = Records::of(&place).await?;
    let before = match &arguments.before {
        Some(text) => Some(records.find(text).await?),
        None => None,
    };
    let status = arguments.status.map(status);
    let runs = records.list(RunQuery { playbook, status, before, limit: arguments.limit }).await;
    records.close().await;
    let runs = runs?;
    show(arguments.output, || lines(&runs, Style::stdout()), || render::json::summaries(&runs))?;
    Ok(Exit::Done)
}

fn lines(runs: &[RunSummary], style: Style) -> String {
    if runs.is_empty() {
        return "no runs yet".to_owned();
    }
    let head = ["RUN", "PLAYBOOK", "STARTED", "TOOK", "TRIGGER", "STATUS"].map(str::to_owned).to_vec();
    let rows = runs.iter().map(|run| {
        vec![
            run.id.to_string(),
            run.playbook.to_string(),
            run.started_at.to_string(),
            run.finished_at.map_or_else(|| "-".to_owned(), |at| seconds(at.since(run.started_at))),
            clean(&run.trigger),
            style.status(run.status.as_str()),
        ]
    });
    render::table(&std::iter::once(head).chain(rows).collect::<Vec<_>>()).join("\n")
}

fn status(status: Status) -> RunStatus {
    match status {
        Status::Running => RunStatus::Running,
        Status::Succeeded => RunStatus::Succeeded,
        Status::Failed => RunStatus::Failed,
        Status::Cancelled => RunStatus::Cancelled,
    }
}

async fn show_one(arguments: RunsShow) -> Result<Exit> {
    let mut records = Records::of(&Place::of(&arguments.place)?).await?;
    let found = records.events(&arguments.run).await;
    records.close().await;
    let (id, events) = found?;
    show(arguments.output, || timeline(id, &events, Style::stdout()), || render::json::run(id, &events))?;
    Ok(Exit::Done)
}
