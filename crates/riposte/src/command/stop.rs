//! `riposte stop` and `riposte lift`: the emergency stop.

use crate::cli::{self, Lift, Stop};
use crate::command::daemon::Daemon;
use crate::command::place::Place;
use crate::command::print;
use crate::compose;
use crate::exit::{Exit, usage};
use anyhow::{Context, Result};
use hyper::Method;
use riposte_engine::{Clock, HostStore, StopOrder};
use riposte_executor::SystemClock;
use riposte_journal::Journal;
use riposte_model::{InvalidName, PlaybookName};
use serde_json::{Value, json};
use std::path::Path;

/// Who stops where no daemon knows a name, in the record.
const OPERATOR: &str = "the operator";

pub(crate) async fn stop(arguments: Stop) -> Result<Exit> {
    let playbook =
        name(arguments.playbook.as_deref()).map_err(|error| usage(format!("--playbook: {error}")))?;
    order(&arguments.place, playbook, !arguments.keep_running, arguments.reason.as_deref()).await
}

pub(crate) async fn lift(arguments: Lift) -> Result<Exit> {
    let playbook =
        name(arguments.playbook.as_deref()).map_err(|error| usage(format!("--playbook: {error}")))?;
    take_back(&arguments.place, playbook).await
}

/// Has no run begin of a playbook, or of any; `cancel` ends those that have begun too.
pub(super) async fn order(
    place: &cli::Place,
    playbook: Option<PlaybookName>,
    cancel: bool,
    reason: Option<&str>,
) -> Result<Exit> {
    let place = Place::of(place)?;
    let (what, lifted_by) = (what(playbook.as_ref()), lifted_by(playbook.as_ref()));
    if let Some(mut daemon) = Daemon::of(&place.socket).await? {
        let order = json!({ "playbook": playbook, "cancel": cancel, "by": reason });
        let answer = daemon.ask(Method::POST, "/api/v1/stops", Some(&order)).await?;
        let runs = answer.get("runs").and_then(Value::as_u64).unwrap_or(0);
        let ended = match (cancel, runs) {
            (false, _) => String::new(),
            (true, 1) => "; 1 run is being cancelled".to_owned(),
            (true, runs) => format!("; {runs} runs are being cancelled"),
        };
        print(&format!("{what} is stopped{ended}: no run begins until `{lifted_by}`"))?;
    } else {
        let by = reason.map_or_else(|| OPERATOR.to_owned(), |reason| format!("{OPERATOR}: {reason}"));
        let order = StopOrder { playbook, cancel, by, at: SystemClock.now() };
        with_journal(&place.data_dir, async |journal| Ok(journal.stop(&order).await?)).await?;
        let ended = if cancel { "cancels what is under way, and " } else { "" };
        print(&format!(
            "{what} is stopped; no daemon is there: the next one {ended}begins no run until `{lifted_by}`"
        ))?;
    }
    Ok(Exit::Done)
}

/// Lets runs of a playbook, or of all, begin again.
pub(super) async fn take_back(place: &cli::Place, playbook: Option<PlaybookName>) -> Result<Exit> {
    let place = Place::of(place)?;
    let what = what(playbook.as_ref());
    let lifted = if let Some(mut daemon) = Daemon::of(&place.socket).await? {
        let answer =
            daemon.ask(Method::POST, "/api/v1/stops/lift", Some(&json!({ "playbook": playbook }))).await?;
        answer.get("lifted").and_then(Value::as_bool).unwrap_or(false)
    } else {
        let now = SystemClock.now();
        with_journal(&place.data_dir, async |journal| Ok(journal.lift(playbook.as_ref(), now).await?)).await?
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

pub(super) fn name(text: Option<&str>) -> Result<Option<PlaybookName>, InvalidName> {
    text.map(PlaybookName::parse).transpose()
}

fn what(playbook: Option<&PlaybookName>) -> String {
    playbook.map_or_else(|| "every playbook".to_owned(), ToString::to_string)
}

/// The command that undoes a stop.
fn lifted_by(playbook: Option<&PlaybookName>) -> String {
    playbook.map_or_else(|| "riposte lift".to_owned(), |name| format!("riposte lift --playbook {name}"))
}
