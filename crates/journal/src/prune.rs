//! Deleting what is over and old, or too much.
//!
//! A run goes together with all that it called, or not at all: the family of a run that nobody called. Those that ended first
//! go first. Each transaction is short, and a pause follows it, so that a process that writes runs meanwhile gets its turn.
//!
//! The file does not become smaller: its free pages are used for what comes next. So a journal that is pruned to a size stays
//! about as large as it was then, and one that is to be smaller on the disk has to be rebuilt by `VACUUM`.

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
    /// What was over before this moment goes; `None`: nothing for its age.
    pub finished_before: Option<Timestamp>,
    /// What ended first goes until what is left takes no more than so many bytes. What is not over stays in any case, however
    /// much that is.
    pub size: Option<u64>,
    /// So many of the newest finished runs that nobody called stay, however old they are and whatever room they take.
    pub keep: u32,
    /// Deliveries that were needed until before this moment go.
    pub now: Timestamp,
    /// Only count. How many runs go for their size is known only when they have gone, so that none of those is counted.
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
    /// Bytes that everything takes that is left. The file may be larger, with room for what comes next.
    pub bytes_in_use: u64,
}

/// Runs that nobody called, in one transaction, unless they have so many events that it ends sooner. That is some 10 ms.
const BATCH: u32 = 200;
const EVENTS: u64 = 2000;

/// Deliveries in one transaction.
const DELIVERIES: u32 = 2000;

/// How long others may write between two transactions. Waiting for the file, SQLite looks again after 1 to 100 ms.
const PAUSE: Duration = Duration::from_millis(100);

/// After which run to go on: when it ended, and its number.
type Place = (i64, i64);

const BEGINNING: Place = (i64::MIN, 0);

impl Prune {
    /// Prunes the journal in this file. What has been deleted when this fails or is interrupted stays deleted; all of it
    /// whole runs.
    pub async fn carry_out(&self, path: &Path) -> Result<Pruned, StoreError> {
        let mut connection = open::writer(path.to_owned(), false).await?;
        migration::bring_up_to_date(&mut connection).await?;
        let mut pruned = Pruned::default();
        // What the newest to be kept are is decided once.
        let first_kept = self.first_kept(&mut connection).await?;
        if let Some(before) = self.finished_before {
            let mut after = BEGINNING;
            while let Some(last) = self.batch(&mut connection, before, first_kept, after, &mut pruned).await?
            {
                after = last;
                self.pause().await;
            }
        }
        if let (Some(size), false) = (self.size, self.dry_run) {
            let (mut after, end) = (BEGINNING, Timestamp::from_millis(i64::MAX));
            while bytes_in_use(&mut connection).await? > size
                && let Some(last) = self.batch(&mut connection, end, first_kept, after, &mut pruned).await?
            {
                after = last;
                self.pause().await;
            }
        }
        pruned.playbooks = if self.dry_run {
            self.playbooks_without(&mut connection, first_kept).await?
        } else {
            self.rest(&mut connection).await?
        };
        pruned.bytes_in_use = bytes_in_use(&mut connection).await?;
        connection.close().await.map_err(store_error)?;
        Ok(pruned)
    }

    async fn pause(&self) {
        if !self.dry_run {
            tokio::time::sleep(PAUSE).await;
        }
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

    /// Deletes or counts the next families; where the last one stands, if there may be more.
    async fn batch(
        &self,
        connection: &mut SqliteConnection,
        before: Timestamp,
        first_kept: i64,
        after: Place,
        pruned: &mut Pruned,
    ) -> Result<Option<Place>, StoreError> {
        let begin = if self.dry_run { "BEGIN" } else { "BEGIN IMMEDIATE" };
        let mut transaction = connection.begin_with(begin).await.map_err(store_error)?;
        let query = sqlx::query(sql::PRUNABLE).bind(before.as_millis());
        let query = query.bind(first_kept).bind(after.0).bind(after.1).bind(BATCH);
        let rows = query.fetch_all(&mut *transaction).await.map_err(store_error)?;
        let mut went = Pruned::default();
        let mut last = after;
        for row in &rows {
            let root: i64 = row.try_get(0).map_err(store_error)?;
            if self.dry_run {
                count(&mut transaction, root, &mut went).await?;
            } else {
                delete(&mut transaction, root, &mut went).await?;
            }
            last = (row.try_get(1).map_err(store_error)?, root);
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

    /// Deletes what nothing needs any more but a run that is gone, or a moment that is over. The number of playbooks.
    async fn rest(&self, connection: &mut SqliteConnection) -> Result<u64, StoreError> {
        loop {
            let query = sqlx::query(sql::host::DELETE_DELIVERIES).bind(self.now.as_millis()).bind(DELIVERIES);
            let went = query.execute(&mut *connection).await.map_err(store_error)?.rows_affected();
            if went < u64::from(DELIVERIES) {
                break;
            }
            self.pause().await;
        }
        if let Some(before) = self.finished_before {
            let query = sqlx::query(sql::host::DELETE_STOPS).bind(before.as_millis());
            query.execute(&mut *connection).await.map_err(store_error)?;
        }
        let deleted = sqlx::query(sql::DELETE_PLAYBOOKS).execute(connection).await.map_err(store_error)?;
        Ok(deleted.rows_affected())
    }

    async fn playbooks_without(
        &self,
        connection: &mut SqliteConnection,
        first_kept: i64,
    ) -> Result<u64, StoreError> {
        let before = self.finished_before.map_or(i64::MIN, Timestamp::as_millis);
        let query = sqlx::query(sql::COUNT_PLAYBOOKS).bind(before).bind(first_kept);
        number(&query.fetch_one(connection).await.map_err(store_error)?, 0)
    }
}

async fn bytes_in_use(connection: &mut SqliteConnection) -> Result<u64, StoreError> {
    number(&sqlx::query(sql::host::BYTES_IN_USE).fetch_one(connection).await.map_err(store_error)?, 0)
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
