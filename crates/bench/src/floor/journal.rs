//! The floor's journal: one table, one task that writes, one statement for all that is queued, and an answer after it is on
//! disk. As in riposte's, values are parameters of statements of a few sizes (`docs/decisions/0045-rows-as-parameters.md`). A crowd
//! does not wait for the rest of it as there: tried, it was a seventh slower.

use crate::clock::wall_millis;
use anyhow::{Context, Result, anyhow};
use serde_json::Value;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous,
};
use sqlx::{Arguments as _, AssertSqlSafe, ConnectOptions, Connection, Row as _, SqlSafeStr, SqlStr};
use std::path::Path;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

/// Requests that wait for the writer.
const QUEUE: usize = 1024;

/// Most of them in one commit.
const GROUP: usize = 256;

/// For so many rows there are statements. Most are two for each request of a group.
const SIZES: [usize; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 2 * GROUP];

/// The same kinds of columns as in riposte's journal, and the same two trees.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS events (
        lsn INTEGER NOT NULL PRIMARY KEY, run INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
        kind TEXT NOT NULL, payload TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS events_by_run ON events (run, seq)";

/// The statements, one for each size.
struct Statements([SqlStr; SIZES.len()]);

impl Statements {
    /// A row that is not bound is NULL, and left out.
    fn new() -> Statements {
        Statements(SIZES.map(|size| {
            let rows = vec!["(?,?,?,?,?)"; size].join(",");
            AssertSqlSafe(format!(
                "INSERT INTO events (run, seq, at_ms, kind, payload)
                 SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL"
            ))
            .into_sql_str()
        }))
    }

    /// The smallest that so many rows fit into.
    fn of(&self, rows: usize) -> Result<SqlStr> {
        let fitting = SIZES.iter().position(|size| rows <= *size).context("too many rows")?;
        Ok(self.0[fitting].clone())
    }
}

/// One row, as it is bound.
pub(super) struct Row {
    run: i64,
    seq: i64,
    at_ms: i64,
    kind: &'static str,
    payload: String,
}

impl Row {
    pub(super) fn new(run: i64, seq: i64, kind: &'static str, payload: &Value) -> Row {
        let at_ms = i64::try_from(wall_millis()).unwrap_or(i64::MAX);
        Row { run, seq, at_ms, kind, payload: payload.to_string() }
    }
}

struct Request {
    rows: Vec<Row>,
    answer: oneshot::Sender<bool>,
}

pub(super) struct Journal {
    queue: Mutex<Option<mpsc::Sender<Request>>>,
    writer: Mutex<Option<JoinHandle<Result<()>>>>,
    last_run: i64,
}

impl Journal {
    pub(super) async fn open(path: &Path) -> Result<Journal> {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let mut connection = options.connect().await.context("the floor has no journal")?;
        sqlx::raw_sql(SCHEMA).execute(&mut connection).await?;
        let row = sqlx::query("SELECT coalesce(max(run), 0) FROM events").fetch_one(&mut connection).await?;
        let last_run = row.try_get(0)?;
        let (queue, incoming) = mpsc::channel(QUEUE);
        let writer = tokio::spawn(write(connection, incoming));
        Ok(Journal { queue: Mutex::new(Some(queue)), writer: Mutex::new(Some(writer)), last_run })
    }

    /// The highest number of a run that it had when it was opened.
    pub(super) fn last_run(&self) -> i64 {
        self.last_run
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
    let (statements, mut group) = (Statements::new(), Vec::with_capacity(GROUP));
    while queue.recv_many(&mut group, GROUP).await > 0 {
        let rows = group.iter_mut().flat_map(|request| request.rows.drain(..)).collect();
        let written = commit(&mut connection, &statements, rows).await.is_ok();
        for request in group.drain(..) {
            let _ = request.answer.send(written);
        }
    }
    connection.close().await?;
    Ok(())
}

/// One statement is one transaction.
async fn commit(connection: &mut SqliteConnection, statements: &Statements, rows: Vec<Row>) -> Result<()> {
    let statement = statements.of(rows.len())?;
    let mut parameters = SqliteArguments::default();
    for Row { run, seq, at_ms, kind, payload } in rows {
        let numbers = [run, seq, at_ms].map(|number| parameters.add(number));
        let all = numbers.into_iter().chain([parameters.add(kind), parameters.add(payload)]);
        all.collect::<Result<(), _>>().map_err(|error| anyhow!(error))?;
    }
    sqlx::query_with(statement, parameters).execute(connection).await?;
    Ok(())
}
