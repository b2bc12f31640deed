//! What a host keeps beside the events.

use super::{Look, RESTORE};
use crate::error::store_error;
use crate::migration::{HOST, SCHEDULES};
use crate::sql::host as sql;
use riposte_engine::StoreError;
use riposte_model::{PlaybookName, RunId};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// What the events say is not touched by any of this.
const NOTE: &str =
    "delete the row from `parked`: the run is then loaded when the daemon starts, which finds out by itself";
const SCHEDULE: &str = "delete the row from `schedules`: then the schedule goes on from the next start, and nothing that was missed is made up for";
const DELIVERY: &str = "restore the journal from a copy, or delete the row from `deliveries`: then this event begins a run once more if it comes again";

impl Look<'_> {
    pub(super) async fn host(&mut self) {
        let checks = [
            (HOST, "notes of parked runs", sql::WRONG_NOTES, note as Judge, NOTE),
            (HOST, "deliveries", sql::DELIVERIES_AND_RUNS, delivery, DELIVERY),
            (HOST, "stops", sql::STOPPED_PLAYBOOKS, stop, RESTORE),
            (SCHEDULES, "schedules", sql::SCHEDULES, schedule, SCHEDULE),
        ];
        for (since, what, statement, judge, advice) in checks {
            if self.schema < since {
                continue;
            }
            let rows = sqlx::query(statement).fetch_all(self.journal.readers()).await.map_err(store_error);
            let found = rows.and_then(|rows| rows.iter().map(judge).collect::<Result<Vec<_>, _>>());
            match found {
                Ok(found) => {
                    for (run, what) in found.into_iter().flatten() {
                        self.tell(run.as_deref(), None, what, advice);
                    }
                }
                Err(error) => {
                    self.tell(None, None, format!("the {what} cannot be read: {error}"), RESTORE);
                }
            }
        }
    }
}

/// What is wrong with a row, if anything is, and with which run.
type Judge = fn(&SqliteRow) -> Result<Option<(Option<String>, String)>, StoreError>;

fn note(row: &SqliteRow) -> Result<Option<(Option<String>, String)>, StoreError> {
    let run: String = row.try_get(0).map_err(store_error)?;
    let status: String = row.try_get(1).map_err(store_error)?;
    let called: bool = row.try_get(2).map_err(store_error)?;
    let (noted, there): (i64, i64) =
        (row.try_get(3).map_err(store_error)?, row.try_get(4).map_err(store_error)?);
    let what = if status != "running" {
        format!("what it waits for is noted in `parked`, and it is over ({status})")
    } else if called {
        "what it waits for is noted in `parked`, and not with the run that called it".to_owned()
    } else if noted > there {
        format!("`parked` knows {noted} events of it and of those that it called, and there are {there}")
    } else {
        "what `parked` says it waits for is no JSON".to_owned()
    };
    Ok(Some((Some(run), what)))
}

fn delivery(row: &SqliteRow) -> Result<Option<(Option<String>, String)>, StoreError> {
    let text = |at: usize| row.try_get::<String, _>(at).map_err(store_error);
    let (source, key, run) = (text(0)?, text(1)?, text(2)?);
    let (at, began): (i64, Option<i64>) =
        (row.try_get(3).map_err(store_error)?, row.try_get(4).map_err(store_error)?);
    let which = format!("the delivery {key:?} of {source:?}");
    Ok(match began {
        Some(began) => {
            Some((Some(run), format!("{which} says that it began at {at} ms, and its row {began} ms")))
        }
        None if run.parse::<RunId>().is_err() => {
            Some((None, format!("{which} has begun {run:?}, which is no run")))
        }
        // The run has been pruned, and the delivery outlives it.
        None => None,
    })
}

fn stop(row: &SqliteRow) -> Result<Option<(Option<String>, String)>, StoreError> {
    let name: String = row.try_get(0).map_err(store_error)?;
    let wrong = PlaybookName::parse(&name).is_err();
    Ok(wrong.then(|| (None, format!("a stop is for {name:?}, which is no playbook's name"))))
}

/// The source of a schedule begins with `schedule` and its playbook's name, and what waits is a list of moments, the oldest first.
fn schedule(row: &SqliteRow) -> Result<Option<(Option<String>, String)>, StoreError> {
    let source: String = row.try_get(0).map_err(store_error)?;
    let waiting: String = row.try_get(2).map_err(store_error)?;
    let mut words = source.split(' ');
    let (kind, name) = (words.next(), words.next().unwrap_or_default());
    let what = if kind != Some("schedule") || PlaybookName::parse(name).is_err() {
        format!("`schedules` knows {source:?}, which is no schedule of a playbook")
    } else {
        match serde_json::from_str::<Vec<i64>>(&waiting) {
            Ok(times) if times.is_sorted() => return Ok(None),
            Ok(_) => format!("what waits for {source:?} is not in the order of time"),
            Err(_) => format!("what waits for {source:?} is no list of times"),
        }
    };
    Ok(Some((None, what)))
}
