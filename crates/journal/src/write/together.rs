//! Beginnings and appends, which nearly all requests are about: from however many requests, in two exchanges with SQLite, or in
//! one if all that has to be known is remembered. An exchange costs two changes of thread, more than most statements take.
//!
//! Requests that are in the queue at the same time have no order: whoever sent one waits for its answer before sending what
//! builds on it. So one look says where everything stands before any of them, and what they come to is written at once.

use super::Done;
use super::append::{self, Position};
use super::begin::insert_playbook;
use super::delivered::{Beginnings, Start};
use super::known::{Known, Place};
use crate::error::{does_not_fit, store_error};
use crate::line::{self, Line};
use crate::own::Owner;
use crate::sql::batch::{Batch, Bounds, Parameters, begin_one};
use crate::{row, sql};
use riposte_engine::StoreError;
use riposte_model::RunId;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Row, SqlStr};
use std::collections::{HashMap, HashSet};

/// What such a request is about.
pub(crate) enum Common {
    /// Events of runs, each run once.
    Append(Vec<(RunId, Vec<Line>)>),
    /// Runs and what delivered them.
    Begin(Vec<Start>),
}

/// Whether the requests are a whole transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    Whole,
    /// Within one that somebody else begins and commits.
    Part,
}

/// Where everything stands.
#[derive(Default)]
struct Found {
    next_run: i64,
    positions: HashMap<RunId, Position>,
    /// Whether any of these is only remembered.
    recalled: bool,
    /// Beginnings whose deliveries have begun a run before, by their place among all that are asked about.
    known: HashMap<usize, RunId>,
    /// The playbooks that are there.
    sources: HashSet<String>,
}

/// What the requests come to.
struct Decided<'r> {
    beginnings: Beginnings<'r>,
    appended: Vec<(i64, &'r Line)>,
    verdicts: Vec<Result<Done, StoreError>>,
}

/// Carries the requests out, and says of each what came of it; of what is refused nothing was written.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    known: &mut Known,
    requests: &[&Common],
    owner: &Owner,
    frame: Frame,
) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
    let mut found = Found::default();
    if frame == Frame::Whole {
        found.recall(known, requests, owner);
    }
    let mut begun = frame == Frame::Part;
    let Decided { beginnings, appended, verdicts } = loop {
        if !found.is_enough_for(requests) {
            look(connection, requests, &mut found, begun).await?;
            begun = true;
        }
        let decided = found.decide(requests, owner);
        if !found.recalled || decided.verdicts.iter().all(Result::is_ok) {
            break decided;
        }
        // What is refused does not fit the journal, not what is remembered of it.
        found = Found::default();
    };
    for (hash, beginning) in beginnings.playbooks() {
        if !found.sources.contains(hash) {
            let Line { at, .. } = beginning.first();
            insert_playbook(connection, beginning.hash(), beginning.source(), *at).await?;
        }
    }
    let bounds = match (frame, begun) {
        (Frame::Part, _) => Bounds::Within,
        (Frame::Whole, true) => Bounds::Begun,
        (Frame::Whole, false) => Bounds::Whole,
    };
    let is_alone = appended.is_empty() && bounds == Bounds::Whole;
    let lone = beginnings.lone().filter(|_| is_alone);
    let lone = lone.and_then(|lone| Some((begin_one(lone.events())?, lone)));
    let (statements, parameters) = match lone {
        Some((statement, lone)) => (statement, lone.bind(found.next_run, owner.name())?),
        None => statements(&found, &beginnings, appended, bounds, owner)?,
    };
    let write = sqlx::query_with(statements, parameters.0);
    if let Err(error) = write.execute(connection).await {
        if found.recalled && does_not_fit(&error) {
            known.contradict();
        }
        return Err(store_error(error));
    }
    for (run, position) in &found.positions {
        match position.place() {
            Some(place) => known.remember(*run, place),
            None => known.forget(*run),
        }
    }
    for (key, beginning) in (found.next_run..).zip(beginnings.fresh()) {
        let last_seq = i64::try_from(beginning.events()).unwrap_or(i64::MAX);
        known.remember(beginning.run(), Place { key, last_seq });
        known.remember_playbook(beginning.hash());
        // Within a transaction others may begin runs too.
        known.expect_next(Some(key + 1).filter(|_| frame == Frame::Whole));
    }
    Ok(verdicts)
}

/// What carries out what was decided.
fn statements(
    found: &Found,
    beginnings: &Beginnings<'_>,
    appended: Vec<(i64, &Line)>,
    bounds: Bounds,
    owner: &Owner,
) -> Result<(SqlStr, Parameters), StoreError> {
    let fresh = (found.next_run..).zip(beginnings.fresh());
    let first_events = fresh.flat_map(|(key, beginning)| beginning.lines().map(move |line| (key, line)));
    let begun_with: usize = beginnings.fresh().iter().map(|beginning| beginning.events()).sum();
    let turned = append::turned(found.positions.values());
    let batch = Batch {
        bounds,
        begun: !beginnings.fresh().is_empty(),
        turned: turned.is_some(),
        delivered: beginnings.fresh().iter().any(|beginning| beginning.is_delivered()),
    };
    let (statements, batch) = batch.of(begun_with + appended.len());
    let mut parameters = Parameters::default();
    if batch.begun {
        parameters.add(owner.name())?;
        parameters.add(beginnings.runs(found.next_run))?;
    }
    if batch.turned {
        parameters.add(turned)?;
    }
    if batch.delivered {
        parameters.add(beginnings.deliveries())?;
    }
    line::bind(&mut parameters, owner.name(), first_events.chain(appended))?;
    Ok((statements, parameters))
}

/// Finds what is not found yet.
async fn look(
    connection: &mut SqliteConnection,
    requests: &[&Common],
    found: &mut Found,
    begun: bool,
) -> Result<(), StoreError> {
    let (mut runs, mut deliveries, mut sources) = (HashSet::new(), Vec::new(), HashSet::new());
    for request in requests {
        match request {
            Common::Append(appended) => {
                let asked = appended.iter().map(|(run, _)| *run);
                runs.extend(asked.filter(|run| !found.positions.contains_key(run)));
            }
            Common::Begin(beginnings) => {
                deliveries.extend(beginnings.iter().map(super::delivered::asked));
                sources.extend(beginnings.iter().map(|beginning| beginning.hash().as_str()));
            }
        }
    }
    let runs: Value = runs.iter().map(|run| Value::from(run.to_string())).collect();
    let rows = sqlx::query(if begun { sql::LOOK } else { sql::BEGIN_AND_LOOK })
        .bind(runs.to_string())
        .bind(Value::Array(deliveries).to_string())
        .bind(sources.into_iter().collect::<Value>().to_string())
        .fetch_all(connection)
        .await
        .map_err(store_error)?;
    rows.iter().try_for_each(|row| found.take_in(row))
}

impl Found {
    /// Takes what is remembered.
    fn recall(&mut self, known: &Known, requests: &[&Common], owner: &Owner) {
        for request in requests {
            match request {
                Common::Append(appended) => {
                    for (run, _) in appended {
                        if let Some(place) = known.get(*run) {
                            self.positions.insert(*run, Position::remembered(place, owner));
                            self.recalled = true;
                        }
                    }
                }
                Common::Begin(beginnings) => {
                    let Some(next) = known.next_run() else { continue };
                    let there = beginnings.iter().map(Start::hash).filter(|hash| known.has_playbook(hash));
                    self.sources.extend(there.map(|hash| hash.as_str().to_owned()));
                    self.next_run = next;
                    self.recalled = true;
                }
            }
        }
    }

    /// Whether there is nothing to look for.
    fn is_enough_for(&self, requests: &[&Common]) -> bool {
        requests.iter().all(|request| match request {
            Common::Append(appended) => appended.iter().all(|(run, _)| self.positions.contains_key(run)),
            // Whether a delivery is known only the journal says.
            Common::Begin(beginnings) => beginnings.iter().all(|beginning| {
                self.next_run > 0
                    && !beginning.is_delivered()
                    && self.sources.contains(beginning.hash().as_str())
            }),
        })
    }

    fn decide<'r>(&mut self, requests: &[&'r Common], owner: &Owner) -> Decided<'r> {
        let mut beginnings = Beginnings::new(std::mem::take(&mut self.known));
        let mut appended = Vec::new();
        let verdicts = requests.iter().map(|request| match request {
            Common::Append(request) => {
                append::decide(request, &mut self.positions, owner, &mut appended).map(|()| Done::Written)
            }
            Common::Begin(request) => Ok(Done::Begun(beginnings.decide(request))),
        });
        let verdicts = verdicts.collect();
        Decided { beginnings, appended, verdicts }
    }

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
