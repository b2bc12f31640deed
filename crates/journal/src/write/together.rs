//! Beginnings and appends, which nearly all requests are about: from however many requests, in two exchanges with SQLite. An
//! exchange costs two changes of thread, more than most statements take.
//!
//! Requests that are in the queue at the same time have no order: whoever sent one waits for its answer before sending what
//! builds on it. So one look says where everything stands before any of them, and what they come to is written at once.

use super::Done;
use super::append::{self, Position};
use super::begin::insert_playbook;
use super::delivered::{Beginnings, Start};
use crate::error::store_error;
use crate::line::{self, Line};
use crate::own::Owner;
use crate::{row, sql};
use riposte_engine::StoreError;
use riposte_model::RunId;
use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::{HashMap, HashSet};

/// What such a request is about.
pub(crate) enum Common {
    /// Events of runs, each run once.
    Append(Vec<(RunId, Vec<Line>)>),
    /// Runs and what delivered them.
    Begin(Vec<Start>),
}

/// Whether the requests are a whole transaction.
#[derive(Clone, Copy)]
pub(super) enum Frame {
    Whole,
    /// Within one that somebody else begins and commits.
    Part,
}

/// Where everything stands.
#[derive(Default)]
pub(super) struct Found {
    next_run: i64,
    positions: HashMap<RunId, Position>,
    /// Beginnings whose deliveries have begun a run before, by their place among all that are asked about.
    known: HashMap<usize, RunId>,
    /// The playbooks that are there.
    sources: HashSet<String>,
}

/// Carries the requests out, and says of each what came of it; of what is refused nothing was written.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    requests: &[&Common],
    owner: &Owner,
    frame: Frame,
) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
    let Found { next_run, mut positions, known, sources } = look(connection, requests, frame).await?;
    let mut beginnings = Beginnings::new(known);
    let mut appended = Vec::new();
    let mut verdicts = Vec::with_capacity(requests.len());
    for request in requests {
        verdicts.push(match request {
            Common::Append(request) => {
                append::decide(request, &mut positions, owner, &mut appended).map(|()| Done::Written)
            }
            Common::Begin(request) => Ok(Done::Begun(beginnings.decide(request))),
        });
    }
    for (hash, beginning) in beginnings.playbooks() {
        if !sources.contains(hash) {
            let Line { at, .. } = beginning.first();
            insert_playbook(connection, beginning.hash(), beginning.source(), *at).await?;
        }
    }
    let first_events = (next_run..).zip(beginnings.fresh().iter().map(|beginning| beginning.first()));
    let events = line::list(first_events.chain(appended));
    sqlx::query(match frame {
        Frame::Whole => sql::WRITE_AND_COMMIT,
        Frame::Part => sql::WRITE,
    })
    .bind(owner.name())
    .bind(beginnings.runs(next_run))
    .bind(events)
    .bind(append::moved(positions.values()))
    .bind(beginnings.deliveries())
    .execute(connection)
    .await
    .map_err(store_error)?;
    Ok(verdicts)
}

async fn look(
    connection: &mut SqliteConnection,
    requests: &[&Common],
    frame: Frame,
) -> Result<Found, StoreError> {
    let (mut runs, mut deliveries, mut sources) = (HashSet::new(), Vec::new(), HashSet::new());
    for request in requests {
        match request {
            Common::Append(appended) => runs.extend(appended.iter().map(|(run, _)| *run)),
            Common::Begin(beginnings) => {
                deliveries.extend(beginnings.iter().map(super::delivered::asked));
                sources.extend(beginnings.iter().map(|beginning| beginning.hash().as_str()));
            }
        }
    }
    let runs: Value = runs.iter().map(|run| Value::from(run.to_string())).collect();
    let rows = sqlx::query(match frame {
        Frame::Whole => sql::BEGIN_AND_LOOK,
        Frame::Part => sql::LOOK,
    })
    .bind(runs.to_string())
    .bind(Value::Array(deliveries).to_string())
    .bind(sources.into_iter().collect::<Value>().to_string())
    .fetch_all(connection)
    .await
    .map_err(store_error)?;
    let mut found = Found::default();
    rows.iter().try_for_each(|row| found.take_in(row))?;
    Ok(found)
}

impl Found {
    /// A row of [`sql::LOOK`]: what it is about, a text, a number, and of a run its last event and its owner.
    fn take_in(&mut self, row: &SqliteRow) -> Result<(), StoreError> {
        let about: &str = row.try_get(0).map_err(store_error)?;
        let text = || row.try_get::<String, _>(1).map_err(store_error);
        let number = || row.try_get::<i64, _>(2).map_err(store_error);
        match about {
            "next" => self.next_run = number()?,
            "run" => drop(self.positions.insert(row::run_id(&text()?)?, Position::of(row)?)),
            "known" => {
                let place = usize::try_from(number()?).unwrap_or(usize::MAX);
                self.known.insert(place, row::run_id(&text()?)?);
            }
            _ => drop(self.sources.insert(text()?)),
        }
        Ok(())
    }
}
