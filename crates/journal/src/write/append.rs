//! Appending to runs.

use super::known::Place;
use super::not_ours;
use crate::error::store_error;
use crate::line::Line;
use crate::own::Owner;
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
    last_seq: i64,
    /// Whether it has been written to in this transaction.
    moved: bool,
    /// How it stands after what was written, if it does not stand as before.
    turned: Option<Turned>,
}

/// How a run has come to stand otherwise.
struct Turned {
    status: RunStatus,
    finished: Option<Timestamp>,
    /// By which event.
    seq: u64,
    /// Whether it was retried, then or before that.
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
        Position { key, owner, last_seq, moved: false, turned: None }
    }

    /// What to remember of a run that has moved: nothing when it is over.
    pub(super) fn place(&self) -> Option<Place> {
        let over = self.turned.as_ref().is_some_and(|turned| turned.status != RunStatus::Running);
        (self.moved && !over).then_some(Place { key: self.key, last_seq: self.last_seq })
    }

    fn advance(&mut self, run: RunId, events: &[Line]) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        tracing::trace!(run_id = %run, from = first.seq, to = last.seq, "append");
        self.last_seq = i64::try_from(last.seq).unwrap_or(i64::MAX);
        self.moved = true;
        for event in events {
            let Some((status, finished)) = event.stands else { continue };
            let retried = event.retried || self.turned.as_ref().is_some_and(|before| before.retried);
            self.turned = Some(Turned { status, finished, seq: event.seq, retried });
        }
    }
}

/// Those that end or are retried, as the parameter of `sql::TURN_RUNS`, if there are any.
pub(super) fn turned<'p>(positions: impl Iterator<Item = &'p Position>) -> Option<String> {
    let turned = positions.filter_map(|position| {
        let Turned { status, finished, seq, retried } = position.turned.as_ref()?;
        Some(json!([position.key, status.as_str(), finished.map(Timestamp::as_millis), seq, retried]))
    });
    let turned: Vec<Value> = turned.collect();
    (!turned.is_empty()).then(|| Value::Array(turned).to_string())
}
