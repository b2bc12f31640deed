//! From SQLite's codes to decisions a caller can take.

use riposte_engine::StoreError;

/// Primary result codes of SQLite (<https://www.sqlite.org/rescode.html>).
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const NOTADB: i32 = 26;
/// `SQLITE_IOERR_WRITE`: what a quota or a full network disk gives instead of `SQLITE_FULL`.
const IOERR_WRITE: i32 = 10 | (3 << 8);

/// What an error of the database means for whoever asked.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .and_then(|code| code.parse::<i32>().ok())
        .unwrap_or(0);
    match (code & 0xff, code) {
        (FULL, _) | (_, IOERR_WRITE) => StoreError::Full(error.into()),
        (READONLY, _) => StoreError::ReadOnly(error.into()),
        (BUSY | LOCKED, _) => StoreError::Busy(error.into()),
        (CORRUPT, _) => StoreError::Damaged(error.to_string()),
        (NOTADB, _) => StoreError::Damaged("the file is no SQLite database".to_owned()),
        _ => StoreError::Other(error.into()),
    }
}
