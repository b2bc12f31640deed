//! Writing the beginning of a run, and whose it is.

use super::Verdict;
use super::host::next_run;
use crate::error::store_error;
use crate::line::{self, Line};
use crate::own::Owner;
use crate::sql;
use crate::sql::batch::{Batch, Parameters};
use riposte_engine::{Event, EventBody, StoreError};
use riposte_model::{RunId, SourceHash, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

/// Writes the first event of a run, which belongs to `owner`, or to whom the run that called it belongs to.
pub(super) async fn begin(
    connection: &mut SqliteConnection,
    run: RunId,
    source: &str,
    first: &Event,
    owner: &Owner,
    caller: Option<RunId>,
) -> Verdict {
    let EventBody::RunStarted(started) = &first.body else {
        return Ok(Err(StoreError::OutOfOrder(run)));
    };
    insert_playbook(connection, &started.source, source, first.at).await?;
    let key = next_run(connection).await?;
    sqlx::query(sql::INSERT_RUN)
        .bind(run.to_string())
        .bind(started.playbook.as_str())
        .bind(started.source.as_str())
        .bind(format!("{} {}", started.trigger.kind, started.trigger.name))
        .bind(first.at.as_millis())
        .bind(owner.name())
        .bind(caller.map(|caller| caller.to_string()))
        .bind(key)
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
    let (statement, _) = Batch::EVENTS.of(1);
    let mut parameters = Parameters::default();
    line::bind(&mut parameters, owner.name(), std::iter::once((key, &Line::of(first)?)))?;
    sqlx::query_with(statement, parameters.0).execute(connection).await.map_err(store_error)?;
    Ok(Ok(()))
}

/// Keeps the source of a playbook that a run begins with.
pub(super) async fn insert_playbook(
    connection: &mut SqliteConnection,
    hash: &SourceHash,
    source: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let query = sqlx::query(sql::INSERT_PLAYBOOK).bind(hash.as_str()).bind(source).bind(at.as_millis());
    query.execute(connection).await.map_err(store_error)?;
    Ok(())
}

/// Makes `owner` the one that a run, and all that belongs to it, belongs to, unless it belongs to somebody who is alive.
pub(super) async fn own(connection: &mut SqliteConnection, run: RunId, owner: &Owner) -> Verdict {
    let found = sqlx::query(sql::OWNER).bind(run.to_string()).fetch_optional(&mut *connection).await;
    let Some(row) = found.map_err(store_error)? else {
        return Ok(Err(StoreError::NotFound(format!("run {run}"))));
    };
    let root: i64 = row.try_get(0).map_err(store_error)?;
    let current: Option<String> = row.try_get(1).map_err(store_error)?;
    if let Some(by) = current.and_then(|current| owner.alive(&current)) {
        return Ok(Err(StoreError::Driven { run, by }));
    }
    sqlx::query(sql::SET_OWNER)
        .bind(root)
        .bind(owner.name())
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(Ok(()))
}
