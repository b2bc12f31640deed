//! The projection `runs` as it stands, for who looks at the journal itself.

use crate::error::store_error;
use crate::sql;
use riposte_engine::StoreError;
use riposte_model::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::store::Journal;

/// A row of `runs`, word for word: what it says has not been compared with the run's events, and is not parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The run's number in this file. Numbers grow in the order of beginning.
    pub key: i64,
    /// Its id.
    pub run: String,
    /// The playbook's name.
    pub playbook: String,
    /// SHA-256 of the playbook's source, in hexadecimal digits.
    pub source: String,
    /// What started it: kind and name.
    pub trigger: String,
    /// `running`, `succeeded`, `failed` or `cancelled`.
    pub status: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, if it has.
    pub finished_at: Option<Timestamp>,
    /// The number of the event by which it stands as `status` says; in a journal of a schema before 7, of its last one.
    pub turned_seq: i64,
}

impl Record {
    pub(crate) fn of(row: &SqliteRow) -> Result<Record, StoreError> {
        let text = |at: usize| row.try_get::<String, _>(at).map_err(store_error);
        let finished: Option<i64> = row.try_get(7).map_err(store_error)?;
        Ok(Record {
            key: row.try_get(0).map_err(store_error)?,
            run: text(1)?,
            playbook: text(2)?,
            source: text(3)?,
            trigger: text(4)?,
            status: text(5)?,
            started_at: Timestamp::from_millis(row.try_get(6).map_err(store_error)?),
            finished_at: finished.map(Timestamp::from_millis),
            turned_seq: row.try_get(8).map_err(store_error)?,
        })
    }
}

impl Journal {
    /// The runs after this key that began at `since` or later, in the order of beginning, at most `limit`. Begin with key 0.
    pub async fn records(&self, after: i64, since: Timestamp, limit: u32) -> Result<Vec<Record>, StoreError> {
        let statement = if self.says_turns() { sql::RECORDS } else { sql::OLD_RECORDS };
        let query = sqlx::query(statement).bind(after).bind(since.as_millis()).bind(limit);
        let rows = query.fetch_all(self.readers()).await.map_err(store_error)?;
        rows.iter().map(Record::of).collect()
    }
}
