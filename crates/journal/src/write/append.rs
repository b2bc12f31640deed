//! Appending to runs: three statements for any number of requests.

use super::{Verdict, not_ours};
use crate::error::store_error;
use crate::own::Owner;
use crate::{row, sql};
use riposte_engine::{Event, EventBody, RunStatus, StoreError};
use riposte_model::{RunId, Timestamp};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use std::collections::{HashMap, HashSet};

/// Runs and the events that one request appends to them: to all of them or to none.
type Appended = [(RunId, Vec<Event>)];

/// Where a run stands, with what has been appended in this transaction.
struct Position {
    key: i64,
    owner: Option<String>,
    last_seq: i64,
    moved: bool,
    /// Its new status, and when it ended.
    stands: Option<(RunStatus, Option<Timestamp>)>,
    retried: bool,
}

/// Carries the requests out in their order, and says of each whether it was refused; then nothing of it was written.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    requests: &[&Appended],
    owner: &Owner,
) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    let mut positions = positions(connection, requests).await?;
    let mut events = Vec::new();
    let mut verdicts = Vec::with_capacity(requests.len());
    for request in requests {
        let verdict =
            request.iter().try_for_each(|(run, events)| may_append(positions.get(run), *run, events, owner));
        if verdict.is_ok() {
            for (run, appended) in *request {
                if let Some(position) = positions.get_mut(run) {
                    position.advance(*run, appended);
                    events.extend(appended.iter().map(|event| (position.key, event)));
                }
            }
        }
        verdicts.push(verdict);
    }
    if !events.is_empty() {
        insert_events(connection, events.into_iter()).await?;
        advance(connection, positions.values()).await?;
    }
    Ok(verdicts)
}

/// The same for one request.
pub(super) async fn append_one(
    connection: &mut SqliteConnection,
    request: &Appended,
    owner: &Owner,
) -> Verdict {
    let verdicts = append(connection, &[request], owner).await?;
    Ok(verdicts.into_iter().collect())
}

/// Where the runs stand that the requests are about, as far as they are there.
async fn positions(
    connection: &mut SqliteConnection,
    requests: &[&Appended],
) -> Result<HashMap<RunId, Position>, StoreError> {
    let runs: HashSet<RunId> =
        requests.iter().flat_map(|request| request.iter()).map(|(run, _)| *run).collect();
    let runs = Value::Array(runs.iter().map(|run| run.to_string().into()).collect());
    let rows = sqlx::query(sql::RUN_POSITIONS).bind(runs.to_string()).fetch_all(connection).await;
    let positions = rows.map_err(store_error)?.into_iter().map(|row| {
        let run: String = row.try_get(0).map_err(store_error)?;
        let position = Position {
            key: row.try_get(1).map_err(store_error)?,
            last_seq: row.try_get(2).map_err(store_error)?,
            owner: row.try_get(3).map_err(store_error)?,
            moved: false,
            stands: None,
            retried: false,
        };
        Ok((row::run_id(&run)?, position))
    });
    positions.collect()
}

fn may_append(
    position: Option<&Position>,
    run: RunId,
    events: &[Event],
    owner: &Owner,
) -> Result<(), StoreError> {
    let position = position.ok_or_else(|| StoreError::NotFound(format!("run {run}")))?;
    if let Some(refused) = not_ours(run, position.owner.as_deref(), owner) {
        return Err(refused);
    }
    let mut numbered = events.iter().zip(position.last_seq + 1..);
    if numbered.all(|(event, seq)| i64::try_from(event.seq) == Ok(seq)) {
        Ok(())
    } else {
        Err(StoreError::OutOfOrder(run))
    }
}

impl Position {
    fn advance(&mut self, run: RunId, events: &[Event]) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        tracing::trace!(run_id = %run, from = first.seq, to = last.seq, "append");
        self.moved = true;
        self.last_seq = i64::try_from(last.seq).unwrap_or(i64::MAX);
        self.stands = events.iter().rev().find_map(stands).or(self.stands);
        self.retried |= events.iter().any(|event| matches!(event.body, EventBody::RunRetried { .. }));
    }
}

/// The run's status after an event that changes it, and when it ended, if it has.
fn stands(event: &Event) -> Option<(RunStatus, Option<Timestamp>)> {
    match &event.body {
        EventBody::RunFinished(finished) => Some((finished.status, Some(event.at))),
        EventBody::RunRetried { .. } => Some((RunStatus::Running, None)),
        _ => None,
    }
}

async fn advance(
    connection: &mut SqliteConnection,
    positions: impl Iterator<Item = &Position>,
) -> Result<(), StoreError> {
    let moved = positions.filter(|position| position.moved).map(|position| {
        let status = position.stands.map(|(status, _)| status.as_str());
        let finished = position.stands.and_then(|(_, finished)| finished).map(Timestamp::as_millis);
        json!([position.key, position.last_seq, status, finished, position.retried])
    });
    let moved = Value::Array(moved.collect()).to_string();
    sqlx::query(sql::ADVANCE_RUNS).bind(moved).execute(connection).await.map_err(store_error)?;
    Ok(())
}

pub(super) async fn insert_events<'a>(
    connection: &mut SqliteConnection,
    events: impl Iterator<Item = (i64, &'a Event)>,
) -> Result<(), StoreError> {
    let events = row::encode(events)?;
    sqlx::query(sql::INSERT_EVENTS).bind(events).execute(connection).await.map_err(store_error)?;
    Ok(())
}
