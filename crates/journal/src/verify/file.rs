//! SQLite's own checks.

use super::{Look, RESTORE};
use crate::error::store_error;
use crate::sql;
use futures_util::TryStreamExt;
use sqlx::Row;

impl Look<'_> {
    /// Pages, trees and indices, and what refers to what.
    pub(super) async fn file(&mut self) {
        let (lines, end) = self.lines(sql::INTEGRITY, |row| row.try_get(0).unwrap_or_default()).await;
        for line in lines.iter().flat_map(|line: &String| line.lines()) {
            // The name of the database comes first; `ok` is all there is if there is nothing else.
            if line != "ok" && !line.starts_with("***") {
                let place = self.place(line).await;
                self.tell(None, None, format!("the file is damaged{place}: {line}"), RESTORE);
            }
        }
        if let Some(error) = end {
            self.tell(None, None, format!("not all of the file could be checked: {error}"), RESTORE);
        }
        let (lines, end) = self
            .lines(sql::FOREIGN_KEYS, |row| {
                let table: String = row.try_get(0).unwrap_or_default();
                let number: i64 = row.try_get(1).unwrap_or_default();
                let parent: String = row.try_get(2).unwrap_or_default();
                format!("row {number} of `{table}` refers to a row of `{parent}` that is not there")
            })
            .await;
        for line in lines {
            self.tell(None, None, line, RESTORE);
        }
        if let Some(error) = end {
            let what = format!("not all of what refers to something could be checked: {error}");
            self.tell(None, None, what, RESTORE);
        }
    }

    /// What a check says, and why it broke off if it did: damage that it cannot get over ends it after it has been told.
    async fn lines(
        &self,
        check: &'static str,
        line: impl Fn(&sqlx::sqlite::SqliteRow) -> String,
    ) -> (Vec<String>, Option<riposte_engine::StoreError>) {
        let mut lines = Vec::new();
        let mut rows = sqlx::query(check).fetch(self.journal.readers());
        loop {
            match rows.try_next().await.map_err(store_error) {
                Ok(Some(row)) => lines.push(line(&row)),
                Ok(None) => return (lines, None),
                Err(error) => return (lines, Some(error)),
            }
        }
    }

    /// Which table or index a line of SQLite's is about, where it names the root of its tree: `Tree 4 page 7: …`.
    async fn place(&self, line: &str) -> String {
        let root = line.strip_prefix("Tree ").and_then(|rest| rest.split(' ').next()?.parse::<i64>().ok());
        let Some(root) = root else { return String::new() };
        let found = sqlx::query(sql::TREE).bind(root).fetch_optional(self.journal.readers()).await;
        let name = found.ok().flatten().and_then(|row| row.try_get::<String, _>(0).ok());
        name.map_or_else(String::new, |name| format!(" in `{name}`"))
    }
}
