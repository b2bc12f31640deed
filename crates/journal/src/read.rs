//! Reading: from a pool of its own, so that no reader holds up the writer.

use crate::error::store_error;
use crate::{row, sql};
use riposte_engine::{Event, RunSummary, StoreError};
use riposte_model::{RunId, SourceHash};
use sqlx::Row;
use sqlx::sqlite::SqlitePool;

pub(crate) async fn events(pool: &SqlitePool, run: RunId) -> Result<Vec<Event>, StoreError> {
    let rows = sqlx::query(sql::EVENTS).bind(run.to_string()).fetch_all(pool).await.map_err(store_error)?;
    if rows.is_empty() {
        return Err(StoreError::NotFound(format!("run {run}")));
    }
    rows.iter().map(row::event).collect()
}

pub(crate) async fn source(pool: &SqlitePool, hash: &SourceHash) -> Result<String, StoreError> {
    let row = sqlx::query(sql::SOURCE).bind(hash.as_str()).fetch_optional(pool).await.map_err(store_error)?;
    match row {
        Some(row) => row.try_get(0).map_err(store_error),
        None => Err(StoreError::NotFound(format!("playbook with the hash {hash}"))),
    }
}

pub(crate) async fn runs(pool: &SqlitePool, limit: u32) -> Result<Vec<RunSummary>, StoreError> {
    let rows = sqlx::query(sql::RUNS).bind(limit).fetch_all(pool).await.map_err(store_error)?;
    rows.iter().map(row::summary).collect()
}

pub(crate) async fn unfinished(
    pool: &SqlitePool,
    after: Option<RunId>,
    limit: u32,
) -> Result<Vec<RunSummary>, StoreError> {
    let after = after.map(|run| run.to_string());
    let rows =
        sqlx::query(sql::UNFINISHED).bind(after).bind(limit).fetch_all(pool).await.map_err(store_error)?;
    rows.iter().map(row::summary).collect()
}

pub(crate) async fn runs_like(pool: &SqlitePool, prefix: &str, limit: u32) -> Result<Vec<RunId>, StoreError> {
    let rows =
        sqlx::query(sql::RUNS_LIKE).bind(prefix).bind(limit).fetch_all(pool).await.map_err(store_error)?;
    rows.iter().map(|row| row::run_id(&row.try_get::<String, _>(0).map_err(store_error)?)).collect()
}
