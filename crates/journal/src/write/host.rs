//! Writing what a host keeps: each request in as few statements as there are tables, however many runs it is about.

use super::append::insert_events;
use super::begin::insert_playbook;
use super::{Verdict, not_ours};
use crate::error::store_error;
use crate::own::Owner;
use crate::{row, sql};
use riposte_engine::{Beginning, Begun, Delivery, EventBody, Parked, ScheduleNote, StopOrder, StoreError};
use riposte_model::{PlaybookName, RunId, Timestamp};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use std::collections::{HashMap, HashSet};

/// A delivery's key as it stands in the journal: without NUL, at which SQLite's JSON functions cut a text off, so that two
/// keys would become one.
pub(crate) fn key(delivery: &Delivery) -> String {
    delivery.key.replace('\\', "\\\\").replace('\0', "\\0")
}

pub(super) async fn begin_delivered(
    connection: &mut SqliteConnection,
    beginnings: &[Beginning],
    owner: &Owner,
) -> Verdict<Vec<Begun>> {
    // What is refused has to be refused before anything of it is written.
    let wrong = |beginning: &&Beginning| !matches!(beginning.first.body, EventBody::RunStarted(_));
    if let Some(wrong) = beginnings.iter().find(wrong) {
        return Ok(Err(StoreError::OutOfOrder(wrong.run)));
    }
    let mut known = known(connection, beginnings).await?;
    let mut here: HashMap<(&str, &str), (RunId, Timestamp)> = HashMap::new();
    let mut fresh = Vec::with_capacity(beginnings.len());
    let mut begun = Vec::with_capacity(beginnings.len());
    for (at, beginning) in beginnings.iter().enumerate() {
        let before = beginning.delivery.as_ref().and_then(|delivery| {
            let within = here.get(&(delivery.source.as_str(), delivery.key.as_str()));
            let within = within.filter(|(_, at)| *at >= delivery.since).map(|(run, _)| *run);
            within.or_else(|| known.remove(&at))
        });
        if let Some(run) = before {
            begun.push(Begun::Already(run));
            continue;
        }
        begun.push(Begun::New);
        fresh.push(beginning);
        if let Some(delivery) = &beginning.delivery {
            here.insert((&delivery.source, &delivery.key), (beginning.run, beginning.first.at));
        }
    }
    if !fresh.is_empty() {
        begin_fresh(connection, &fresh, owner).await?;
    }
    Ok(Ok(begun))
}

/// Which of them have begun a run before, by their place.
async fn known(
    connection: &mut SqliteConnection,
    beginnings: &[Beginning],
) -> Result<HashMap<usize, RunId>, StoreError> {
    let asked = beginnings.iter().map(|beginning| {
        let delivery = beginning.delivery.as_ref();
        delivery.map_or(Value::Null, |delivery| {
            json!([delivery.source, key(delivery), delivery.since.as_millis()])
        })
    });
    let asked = Value::Array(asked.collect());
    let query = sqlx::query(sql::host::KNOWN_DELIVERIES).bind(asked.to_string());
    let rows = query.fetch_all(connection).await.map_err(store_error)?;
    let known = rows.iter().map(|row| {
        let at: i64 = row.try_get(0).map_err(store_error)?;
        let run: String = row.try_get(1).map_err(store_error)?;
        Ok((usize::try_from(at).unwrap_or(usize::MAX), row::run_id(&run)?))
    });
    known.collect()
}

async fn begin_fresh(
    connection: &mut SqliteConnection,
    fresh: &[&Beginning],
    owner: &Owner,
) -> Result<(), StoreError> {
    let first_key = next_run(connection).await?;
    let mut hashes = HashSet::new();
    let (mut runs, mut deliveries) = (Vec::with_capacity(fresh.len()), Vec::new());
    for (key_of_run, beginning) in (first_key..).zip(fresh) {
        let EventBody::RunStarted(started) = &beginning.first.body else { continue };
        let (run, at) = (beginning.run.to_string(), beginning.first.at);
        if hashes.insert(&started.source) {
            insert_playbook(connection, &beginning.first, &beginning.source).await?;
        }
        if let Some(delivery) = &beginning.delivery {
            // As long as it counts for who asks now it counts for who asks later.
            let window = at.as_millis().saturating_sub(delivery.since.as_millis());
            let until = at.as_millis().saturating_add(window);
            deliveries.push(json!([delivery.source, key(delivery), run, at.as_millis(), until]));
        }
        let trigger = format!("{} {}", started.trigger.kind, started.trigger.name);
        runs.push(json!([key_of_run, run, started.playbook, started.source, trigger, at.as_millis()]));
    }
    let query = sqlx::query(sql::host::INSERT_RUNS).bind(Value::Array(runs).to_string()).bind(owner.name());
    query.execute(&mut *connection).await.map_err(store_error)?;
    insert_events(connection, (first_key..).zip(fresh.iter().map(|beginning| &beginning.first))).await?;
    if !deliveries.is_empty() {
        let query = sqlx::query(sql::host::INSERT_DELIVERIES).bind(Value::Array(deliveries).to_string());
        query.execute(connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// The number of the next run that begins.
pub(super) async fn next_run(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let row = sqlx::query(sql::host::NEXT_RUN).fetch_one(connection).await.map_err(store_error)?;
    row.try_get(0).map_err(store_error)
}

/// Takes what nobody who is alive drives. Runs of this owner need nothing, so that a host that comes back under the same name
/// finds its own however many they are.
pub(super) async fn own_left(connection: &mut SqliteConnection, owner: &Owner) -> Result<(), StoreError> {
    let rows = sqlx::query(sql::host::DRIVERS).fetch_all(&mut *connection).await.map_err(store_error)?;
    for row in rows {
        let driver: Option<String> = row.try_get(0).map_err(store_error)?;
        let ours = driver.as_deref() == Some(owner.name());
        if ours || driver.as_ref().is_some_and(|driver| owner.alive(driver).is_some()) {
            continue;
        }
        let query = sqlx::query(sql::host::TAKE_OVER).bind(driver).bind(owner.name());
        query.execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

pub(super) async fn park(connection: &mut SqliteConnection, parked: &[Parked], owner: &Owner) -> Verdict {
    let list = parked.iter().map(|parked| {
        let waits = serde_json::to_string(&parked.waits).map_err(|error| StoreError::Other(error.into()))?;
        Ok(json!([parked.run.to_string(), waits]))
    });
    let list = Value::Array(list.collect::<Result<_, StoreError>>()?).to_string();
    let rows = sqlx::query(sql::host::PARKABLE).bind(&list).fetch_all(&mut *connection).await;
    for row in rows.map_err(store_error)? {
        let run: String = row.try_get(0).map_err(store_error)?;
        let found: Option<i64> = row.try_get(1).map_err(store_error)?;
        let driver: Option<String> = row.try_get(2).map_err(store_error)?;
        if found.is_none() {
            return Ok(Err(StoreError::NotFound(format!("run {run}"))));
        }
        if let Some(refused) = not_ours(row::run_id(&run)?, driver.as_deref(), owner) {
            return Ok(Err(refused));
        }
    }
    sqlx::query(sql::host::PARK).bind(list).execute(connection).await.map_err(store_error)?;
    Ok(Ok(()))
}

pub(super) async fn stop(connection: &mut SqliteConnection, stop: &StopOrder) -> Result<(), StoreError> {
    sqlx::query(sql::host::STOP)
        .bind(stop.playbook.as_ref().map(PlaybookName::as_str))
        .bind(stop.cancel)
        .bind(&stop.by)
        .bind(stop.at.as_millis())
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn note_schedules(
    connection: &mut SqliteConnection,
    notes: &[ScheduleNote],
    forget: &[String],
) -> Result<(), StoreError> {
    if !forget.is_empty() {
        let query = sqlx::query(sql::host::FORGET_SCHEDULES).bind(json!(forget).to_string());
        query.execute(&mut *connection).await.map_err(store_error)?;
    }
    if !notes.is_empty() {
        let list = notes.iter().map(|note| {
            let waiting: Vec<i64> = note.waiting.iter().map(|at| at.as_millis()).collect();
            json!([note.source, note.until.as_millis(), json!(waiting).to_string()])
        });
        let query = sqlx::query(sql::host::NOTE_SCHEDULES).bind(Value::Array(list.collect()).to_string());
        query.execute(connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// Writes and takes back. The pages are written all the same: what is asked is whether they can be.
pub(super) async fn probe(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for statement in [sql::host::PROBE, sql::host::UNPROBE] {
        sqlx::query(statement).execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// Whether there was one.
pub(super) async fn lift(
    connection: &mut SqliteConnection,
    playbook: Option<&PlaybookName>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let query = sqlx::query(sql::host::LIFT).bind(playbook.map(PlaybookName::as_str)).bind(at.as_millis());
    Ok(query.execute(connection).await.map_err(store_error)?.rows_affected() > 0)
}
