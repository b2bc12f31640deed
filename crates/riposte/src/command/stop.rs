//! `riposte stop` and `riposte lift`: the emergency stop.

use crate::cli::{Lift, Stop};
use crate::command::daemon::Daemon;
use crate::command::print;
use crate::compose;
use crate::exit::{Exit, usage};
use anyhow::{Context, Result};
use hyper::Method;
use riposte_engine::{Clock, HostStore, StopOrder};
use riposte_executor::SystemClock;
use riposte_journal::Journal;
use riposte_model::PlaybookName;
use serde_json::{Value, json};
use std::path::Path;

pub(crate) async fn stop(arguments: Stop) -> Result<Exit> {
    let data_dir = compose::data_dir(arguments.data.data_dir.as_deref(), None)?;
    let playbook = name(arguments.playbook.as_deref())?;
    let what = what(playbook.as_ref());
    let by = match &arguments.reason {
        Some(reason) => format!("the operator: {reason}"),
        None => "the operator".to_owned(),
    };
    let cancel = !arguments.keep_running;
    if let Some(daemon) = Daemon::of(&data_dir).await? {
        let order = json!({ "playbook": arguments.playbook, "cancel": cancel, "by": by });
        let answer = daemon.ask(Method::POST, "/api/v1/stops", Some(&order)).await?;
        let runs = answer.get("runs").and_then(Value::as_u64).unwrap_or(0);
        let ended = match (cancel, runs) {
            (false, _) => String::new(),
            (true, 1) => "; 1 run is being cancelled".to_owned(),
            (true, runs) => format!("; {runs} runs are being cancelled"),
        };
        print(&format!("{what} is stopped{ended}: no run begins until `riposte lift`"))?;
    } else {
        let order = StopOrder { playbook, cancel, by, at: SystemClock.now() };
        with_journal(&data_dir, async |journal| Ok(journal.stop(&order).await?)).await?;
        let ended = if cancel { "cancels what is under way, and " } else { "" };
        print(&format!(
            "{what} is stopped; no daemon is there: the next one {ended}begins no run until `riposte lift`"
        ))?;
    }
    Ok(Exit::Done)
}

pub(crate) async fn lift(arguments: Lift) -> Result<Exit> {
    let data_dir = compose::data_dir(arguments.data.data_dir.as_deref(), None)?;
    let playbook = name(arguments.playbook.as_deref())?;
    let what = what(playbook.as_ref());
    let lifted = if let Some(daemon) = Daemon::of(&data_dir).await? {
        let answer = daemon
            .ask(Method::POST, "/api/v1/stops/lift", Some(&json!({ "playbook": arguments.playbook })))
            .await?;
        answer.get("lifted").and_then(Value::as_bool).unwrap_or(false)
    } else {
        let now = SystemClock.now();
        with_journal(&data_dir, async |journal| Ok(journal.lift(playbook.as_ref(), now).await?)).await?
    };
    if !lifted {
        return Err(usage(format!("{what} was not stopped")));
    }
    print(&format!("runs of {what} may begin again; what was cancelled stays so"))?;
    Ok(Exit::Done)
}

async fn with_journal<T>(data_dir: &Path, work: impl AsyncFnOnce(&Journal) -> Result<T>) -> Result<T> {
    let path = compose::expect_journal(data_dir)?;
    let journal =
        Journal::open(&path).await.with_context(|| format!("cannot open the journal {}", path.display()))?;
    let done = work(&journal).await;
    journal.close().await;
    done
}

fn name(text: Option<&str>) -> Result<Option<PlaybookName>> {
    text.map(PlaybookName::parse).transpose().map_err(|error| usage(format!("--playbook: {error}")))
}

fn what(playbook: Option<&PlaybookName>) -> String {
    playbook.map_or_else(|| "every playbook".to_owned(), ToString::to_string)
}
