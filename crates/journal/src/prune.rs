//! Deleting what is over and old.
//!
//! A run goes together with all that it called, or not at all: the family of a run that nobody called. Each transaction is
//! short, and a pause follows it, so that a process that writes runs meanwhile gets its turn.

use crate::error::store_error;
use crate::{migration, open, sql};
use riposte_engine::StoreError;
use riposte_model::Timestamp;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection, Row};
use std::path::Path;
use std::time::Duration;

/// What goes and what stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prune {
    /// What was over before this moment goes.
    pub finished_before: Timestamp,
    /// So many of the newest finished runs that nobody called stay, however old they are.
    pub keep: u32,
    /// Only count.
    pub dry_run: bool,
}

/// What went, or would go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Runs, those that were called too.
    pub runs: u64,
    /// Their events.
    pub events: u64,
    /// Versions of playbooks that no run refers to any more.
    pub playbooks: u64,
}

/// Runs that nobody called, in one transaction, unless they have so many events that it ends sooner. That is some 10 ms.
const BATCH: u32 = 200;
const EVENTS: u64 = 2000;

/// How long others may write between two transactions. Waiting for the file, SQLite looks again after 1 to 100 ms.
const PAUSE: Duration = Duration::from_millis(100);

impl Prune {
    /// Prunes the journal in this file. What has been deleted when this fails or is interrupted stays deleted; all of it
    /// whole runs.
    pub async fn carry_out(&self, path: &Path) -> Result<Pruned, StoreError> {
        let mut connection = open::writer(path.to_owned(), false).await?;
        migration::bring_up_to_date(&mut connection).await?;
        let mut pruned = Pruned::default();
        let mut after = 0;
        // What the newest to be kept are is decided once.
        let first_kept = self.first_kept(&mut connection).await?;
        while let Some(last) = self.batch(&mut connection, first_kept, after, &mut pruned).await? {
            after = last;
            if !self.dry_run {
                tokio::time::sleep(PAUSE).await;
            }
        }
        pruned.playbooks = if self.dry_run {
            self.playbooks_without(&mut connection, first_kept).await?
        } else {
            sqlx::query(sql::DELETE_PLAYBOOKS)
                .execute(&mut connection)
                .await
                .map_err(store_error)?
                .rows_affected()
        };
        connection.close().await.map_err(store_error)?;
        Ok(pruned)
    }

    /// The oldest of the newest that stay; runs with this number or a higher one stay.
    async fn first_kept(&self, connection: &mut SqliteConnection) -> Result<i64, StoreError> {
        if self.keep == 0 {
            return Ok(i64::MAX);
        }
        let row = sqlx::query(sql::FIRST_KEPT).bind(self.keep - 1).fetch_optional(connection).await;
        // Fewer than are to be kept: all of them stay.
        row.map_err(store_error)?.map_or(Ok(0), |row| row.try_get(0).map_err(store_error))
    }

    /// Deletes or counts the next families; the number of the last one, if there may be more.
    async fn batch(
        &self,
        connection: &mut SqliteConnection,
        first_kept: i64,
        after: i64,
        pruned: &mut Pruned,
    ) -> Result<Option<i64>, StoreError> {
        let begin = if self.dry_run { "BEGIN" } else { "BEGIN IMMEDIATE" };
        let mut transaction = connection.begin_with(begin).await.map_err(store_error)?;
        let query = sqlx::query(sql::PRUNABLE).bind(self.finished_before.as_millis());
        let query = query.bind(first_kept).bind(after).bind(BATCH);
        let rows = query.fetch_all(&mut *transaction).await.map_err(store_error)?;
        let mut went = Pruned::default();
        let mut last = 0;
        for row in &rows {
            let root: i64 = row.try_get(0).map_err(store_error)?;
            if self.dry_run {
                count(&mut transaction, root, &mut went).await?;
            } else {
                delete(&mut transaction, root, &mut went).await?;
            }
            last = root;
            if went.events >= EVENTS {
                break;
            }
        }
        let more = went.events >= EVENTS || rows.len() == BATCH as usize;
        transaction.commit().await.map_err(store_error)?;
        pruned.runs += went.runs;
        pruned.events += went.events;
        Ok(more.then_some(last))
    }

    async fn playbooks_without(
        &self,
        connection: &mut SqliteConnection,
        first_kept: i64,
    ) -> Result<u64, StoreError> {
        let query = sqlx::query(sql::COUNT_PLAYBOOKS).bind(self.finished_before.as_millis()).bind(first_kept);
        number(&query.fetch_one(connection).await.map_err(store_error)?, 0)
    }
}

fn number(row: &SqliteRow, at: usize) -> Result<u64, StoreError> {
    let number: i64 = row.try_get(at).map_err(store_error)?;
    Ok(u64::try_from(number).unwrap_or(0))
}

async fn count(connection: &mut SqliteConnection, root: i64, went: &mut Pruned) -> Result<(), StoreError> {
    let row = sqlx::query(sql::COUNT_FAMILY).bind(root).fetch_one(connection).await.map_err(store_error)?;
    went.runs += number(&row, 0)?;
    went.events += number(&row, 1)?;
    Ok(())
}

async fn delete(connection: &mut SqliteConnection, root: i64, went: &mut Pruned) -> Result<(), StoreError> {
    let mut done = [0; 3];
    for (statement, count) in
        [sql::DELETE_EVENTS, sql::DELETE_CALLED, sql::DELETE_ROOT].into_iter().zip(&mut done)
    {
        let query = sqlx::query(statement).bind(root);
        *count = query.execute(&mut *connection).await.map_err(store_error)?.rows_affected();
    }
    let [events, called, own] = done;
    went.events += events;
    went.runs += called + own;
    Ok(())
}
