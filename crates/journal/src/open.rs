//! Opening the file.

use crate::error::{is_closed_to_us, store_error, words};
use crate::sql;
use riposte_engine::StoreError;
use sqlx::ConnectOptions;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to wait while another process writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections for readers. Each is a thread.
const READERS: u32 = 2;

/// The write-ahead log is overwritten from its start once it is this many pages long (4 MiB), and a longer file is cut
/// back to this after a checkpoint.
const CHECKPOINT_PAGES: &str = "1000";
const LOG_SIZE_LIMIT: &str = "16777216";

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT).foreign_keys(true)
}

/// The one connection that writes.
pub(crate) async fn writer(path: PathBuf, create: bool) -> Result<SqliteConnection, StoreError> {
    options(&path)
        .create_if_missing(create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", LOG_SIZE_LIMIT)
        // What a statement of many rows would need to be undone alone is a file in /var/tmp otherwise, made and deleted in each
        // transaction of a storm.
        .pragma("temp_store", "MEMORY")
        .connect()
        .await
        .map_err(|error| match error {
            // The file was there a moment ago: it is what SQLite makes beside it that cannot be made.
            error if !create && is_closed_to_us(&error) => StoreError::ReadOnly(words(&error).into()),
            error => store_error(error),
        })
}

/// Gives a connection that writes what it has for itself, once the schema is up to date.
pub(crate) async fn furnish(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::raw_sql(sql::BEGINNINGS).execute(connection).await.map_err(store_error)?;
    Ok(())
}

/// The connections that read.
pub(crate) async fn readers(path: &Path) -> Result<SqlitePool, StoreError> {
    let options = options(path).create_if_missing(false).read_only(true);
    match read(options.clone()).await {
        // On a file system that is read-only SQLite cannot make what processes that share the file agree by. Without a
        // log nobody has it open, and all there is stands in the file itself.
        Err(error) if is_closed_to_us(&error) && path.exists() && !log(path).exists() => {
            read(options.immutable(true)).await.map_err(store_error)
        }
        opened => opened.map_err(store_error),
    }
}

/// Connections that have read something: merely opening a file does not look at it.
async fn read(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    // A thread of this process is not asked whether it is still there before each question: that is one more exchange with it.
    let pool = SqlitePoolOptions::new().max_connections(READERS).test_before_acquire(false);
    let pool = pool.connect_with(options).await?;
    sqlx::query("PRAGMA schema_version").fetch_one(&pool).await?;
    Ok(pool)
}

/// The write-ahead log of a journal.
fn log(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// A connection that writes, and may let the file grow to no more than this many pages (SQLite takes its present size if
/// that is more).
pub(crate) async fn limited_writer(path: PathBuf, pages: u32) -> Result<SqliteConnection, StoreError> {
    let mut connection = writer(path, false).await?;
    let pragma = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(pragma).execute(&mut connection).await.map_err(store_error)?;
    Ok(connection)
}
