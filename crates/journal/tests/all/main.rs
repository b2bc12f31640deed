//! The journal on a real file.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

mod host;
mod meter;
mod own;
mod payload;
mod prune;
mod schema;
mod verify;

use riposte_engine::{Event, EventBody, RunFinished, RunStarted, RunStatus, Store, StoreError, Trigger};
use riposte_journal::{Journal, Prune};
use riposte_model::{PlaybookName, RunId, SourceHash, StepPath, Timestamp};
use serde_json::{Map, Value};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Row};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

fn id(number: u128) -> RunId {
    format!("run_{number:032x}").parse().unwrap()
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    (folder, path)
}

fn started() -> Event {
    let body = EventBody::RunStarted(Arc::new(RunStarted {
        playbook: PlaybookName::parse("test").unwrap(),
        source: SourceHash::of("source"),
        inputs: Map::new(),
        trigger: Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null.into() },
        parent: None,
        connections: Map::new(),
    }));
    Event { seq: 1, at: Timestamp::from_millis(1), body }
}

fn skipped(seq: u64) -> Event {
    let body = EventBody::StepSkipped { step: StepPath::root(&format!("s{seq}")) };
    Event { seq, at: Timestamp::from_millis(2), body }
}

fn finished(seq: u64, at: i64) -> Event {
    let body = EventBody::RunFinished(RunFinished {
        status: RunStatus::Succeeded,
        outputs: Map::new(),
        failure: None,
        step: None,
        message: None,
    });
    Event { seq, at: Timestamp::from_millis(at), body }
}

fn retried(seq: u64) -> Event {
    Event { seq, at: Timestamp::from_millis(3), body: EventBody::RunRetried { by: "test".into() } }
}

/// Everything that was over before this moment.
fn before(moment: Timestamp) -> Prune {
    Prune {
        finished_before: Some(moment),
        size: None,
        keep: 0,
        now: Timestamp::from_millis(0),
        dry_run: false,
    }
}

/// Text that no packing makes much smaller.
fn noise(length: usize) -> String {
    let mut state = 1_u64;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b' ' + u8::try_from((state >> 33) % 95).unwrap())
    };
    (0..length).map(|_| letter()).collect()
}

/// Statements on the file itself.
async fn sql(path: &std::path::Path, statements: &str) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true).foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The rows that a query gives, each as its columns' text.
async fn rows(path: &std::path::Path, query: &str) -> Vec<String> {
    let mut connection =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.unwrap();
    let rows = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows.iter().map(|row| row.try_get_unchecked::<String, _>(0).unwrap()).collect()
}

#[tokio::test]
async fn sqlite_passes_the_stores_contract() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    riposte_simulation::contract::check(&journal, [id(1), id(2), id(3)]).await.unwrap();
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    riposte_simulation::contract::host::check(&journal, std::array::from_fn(|number| id(number as u128)))
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_reopening() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    journal.begin(id(1), "source", &started()).await.unwrap();
    journal.append(id(1), &[skipped(2)]).await.unwrap();
    journal.close().await;
    assert!(matches!(journal.append(id(1), &[skipped(3)]).await, Err(StoreError::Other(_))));
    let journal = Journal::open_to_read(&path).await.unwrap();
    assert_eq!(journal.events(id(1)).await.unwrap(), [started(), skipped(2)]);
    assert!(journal.append(id(1), &[skipped(3)]).await.is_err(), "who only looks does not write");
}

#[tokio::test]
async fn many_writers_share_the_file_and_each_is_answered_for_its_own() {
    let (_folder, path) = folder();
    let journal = Arc::new(Journal::open(&path).await.unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..50 {
        let journal = journal.clone();
        tasks.spawn(async move {
            journal.begin(id(number), "source", &started()).await.unwrap();
            for seq in 2..6 {
                journal.append(id(number), &[skipped(seq)]).await.unwrap();
            }
            // One neighbour's mistake is not the others'.
            assert!(matches!(
                journal.append(id(number), &[skipped(9)]).await,
                Err(StoreError::OutOfOrder(_))
            ));
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    for number in 0..50 {
        assert_eq!(journal.events(id(number)).await.unwrap().len(), 5);
    }
    assert_eq!(journal.runs(100).await.unwrap().len(), 50);
}

/// However many rows there are, they take as many statements as they need.
#[tokio::test]
async fn any_number_of_events_is_one_append() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    let mut next = 2;
    journal.begin(id(1), "source", &started()).await.unwrap();
    for count in [1, 2, 3, 8, 9, 128, 129, 512, 513, 1_024, 1_300] {
        let events: Vec<Event> = (next..next + count).map(skipped).collect();
        journal.append(id(1), &events).await.unwrap();
        next += count;
    }
    let events = journal.events(id(1)).await.unwrap();
    let all: Vec<Event> = std::iter::once(started()).chain((2..next).map(skipped)).collect();
    assert!(events == all, "{} events of {}", events.len(), all.len());

    // And so with many runs, some of which end.
    let runs: Vec<RunId> = (100..700).map(id).collect();
    for run in &runs {
        journal.begin(*run, "source", &started()).await.unwrap();
    }
    let (goes_on, ends) = ([skipped(2)], [skipped(2), finished(3, 9)]);
    let appended: Vec<(RunId, &[Event])> = runs
        .iter()
        .zip(0..)
        .map(|(run, number)| (*run, if number % 2 == 0 { &goes_on[..] } else { &ends[..] }))
        .collect();
    journal.append_all(&appended).await.unwrap();
    for (run, events) in appended {
        assert_eq!(journal.events(run).await.unwrap()[1..], *events);
    }
    let statuses = rows(
        &path,
        "SELECT status || ' ' || turned_seq || ' ' || count(*) FROM runs GROUP BY status, turned_seq ORDER BY 1",
    )
    .await;
    assert_eq!(statuses, ["running 1 301", "succeeded 3 300"]);
}

/// An event that leaves a run standing as it stood is one row in one table.
#[tokio::test]
async fn an_append_leaves_the_row_of_the_run_alone_unless_the_run_turns() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    journal.begin(id(1), "source", &started()).await.unwrap();
    journal.begin(id(2), "source", &started()).await.unwrap();
    sql(
        &path,
        "CREATE TABLE touched (run, seq);
         CREATE TRIGGER touching AFTER UPDATE ON runs
         BEGIN INSERT INTO touched VALUES (new.run, new.turned_seq); END",
    )
    .await;
    journal.append(id(1), &[skipped(2)]).await.unwrap();
    journal.append(id(1), &(3..20).map(skipped).collect::<Vec<_>>()).await.unwrap();
    journal.append_all(&[(id(1), &[skipped(20)]), (id(2), &[skipped(2)])]).await.unwrap();
    assert!(rows(&path, "SELECT run || '' FROM touched").await.is_empty());
    journal.append_all(&[(id(1), &[skipped(21), finished(22, 9)]), (id(2), &[skipped(3)])]).await.unwrap();
    let ends_and_goes_on = [retried(23), skipped(24), finished(25, 9), retried(26), skipped(27)];
    journal.append(id(1), &ends_and_goes_on).await.unwrap();
    assert_eq!(rows(&path, "SELECT run || ' ' || seq FROM touched").await, ["1 22", "1 26"]);
    assert_eq!(journal.events(id(1)).await.unwrap().len(), 27);
}

#[tokio::test]
async fn a_full_disk_is_named_and_nothing_is_half_written() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    journal.begin(id(1), "source", &started()).await.unwrap();
    journal.append(id(1), &[skipped(2)]).await.unwrap();
    journal.close().await;
    // A journal whose pages may not grow in number is a disk without room.
    let journal = Journal::open_limited(&path, 1).await.unwrap();
    journal.own(id(1)).await.unwrap();
    let large = Event {
        seq: 3,
        at: Timestamp::from_millis(3),
        body: EventBody::StepSucceeded { step: StepPath::root("s"), output: Value::String(noise(1 << 16)) },
    };
    let refused = journal.append(id(1), &[large]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Full(_)), "{refused:?}");
    assert_eq!(refused.to_string(), "the journal's disk is full");
    assert_eq!(journal.events(id(1)).await.unwrap(), [started(), skipped(2)]);
    // What fits is written all the same, by the same journal.
    journal.append(id(1), &[skipped(3)]).await.unwrap();
    assert_eq!(journal.events(id(1)).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_file_that_is_no_journal_is_refused_and_left_as_it_is() {
    let (_folder, path) = folder();
    std::fs::write(&path, "this is a letter, not a database, and long enough to be looked at by SQLite")
        .unwrap();
    let refused = Journal::open(&path).await.err().unwrap();
    assert!(matches!(refused, StoreError::Damaged(_)), "{refused:?}");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("this is a letter"));
}

#[tokio::test]
async fn a_journal_that_is_not_there_is_not_made_by_looking() {
    let (_folder, path) = folder();
    assert!(Journal::open_to_read(&path).await.is_err());
    assert!(!path.exists());
}
