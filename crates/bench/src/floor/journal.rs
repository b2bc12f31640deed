//! The floor's journal: one table, one task that writes, one statement for all that is queued, and an answer after it is on
//! disk.

use crate::clock::wall_millis;
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row as _};
use std::path::Path;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

/// Requests that wait for the writer.
const QUEUE: usize = 1024;

/// Most of them in one commit.
const GROUP: usize = 256;

/// The same kinds of columns as in riposte's journal, and the same two trees.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS events (
        lsn INTEGER NOT NULL PRIMARY KEY, run INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
        kind TEXT NOT NULL, payload TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS events_by_run ON events (run, seq)";

const APPEND: &str = "
    INSERT INTO events (run, seq, at_ms, kind, payload)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?1)";

/// One row, as it travels to SQLite.
pub(super) struct Row(Value);

impl Row {
    pub(super) fn new(run: u64, seq: u64, kind: &str, payload: &Value) -> Row {
        Row(json!([run, seq, wall_millis(), kind, payload.to_string()]))
    }
}

struct Request {
    rows: Vec<Row>,
    answer: oneshot::Sender<bool>,
}

pub(super) struct Journal {
    queue: Mutex<Option<mpsc::Sender<Request>>>,
    writer: Mutex<Option<JoinHandle<Result<()>>>>,
    last_run: u64,
}

impl Journal {
    pub(super) async fn open(path: &Path) -> Result<Journal> {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let mut connection = options.connect().await.context("the floor has no journal")?;
        sqlx::raw_sql(SCHEMA).execute(&mut connection).await?;
        let row = sqlx::query("SELECT coalesce(max(run), 0) FROM events").fetch_one(&mut connection).await?;
        let last_run = u64::try_from(row.try_get::<i64, _>(0)?)?;
        let (queue, incoming) = mpsc::channel(QUEUE);
        let writer = tokio::spawn(write(connection, incoming));
        Ok(Journal { queue: Mutex::new(Some(queue)), writer: Mutex::new(Some(writer)), last_run })
    }

    /// The highest number of a run that it had when it was opened.
    pub(super) async fn last_run(&self) -> Result<u64> {
        Ok(self.last_run)
    }

    /// Returns when the rows are on disk.
    pub(super) async fn append(&self, rows: Vec<Row>) -> Result<()> {
        let (answer, verdict) = oneshot::channel();
        let queue = self.queue.lock().await.clone().context("the journal is closed")?;
        queue.send(Request { rows, answer }).await.map_err(|_| anyhow!("the journal is closed"))?;
        if verdict.await? { Ok(()) } else { Err(anyhow!("the journal did not take it")) }
    }

    pub(super) async fn close(&self) -> Result<()> {
        self.queue.lock().await.take();
        match self.writer.lock().await.take() {
            Some(writer) => writer.await?,
            None => Ok(()),
        }
    }
}

async fn write(mut connection: SqliteConnection, mut queue: mpsc::Receiver<Request>) -> Result<()> {
    let mut group = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut group, GROUP).await > 0 {
        let rows = group.iter_mut().flat_map(|request| request.rows.drain(..)).map(|row| row.0).collect();
        let rows = Value::Array(rows).to_string();
        // One statement is one transaction.
        let written = sqlx::query(APPEND).bind(rows).execute(&mut connection).await.is_ok();
        for request in group.drain(..) {
            let _ = request.answer.send(written);
        }
    }
    connection.close().await?;
    Ok(())
}
