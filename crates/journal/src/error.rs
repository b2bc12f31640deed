//! From SQLite's codes to decisions a caller can take.

use riposte_engine::StoreError;

/// Primary result codes of SQLite (<https://www.sqlite.org/rescode.html>).
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const NOTADB: i32 = 26;
const CANTOPEN: i32 = 14;
const CONSTRAINT: i32 = 19;
/// `SQLITE_IOERR_WRITE`: what a quota or a full network disk gives instead of `SQLITE_FULL`.
const IOERR_WRITE: i32 = 10 | (3 << 8);

/// Whether the file, or one of those that SQLite makes beside it, cannot be opened or written.
pub(crate) fn is_closed_to_us(error: &sqlx::Error) -> bool {
    matches!(code(error) & 0xff, CANTOPEN | READONLY)
}

/// Whether a statement was refused because of what stands in the file.
pub(crate) fn does_not_fit(error: &sqlx::Error) -> bool {
    code(error) & 0xff == CONSTRAINT
}

fn code(error: &sqlx::Error) -> i32 {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.and_then(|code| code.parse::<i32>().ok()).unwrap_or(0)
}

/// sqlx tells the database's words twice, in its own message and as its cause.
pub(crate) fn words(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |database| database.message().to_owned())
}

/// What an error of the database means for whoever asked.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    let code = code(&error);
    let cause = || words(&error);
    match (code & 0xff, code) {
        (FULL, _) | (_, IOERR_WRITE) => StoreError::Full(cause().into()),
        (READONLY, _) => StoreError::ReadOnly(cause().into()),
        (BUSY | LOCKED, _) => StoreError::Busy(cause().into()),
        (CORRUPT, _) => StoreError::Damaged(cause()),
        (NOTADB, _) => StoreError::Damaged("the file is no SQLite database".to_owned()),
        _ => StoreError::Other(cause().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::store_error;
    use riposte_engine::StoreError;
    use sqlx::Connection;
    use sqlx::sqlite::SqliteConnection;

    #[tokio::test]
    async fn a_journal_that_may_not_be_written_is_told_as_that() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::query("PRAGMA query_only = 1").execute(&mut connection).await.unwrap();
        let refused = sqlx::query("CREATE TABLE runs (run)").execute(&mut connection).await.unwrap_err();
        let refused = store_error(refused);
        assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused:?}");
        assert_eq!(refused.to_string(), "the journal cannot be written");
    }
}
