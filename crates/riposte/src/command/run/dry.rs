//! `riposte run --dry-run`: what a run would do, on the devices as they are.

use crate::cli::Output;
use crate::command::drive::{Played, play};
use crate::command::show;
use crate::compose::{self, Station};
use crate::exit::{self, Exit};
use crate::render;
use crate::render::rehearsal;
use crate::render::say;
use crate::render::style::Style;
use crate::render::timeline::timeline;
use anyhow::{Context, Result};
use riposte_actions::{Rehearsal, Rehearsed, catalogue};
use riposte_executor::{Connection, Connections, NewRun};
use riposte_playbook::Playbook;
use serde_json::json;
use std::sync::Arc;

/// Runs it with connections that only look, and a journal that is thrown away: what was not done must not look, in the record,
/// as if it had been.
pub(super) async fn run(
    connections: Connections,
    callable: Vec<Arc<Playbook>>,
    new: NewRun,
    output: Output,
) -> Result<Exit> {
    let folder = tempfile::tempdir().context("no folder for the record of the dry run")?;
    let catalogue = Arc::new(catalogue());
    let mut rehearsals = Vec::new();
    let connections = connections.map(|connection| {
        let rehearsal = Arc::new(Rehearsal::new(connection.connector, catalogue.clone()));
        rehearsals.push(rehearsal.clone());
        let description = format!("dry run on {}", connection.description);
        Connection { connector: rehearsal, description, ..connection }
    });
    say!("dry run: what looks is asked, and what would change something is not called but taken to go well");
    let station = Station::rehearsing(compose::create_journal(folder.path()).await?, connections, callable);
    let Played { id, run, events } = play(station, new, folder.path()).await?;
    let calls: Vec<Rehearsed> = rehearsals.iter().flat_map(|rehearsal| rehearsal.calls()).collect();
    show(
        output,
        || {
            let timeline = timeline(id, &events, Style::stdout());
            format!("\n{timeline}\n\n{}", rehearsal::lines(&calls, Style::stdout()))
        },
        || json!({ "run": render::json::run(id, &events), "calls": rehearsal::document(&calls) }),
    )?;
    Ok(run.finished().map_or(Exit::Failed, exit::of_run))
}
