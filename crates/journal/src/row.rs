//! Between rows and the engine's types.

use crate::error::store_error;
use crate::payload;
use riposte_engine::{Event, EventBody, RunStatus, RunSummary, StoreError};
use riposte_model::{PlaybookName, RunId, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, TypeInfo, ValueRef};

/// What a row of `seq`, `at_ms`, `payload`, `kind` and `step` says happened.
pub(crate) fn body(row: &SqliteRow) -> Result<EventBody, String> {
    let failed = |error| store_error(error).to_string();
    let text = match row.try_get_raw(2).map_err(failed)?.type_info().name() {
        "BLOB" => payload::unpack(row.try_get(2).map_err(failed)?)?,
        _ => row.try_get(2).map_err(failed)?,
    };
    payload::event(text, row.try_get(3).map_err(failed)?, row.try_get(4).map_err(failed)?)
}

pub(crate) fn event(row: &SqliteRow) -> Result<Event, StoreError> {
    let seq: i64 = row.try_get(0).map_err(store_error)?;
    let at: i64 = row.try_get(1).map_err(store_error)?;
    let body = body(row).map_err(|why| StoreError::Damaged(format!("event {seq} cannot be read: {why}")))?;
    let seq =
        u64::try_from(seq).map_err(|_| StoreError::Damaged(format!("an event has the number {seq}")))?;
    Ok(Event { seq, at: Timestamp::from_millis(at), body })
}

pub(crate) fn summary(row: &SqliteRow) -> Result<RunSummary, StoreError> {
    let text = |at: usize| row.try_get::<String, _>(at).map_err(store_error);
    let finished: Option<i64> = row.try_get(4).map_err(store_error)?;
    let status = status(&text(2)?)?;
    Ok(RunSummary {
        id: run_id(&text(0)?)?,
        playbook: playbook(&text(1)?)?,
        status,
        started_at: Timestamp::from_millis(row.try_get(3).map_err(store_error)?),
        finished_at: finished.map(Timestamp::from_millis),
        trigger: text(5)?,
    })
}

pub(crate) fn status(text: &str) -> Result<RunStatus, StoreError> {
    Ok(match text {
        "running" => RunStatus::Running,
        "succeeded" => RunStatus::Succeeded,
        "failed" => RunStatus::Failed,
        "cancelled" => RunStatus::Cancelled,
        other => return Err(StoreError::Damaged(format!("a run has the status `{other}`"))),
    })
}

pub(crate) fn playbook(text: &str) -> Result<PlaybookName, StoreError> {
    PlaybookName::parse(text).map_err(|error| StoreError::Damaged(error.to_string()))
}

pub(crate) fn run_id(text: &str) -> Result<RunId, StoreError> {
    text.parse().map_err(|error| StoreError::Damaged(format!("{error}")))
}
