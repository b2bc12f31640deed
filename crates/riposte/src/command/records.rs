//! Runs to look at: the daemon is asked if one is there, else the journal itself is read.

use crate::command::daemon::{Daemon, run_of};
use crate::command::place::Place;
use crate::compose;
use crate::exit::usage;
use anyhow::{Context, Result};
use hyper::Method;
use riposte_engine::{Event, HostStore, RunQuery, RunSummary, Store};
use riposte_journal::Journal;
use riposte_model::RunId;
use riposte_server::document::read::{Page, Record};
use std::fmt::Write;

/// Most runs that an abbreviated id may name before they are only counted.
const AMBIGUOUS: u32 = 5;
/// Most runs that a daemon gives at once.
const PAGE: u32 = 500;

/// Where runs are looked at.
pub(super) enum Records {
    Daemon(Daemon),
    Journal(Journal),
}

impl Records {
    pub(super) async fn of(place: &Place) -> Result<Records> {
        Ok(match Daemon::of(&place.socket).await? {
            Some(daemon) => Records::Daemon(daemon),
            None => Records::Journal(compose::existing_journal(&place.data_dir).await?),
        })
    }

    /// The newest runs first.
    pub(super) async fn list(&mut self, query: RunQuery) -> Result<Vec<RunSummary>> {
        match self {
            Records::Daemon(daemon) => pages(daemon, query).await,
            Records::Journal(journal) => Ok(HostStore::list(journal, &query).await?),
        }
    }

    /// The run that an id, or the beginning of one, names.
    pub(super) async fn find(&mut self, text: &str) -> Result<RunId> {
        match self {
            Records::Daemon(daemon) => {
                // One event is enough to learn whose it is.
                let path = format!("/api/v1/runs/{}/events?limit=1", abbreviation(text)?);
                run_of(&daemon.ask(Method::GET, &path, None).await?)
            }
            Records::Journal(journal) => resolve(journal, text).await,
        }
    }

    /// That run, and what has happened in it.
    pub(super) async fn events(&mut self, text: &str) -> Result<(RunId, Vec<Event>)> {
        match self {
            Records::Daemon(daemon) => {
                let Record { run_id, events } = record(daemon, text).await?;
                Ok((run_id, events.into_iter().map(|entry| entry.0).collect()))
            }
            Records::Journal(journal) => {
                let id = resolve(journal, text).await?;
                Ok((id, journal.events(id).await?))
            }
        }
    }

    pub(super) async fn close(self) {
        if let Records::Journal(journal) = self {
            journal.close().await;
        }
    }
}

async fn record(daemon: &mut Daemon, text: &str) -> Result<Record> {
    let path = format!("/api/v1/runs/{}", abbreviation(text)?);
    let answer = daemon.ask(Method::GET, &path, None).await?;
    serde_json::from_value(answer).context("the daemon's answer is no run")
}

/// As many pages as it takes.
async fn pages(daemon: &mut Daemon, query: RunQuery) -> Result<Vec<RunSummary>> {
    let mut runs = Vec::new();
    let mut cursor = query.before;
    loop {
        let left = query.limit.saturating_sub(u32::try_from(runs.len()).unwrap_or(u32::MAX));
        let limit = left.min(PAGE);
        if limit == 0 {
            return Ok(runs);
        }
        let mut path = format!("/api/v1/runs?limit={limit}");
        // Names and ids need no escaping.
        if let Some(playbook) = &query.playbook {
            write!(path, "&playbook={playbook}")?;
        }
        if let Some(status) = query.status {
            write!(path, "&status={}", status.as_str())?;
        }
        if let Some(cursor) = cursor {
            write!(path, "&cursor={cursor}")?;
        }
        let answer = daemon.ask(Method::GET, &path, None).await?;
        let page: Page = serde_json::from_value(answer).context("the daemon's answer is no list of runs")?;
        cursor = page.next;
        runs.extend(page.runs());
        if cursor.is_none() {
            return Ok(runs);
        }
    }
}

/// The run in a journal that an id, or the beginning of one, names.
pub(super) async fn resolve(journal: &Journal, text: &str) -> Result<RunId> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let found = journal.runs_like(&abbreviation(text)?, AMBIGUOUS + 1).await?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(usage(format!("no run's id begins with `{text}`: `riposte runs list` shows the newest"))),
        several => {
            let list: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(usage(format!("`{text}` is the beginning of several ids: {}", list.join(", "))))
        }
    }
}

/// An id, or the beginning of one, as it is written in full: with `run_` before it.
pub(super) fn abbreviation(text: &str) -> Result<String> {
    let hex = text.strip_prefix("run_").unwrap_or(text);
    if hex.is_empty() || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(usage(format!("`{text}` is no run id: ids look like run_ and 32 hexadecimal digits")));
    }
    Ok(format!("run_{hex}"))
}
