//! Appending to runs.

use super::known::Place;
use super::not_ours;
use crate::error::store_error;
use crate::line::Line;
use crate::own::Owner;
use crate::sql::batch::{self, Parameters};
use riposte_engine::{RunStatus, StoreError};
use riposte_model::{RunId, Timestamp};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::collections::HashMap;

/// Where a run stands, with what has been appended in this transaction.
pub(super) struct Position {
    key: i64,
    owner: Option<String>,
    /// Its last event before this transaction.
    found_seq: i64,
    last_seq: i64,
    /// Its new status, and when it ended.
    stands: Option<(RunStatus, Option<Timestamp>)>,
    retried: bool,
}

/// Whether a request is carried out, for all of its runs or for none; then its events are added to those that are, each with its
/// run's number. They build on what the requests before have come to.
pub(super) fn decide<'e>(
    request: &'e [(RunId, Vec<Line>)],
    positions: &mut HashMap<RunId, Position>,
    owner: &Owner,
    appended: &mut Vec<(i64, &'e Line)>,
) -> Result<(), StoreError> {
    request.iter().try_for_each(|(run, events)| may_append(positions.get(run), *run, events, owner))?;
    for (run, events) in request {
        if let Some(position) = positions.get_mut(run) {
            position.advance(*run, events);
            appended.extend(events.iter().map(|event| (position.key, event)));
        }
    }
    Ok(())
}

fn may_append(
    position: Option<&Position>,
    run: RunId,
    events: &[Line],
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
    /// A row that says of a run its number, its last event and its owner, from the third column on.
    pub(super) fn of(row: &SqliteRow) -> Result<Position, StoreError> {
        let key = row.try_get(2).map_err(store_error)?;
        let last_seq = row.try_get(3).map_err(store_error)?;
        Ok(Position::at(Place { key, last_seq }, row.try_get(4).map_err(store_error)?))
    }

    /// A run that is remembered, and so is this owner's.
    pub(super) fn remembered(place: Place, owner: &Owner) -> Position {
        Position::at(place, Some(owner.name().to_owned()))
    }

    fn at(Place { key, last_seq }: Place, owner: Option<String>) -> Position {
        Position { key, owner, found_seq: last_seq, last_seq, stands: None, retried: false }
    }

    /// What to remember of a run that has moved: nothing when it is over.
    pub(super) fn place(&self) -> Option<Place> {
        let over = self.stands.is_some_and(|(status, _)| status != RunStatus::Running);
        (self.moved() && !over).then_some(Place { key: self.key, last_seq: self.last_seq })
    }

    fn moved(&self) -> bool {
        self.last_seq != self.found_seq
    }

    fn advance(&mut self, run: RunId, events: &[Line]) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        tracing::trace!(run_id = %run, from = first.seq, to = last.seq, "append");
        self.last_seq = i64::try_from(last.seq).unwrap_or(i64::MAX);
        self.stands = events.iter().rev().find_map(|event| event.stands).or(self.stands);
        self.retried |= events.iter().any(|event| event.retried);
    }
}

/// Adds the runs that have moved to the parameters of `sql::batch`, of which there is room for `size`, and whose they are.
pub(super) fn bind_moved<'p>(
    parameters: &mut Parameters,
    size: usize,
    positions: impl Iterator<Item = &'p Position>,
    owner: &Owner,
) -> Result<(), StoreError> {
    let mut moved = positions.filter(|position| position.moved()).fuse();
    for row in 1..=size {
        let position = moved.next();
        parameters.add(position.map(|position| position.key))?;
        parameters.add(position.map(|position| position.found_seq))?;
        parameters.add(position.map(|position| position.last_seq))?;
        if row == size || row % batch::MOST == 0 {
            parameters.add(owner.name())?;
        }
    }
    Ok(())
}

/// Those that end or are retried, as the parameter of `sql::TURN_RUNS`, if there are any.
pub(super) fn turned<'p>(positions: impl Iterator<Item = &'p Position>) -> Option<String> {
    let turned = positions.filter_map(|position| {
        let (status, finished) = position.stands?;
        Some(json!([position.key, status.as_str(), finished.map(Timestamp::as_millis), position.retried]))
    });
    let turned: Vec<Value> = turned.collect();
    (!turned.is_empty()).then(|| Value::Array(turned).to_string())
}
