//! `riposte runs`

mod order;
mod resume;
mod retry;
mod waiting;

use crate::cli::{Runs, RunsList, RunsShow};
use crate::command::{print, show};
use crate::compose;
use crate::exit::{Exit, usage};
use crate::render::style::Style;
use crate::render::timeline::timeline;
use crate::render::{self, clean, seconds};
use anyhow::Result;
use order::Order;
use riposte_engine::{RunSummary, Store};
use riposte_journal::Journal;
use riposte_model::RunId;

/// Most runs that an abbreviated id may name before they are only counted.
const AMBIGUOUS: u32 = 5;

pub(crate) async fn run(arguments: Runs) -> Result<Exit> {
    match arguments {
        Runs::List(arguments) => list(arguments).await,
        Runs::Show(arguments) => show_one(arguments).await,
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
    let journal =
        compose::existing_journal(&compose::data_dir(arguments.data.data_dir.as_deref(), None)?).await?;
    let runs = journal.runs(arguments.limit).await;
    journal.close().await;
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

async fn show_one(arguments: RunsShow) -> Result<Exit> {
    let journal =
        compose::existing_journal(&compose::data_dir(arguments.data.data_dir.as_deref(), None)?).await?;
    let shown = show_in(&journal, &arguments).await;
    journal.close().await;
    shown
}

async fn show_in(journal: &Journal, arguments: &RunsShow) -> Result<Exit> {
    let id = resolve(journal, &arguments.run).await?;
    let events = journal.events(id).await?;
    show(arguments.output, || timeline(id, &events, Style::stdout()), || render::json::run(id, &events))?;
    Ok(Exit::Done)
}

/// The run that an id, or the beginning of one, names.
pub(super) async fn resolve(journal: &Journal, text: &str) -> Result<RunId> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let hex = text.strip_prefix("run_").unwrap_or(text);
    if hex.is_empty() || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(usage(format!("`{text}` is no run id: ids look like run_ and 32 hexadecimal digits")));
    }
    let found = journal.runs_like(&format!("run_{hex}"), AMBIGUOUS + 1).await?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(usage(format!("no run's id begins with `{text}`: `riposte runs list` shows the newest"))),
        several => {
            let list: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(usage(format!("`{text}` is the beginning of several ids: {}", list.join(", "))))
        }
    }
}
