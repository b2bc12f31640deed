//! A look at the file that ends in time: for whoever wants to know now, and not after everything was read.

use crate::error::store_error;
use crate::sql;
use crate::store::Journal;
use riposte_engine::StoreError;
use sqlx::Row;
use std::time::Duration;
use tokio::time::Instant;

/// How many steps of SQLite's are taken between two looks at the clock: some milliseconds.
const STEPS: i32 = 100_000;

/// What a quick look gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quick {
    /// All pages were looked at, and nothing was found.
    Sound,
    /// The first thing that is wrong.
    Damaged(String),
    /// There was not enough time for the whole file, and nothing was found so far.
    Unfinished,
}

impl Journal {
    /// Looks at the pages of the file for at most that long. [`Journal::verify`] looks at everything.
    pub async fn quick_check(&self, longest: Duration) -> Result<Quick, StoreError> {
        let mut connection = self.readers().acquire().await.map_err(store_error)?;
        let end = Instant::now() + longest;
        let mut handle = connection.lock_handle().await.map_err(store_error)?;
        handle.set_progress_handler(STEPS, move || Instant::now() < end);
        drop(handle);
        let checked = sqlx::query(sql::QUICK_CHECK).fetch_one(&mut *connection).await;
        connection.lock_handle().await.map_err(store_error)?.remove_progress_handler();
        Ok(match checked {
            Ok(row) => match row.try_get::<String, _>(0).map_err(store_error)?.as_str() {
                "ok" => Quick::Sound,
                problem => Quick::Damaged(problem.lines().next().unwrap_or_default().to_owned()),
            },
            Err(_) if Instant::now() >= end => Quick::Unfinished,
            Err(error) => match store_error(error) {
                StoreError::Damaged(why) => Quick::Damaged(why),
                error => return Err(error),
            },
        })
    }
}
