//! Statements over many rows, each value a parameter of its own: as a list in JSON the rows would be written here and taken apart
//! there, which was a third of what SQLite did for an append.
//!
//! A statement is written, and prepared, for a few numbers of rows. What is missing to the next of them is bound as NULL, and
//! is left out.

use riposte_engine::StoreError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Encode, SqlSafeStr, SqlStr, Sqlite, Type};
use std::sync::OnceLock;

/// Most rows of one statement; more are several.
pub(crate) const MOST: usize = 512;

/// For so many rows there are statements.
const SIZES: [usize; 5] = [2, 8, 32, 128, MOST];

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Batch {
    /// Events alone.
    Events,
    /// A whole transaction of events, and where the runs then stand.
    AppendAtOnce,
    /// Everything that beginnings and appends come to, within a transaction.
    Write,
    WriteAndCommit,
    WriteAtOnce,
}

impl Batch {
    /// The statements for so many rows of events, and of runs that have moved, and how many of each they take.
    pub(crate) fn of(self, rows: usize) -> (SqlStr, usize) {
        static MADE: [[OnceLock<String>; SIZES.len()]; 5] =
            [const { [const { OnceLock::new() }; SIZES.len()] }; 5];
        let made = SIZES.into_iter().zip(&MADE[self as usize]).find(|(size, _)| rows <= *size);
        match made {
            Some((size, text)) => (text.get_or_init(|| self.text(size)).as_str().into_sql_str(), size),
            None => {
                let size = rows.next_multiple_of(MOST);
                (AssertSqlSafe(self.text(size)).into_sql_str(), size)
            }
        }
    }

    fn text(self, size: usize) -> String {
        let append = format!("{}; {}", insert_events(size), advance_runs(size));
        let write =
            format!("{}; {append}; {}; {}", super::INSERT_RUNS, super::TURN_RUNS, super::INSERT_DELIVERIES);
        match self {
            Batch::Events => insert_events(size),
            Batch::AppendAtOnce => format!("BEGIN IMMEDIATE; {append}; COMMIT"),
            Batch::Write => write,
            Batch::WriteAndCommit => format!("{write}; COMMIT"),
            Batch::WriteAtOnce => format!("BEGIN IMMEDIATE; {write}; COMMIT"),
        }
    }
}

/// What is bound to them, in their order.
#[derive(Default)]
pub(crate) struct Parameters(pub(crate) SqliteArguments);

impl Parameters {
    pub(crate) fn add<'v>(
        &mut self,
        value: impl Encode<'v, Sqlite> + Type<Sqlite>,
    ) -> Result<(), StoreError> {
        self.0.add(value).map_err(StoreError::Other)
    }
}

/// Rows of `run, seq, at_ms, kind, step, payload`.
pub(crate) fn insert_events(size: usize) -> String {
    statements(size, "(?,?,?,?,?,?)", |rows| {
        format!(
            "INSERT INTO events (run, seq, at_ms, kind, step, payload)
             SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL"
        )
    })
}

/// Rows of `run, found_seq, last_seq`, and after those of each statement whose they are.
///
/// Where runs stand may have been remembered. A row whose last event or owner is another gets a number that it cannot have,
/// and the transaction fails; where there is no row, the events are refused for that. Nothing else of the row is set here, so
/// that no index is touched; and since a failure costs the transaction in any case, SQLite need not be able to undo this alone.
pub(crate) fn advance_runs(size: usize) -> String {
    statements(size, "(?,?,?)", |rows| {
        format!(
            "WITH list (moved, found_seq, new_seq) AS (VALUES {rows})
             UPDATE OR ROLLBACK runs
             SET last_seq = iif(last_seq = found_seq
                                AND iif(root IS NULL, owner, (SELECT o.owner FROM runs o WHERE o.run = runs.root)) IS ?,
                                new_seq, 0)
             FROM list WHERE run = moved"
        )
    })
}

fn statements(size: usize, row: &str, statement: impl Fn(&str) -> String) -> String {
    let of = |rows: usize| statement(&vec![row; rows].join(","));
    if size <= MOST { of(size) } else { vec![of(MOST); size / MOST].join("; ") }
}
