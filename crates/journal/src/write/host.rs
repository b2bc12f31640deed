//! Writing what a host keeps: each request in as few statements as there are tables, however many runs it is about.

use super::{Verdict, not_ours};
use crate::error::store_error;
use crate::own::Owner;
use crate::{row, sql};
use riposte_engine::{Parked, ScheduleNote, StopOrder, StoreError};
use riposte_model::{PlaybookName, Timestamp};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

/// The number of the next run that begins.
pub(super) async fn next_run(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let row = sqlx::query(sql::host::NEXT_RUN).fetch_one(connection).await.map_err(store_error)?;
    row.try_get(0).map_err(store_error)
}

/// Takes what nobody who is alive drives. Runs of this owner need nothing, so that a host that comes back under the same name
/// finds its own however many they are.
pub(super) async fn own_left(connection: &mut SqliteConnection, owner: &Owner) -> Result<(), StoreError> {
    let rows = sqlx::query(sql::host::DRIVERS).fetch_all(&mut *connection).await.map_err(store_error)?;
    for row in rows {
        let driver: Option<String> = row.try_get(0).map_err(store_error)?;
        let ours = driver.as_deref() == Some(owner.name());
        if ours || driver.as_ref().is_some_and(|driver| owner.alive(driver).is_some()) {
            continue;
        }
        let query = sqlx::query(sql::host::TAKE_OVER).bind(driver).bind(owner.name());
        query.execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

pub(super) async fn park(connection: &mut SqliteConnection, parked: &[Parked], owner: &Owner) -> Verdict {
    let list = parked.iter().map(|parked| {
        let waits = serde_json::to_string(&parked.waits).map_err(|error| StoreError::Other(error.into()))?;
        Ok(json!([parked.run.to_string(), waits]))
    });
    let list = Value::Array(list.collect::<Result<_, StoreError>>()?).to_string();
    let rows = sqlx::query(sql::host::PARKABLE).bind(&list).fetch_all(&mut *connection).await;
    for row in rows.map_err(store_error)? {
        let run: String = row.try_get(0).map_err(store_error)?;
        let found: Option<i64> = row.try_get(1).map_err(store_error)?;
        let driver: Option<String> = row.try_get(2).map_err(store_error)?;
        if found.is_none() {
            return Ok(Err(StoreError::NotFound(format!("run {run}"))));
        }
        if let Some(refused) = not_ours(row::run_id(&run)?, driver.as_deref(), owner) {
            return Ok(Err(refused));
        }
    }
    sqlx::query(sql::host::PARK).bind(list).execute(connection).await.map_err(store_error)?;
    Ok(Ok(()))
}

pub(super) async fn stop(connection: &mut SqliteConnection, stop: &StopOrder) -> Result<(), StoreError> {
    sqlx::query(sql::host::STOP)
        .bind(stop.playbook.as_ref().map(PlaybookName::as_str))
        .bind(stop.cancel)
        .bind(&stop.by)
        .bind(stop.at.as_millis())
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn note_schedules(
    connection: &mut SqliteConnection,
    notes: &[ScheduleNote],
    forget: &[String],
) -> Result<(), StoreError> {
    if !forget.is_empty() {
        let query = sqlx::query(sql::host::FORGET_SCHEDULES).bind(json!(forget).to_string());
        query.execute(&mut *connection).await.map_err(store_error)?;
    }
    if !notes.is_empty() {
        let list = notes.iter().map(|note| {
            let waiting: Vec<i64> = note.waiting.iter().map(|at| at.as_millis()).collect();
            json!([note.source, note.until.as_millis(), json!(waiting).to_string()])
        });
        let query = sqlx::query(sql::host::NOTE_SCHEDULES).bind(Value::Array(list.collect()).to_string());
        query.execute(connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// Writes and takes back. The pages are written all the same: what is asked is whether they can be.
pub(super) async fn probe(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for statement in [sql::host::PROBE, sql::host::UNPROBE] {
        sqlx::query(statement).execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// Whether there was one.
pub(super) async fn lift(
    connection: &mut SqliteConnection,
    playbook: Option<&PlaybookName>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let query = sqlx::query(sql::host::LIFT).bind(playbook.map(PlaybookName::as_str)).bind(at.as_millis());
    Ok(query.execute(connection).await.map_err(store_error)?.rows_affected() > 0)
}
