//! Statements over many rows, each value a parameter of its own: as a list in JSON the rows would be written here and taken apart
//! there, which was half of what an append cost.
//!
//! A statement is written, and prepared, for a few numbers of rows. What is missing to the next of them is bound as NULL, and
//! is left out.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use std::sync::LazyLock;

/// Most rows of one statement; more are several.
pub(crate) const MOST: usize = 512;

/// For so many rows there are statements.
const SIZES: [usize; 5] = [2, 8, 32, 128, MOST];

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

const ALL: [Batch; 5] =
    [Batch::Events, Batch::AppendAtOnce, Batch::Write, Batch::WriteAndCommit, Batch::WriteAtOnce];

impl Batch {
    /// The statements for so many rows of events, and of runs that have moved, and how many of each they take.
    pub(crate) fn of(self, rows: usize) -> (SqlStr, usize) {
        static MADE: LazyLock<Vec<(Batch, usize, String)>> = LazyLock::new(|| {
            let each = ALL.into_iter().flat_map(|batch| SIZES.map(|size| (batch, size)));
            each.map(|(batch, size)| (batch, size, batch.text(size))).collect()
        });
        let size = taken(rows);
        let made = MADE.iter().find(|(batch, made, _)| *batch == self && *made == size);
        let text = made.map(|(.., text)| text.as_str().into_sql_str());
        (text.unwrap_or_else(|| AssertSqlSafe(self.text(size)).into_sql_str()), size)
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

fn taken(rows: usize) -> usize {
    SIZES.into_iter().find(|size| rows <= *size).unwrap_or_else(|| rows.next_multiple_of(MOST))
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
