//! SQLite's own checks.

use super::{Look, RESTORE};
use crate::error::store_error;
use crate::sql;
use sqlx::Row;

impl Look<'_> {
    /// Pages, trees and indices, and what refers to what.
    pub(super) async fn file(&mut self) {
        match sqlx::query(sql::INTEGRITY).fetch_all(self.journal.readers()).await.map_err(store_error) {
            Ok(rows) => {
                for row in rows {
                    let line: String = row.try_get(0).unwrap_or_default();
                    if line != "ok" {
                        // SQLite begins some reports with a line of stars and the database's name.
                        let line =
                            line.trim_start_matches("*** in database main ***").trim().replace('\n', "; ");
                        self.tell(None, None, format!("the file is damaged: {line}"), RESTORE);
                    }
                }
            }
            Err(error) => {
                self.tell(None, None, format!("the file cannot be checked: {error}"), RESTORE);
            }
        }
        match sqlx::query(sql::FOREIGN_KEYS).fetch_all(self.journal.readers()).await.map_err(store_error) {
            Ok(rows) => {
                for row in rows {
                    let table: String = row.try_get(0).unwrap_or_default();
                    let number: i64 = row.try_get(1).unwrap_or_default();
                    let parent: String = row.try_get(2).unwrap_or_default();
                    let what =
                        format!("row {number} of `{table}` refers to a row of `{parent}` that is not there");
                    self.tell(None, None, what, RESTORE);
                }
            }
            Err(error) => {
                let what = format!("what refers to what cannot be checked: {error}");
                self.tell(None, None, what, RESTORE);
            }
        }
    }
}
