//! Journals of every schema that there has been, and files that cannot be written.

use crate::{before, folder, retried, rows, skipped, sql, started};
use riposte_engine::{Event, EventBody, HostStore, RunFinished, RunStatus, Store, StoreError};
use riposte_journal::Journal;
use riposte_model::{Catalogue, ErrorKind, Failure, Timestamp};
use serde_json::Map;
use std::path::Path;

/// Written by the riposte of schema 1, with five runs: `outer` has called `inner`, `contain` has isolated a device,
/// `long-wait` was left in its wait, `fails` has failed.
pub(crate) const FIRST: &str = include_str!("journal-0001.sql");

/// The same runs, written by the riposte of schema 2.
const SECOND: &str = include_str!("journal-0002.sql");

/// The same runs, written by the riposte of schema 5, the last whose payloads say what the columns say.
const FIFTH: &str = include_str!("journal-0005.sql");

/// The same runs, in the schema 6, the last whose runs say which event was their last.
const SIXTH: &str = include_str!("journal-0006.sql");

/// What it holds, as this riposte reads it.
async fn look(journal: &Journal) -> Vec<(String, RunStatus, usize)> {
    let mut seen = Vec::new();
    for run in journal.runs(10).await.unwrap() {
        seen.push((run.playbook.to_string(), run.status, journal.events(run.id).await.unwrap().len()));
    }
    seen
}

fn expected() -> Vec<(String, RunStatus, usize)> {
    use RunStatus::{Failed, Running, Succeeded};
    [
        ("fails", Failed, 3),
        ("long-wait", Running, 2),
        ("contain", Succeeded, 6),
        ("inner", Succeeded, 3),
        ("outer", Succeeded, 6),
    ]
    .map(|(name, status, events)| (name.to_owned(), status, events))
    .into()
}

#[tokio::test]
async fn a_journal_of_an_older_schema_is_read_as_it_is_and_written_brought_up_to_date() {
    for (schema, written) in [("1", FIRST), ("2", SECOND), ("5", FIFTH), ("6", SIXTH)] {
        let (_folder, path) = folder();
        sql(&path, written).await;
        let journal = Journal::open_to_read(&path).await.unwrap();
        assert_eq!(look(&journal).await, expected());
        assert_sound(&journal).await;
        journal.close().await;
        assert_eq!(rows(&path, "SELECT max(version) || '' FROM _sqlx_migrations").await, [schema]);

        let journal = Journal::open(&path).await.unwrap();
        assert_eq!(look(&journal).await, expected());
        assert_sound(&journal).await;
        assert_eq!(rows(&path, "SELECT max(version) || '' FROM _sqlx_migrations").await, ["7"]);
        let families = "SELECT r.playbook || ' of ' || o.playbook FROM runs r JOIN runs o ON o.run = r.root";
        assert_eq!(rows(&path, families).await, ["inner of outer"]);
        // What was left is nobody's, and goes on from where it was; what failed can be retried.
        let all = journal.runs(10).await.unwrap();
        let of = |status| all.iter().find(|run| run.status == status).unwrap().id;
        let (waiting, failed) = (of(RunStatus::Running), of(RunStatus::Failed));
        journal.own(waiting).await.unwrap();
        journal.append(waiting, &[skipped(3)]).await.unwrap();
        // A run of before has payloads of both shapes now.
        let shapes = format!(
            "SELECT (payload ->> 'kind' IS kind) || ' ' || (payload ->> 'step' IS step) FROM events
             WHERE run = (SELECT run FROM runs WHERE run_id = '{waiting}') ORDER BY seq"
        );
        let bare = ["0 1", "0 0", "0 0"];
        assert_eq!(rows(&path, &shapes).await, if schema == "6" { bare } else { ["1 1", "1 1", "0 0"] });
        let events = journal.events(waiting).await.unwrap();
        assert_eq!(journal.events_after(waiting, 0, 9).await.unwrap().events, events);
        let kinds: Vec<_> = events.iter().map(|event| event.body.kind()).collect();
        assert_eq!(kinds, ["run_started", "timer_set", "step_skipped"]);
        assert_eq!(events[2], skipped(3));
        journal.own(failed).await.unwrap();
        journal.append_all(&[(failed, &[retried(4)])]).await.unwrap();
        let all = before(Timestamp::from_millis(i64::MAX));
        assert_eq!(all.carry_out(&path).await.unwrap().runs, 3, "what goes on again is not over");
    }
}

#[tokio::test]
async fn by_which_event_a_run_of_before_stands_is_found_in_its_events() {
    let (_folder, path) = folder();
    // `fails` was retried, and has gone on since.
    let retried = "INSERT INTO events (run, seq, at_ms, kind, payload) VALUES (5, 4, 9, 'run_retried', '{\"by\":\"x\"}');
                   INSERT INTO events (run, seq, at_ms, kind, step, payload) VALUES (5, 5, 9, 'step_skipped', 'why', '{}');
                   UPDATE runs SET last_seq = 5, status = 'running', finished_ms = NULL WHERE run = 5;
                   INSERT INTO runs SELECT 6, 'run_', playbook, source_hash, trigger, 'running', 1, NULL, 3, NULL, NULL, 0
                   FROM runs WHERE run = 5;";
    sql(&path, &(SIXTH.to_owned() + retried)).await;
    Journal::open(&path).await.unwrap().close().await;
    let turned = rows(&path, "SELECT status || ' ' || turned_seq FROM runs ORDER BY run").await;
    // The last one has no events at all, which is for `journal verify` to tell.
    let expected = ["succeeded 6", "succeeded 3", "succeeded 6", "running 1", "running 4", "running 3"];
    assert_eq!(turned, expected);
}

#[tokio::test]
async fn a_run_is_seen_once_with_its_last_end() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    let ended = |seq, status, why: &str| {
        let failure = Some(Failure::new(ErrorKind::Refused, why));
        let finished = RunFinished { status, outputs: Map::new(), failure, step: None, message: None };
        let at = i64::try_from(seq).unwrap() * 1_000 + 1;
        Event { seq, at: Timestamp::from_millis(at), body: EventBody::RunFinished(finished) }
    };
    let seen = "SELECT status || ' ' || coalesce(seconds, '-') || ' ' || coalesce(error_message, '-') FROM run_overview";
    journal.begin(crate::id(1), "source", &started()).await.unwrap();
    journal.append(crate::id(1), &[ended(2, RunStatus::Failed, "first")]).await.unwrap();
    assert_eq!(rows(&path, seen).await, ["failed 2.0 first"]);
    journal.append(crate::id(1), &[retried(3)]).await.unwrap();
    assert_eq!(rows(&path, seen).await, ["running - -"]);
    journal.append(crate::id(1), &[skipped(4), ended(5, RunStatus::Failed, "second")]).await.unwrap();
    assert_eq!(rows(&path, seen).await, ["failed 5.0 second"]);
    let mut problems = Vec::new();
    let load = |_: &str, _: &str| Err("not here".to_owned());
    journal.verify(&load, &mut |problem| problems.push(problem.what)).await.unwrap();
    assert!(problems.iter().all(|problem| problem.ends_with("not here")), "{problems:?}");
}

/// Nothing is wrong but that this test knows no actions.
async fn assert_sound(journal: &Journal) {
    let mut problems = Vec::new();
    let load = |name: &str, source: &str| {
        let loaded = riposte_playbook::load(name, source, &Catalogue::default());
        loaded.playbook.ok_or_else(|| "no such action".to_owned())
    };
    let verified = journal.verify(&load, &mut |problem| problems.push(problem.what)).await.unwrap();
    assert_eq!((verified.runs, verified.unfinished, verified.events), (5, 1, 20));
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("the playbook contain "), "{problems:?}");
}

#[tokio::test]
async fn a_chain_of_calls_of_the_first_schema_goes_back_to_its_beginning() {
    let (_folder, path) = folder();
    let mut text = FIRST.to_owned();
    text.push_str(
        "INSERT INTO runs SELECT 100 + value, printf('run_%032x', value), 'chain', (SELECT hash FROM playbooks LIMIT 1),
           'call chain', 'running', 1, NULL, 1 FROM generate_series(0, 3);",
    );
    // Each was called by the one before it.
    let text = text.replace(
        " FROM generate_series(0, 3)",
        " FROM (SELECT 0 AS value UNION SELECT 1 UNION SELECT 2 UNION SELECT 3)",
    ) + "INSERT INTO events (run, seq, at_ms, kind, payload) SELECT run, 1, 1, 'run_started',
           iif(run = 100, '{}', json_object('parent', json_object('run', printf('run_%032x', run - 101))))
           FROM runs WHERE playbook = 'chain';";
    sql(&path, &text).await;
    Journal::open(&path).await.unwrap().close().await;
    let roots = "SELECT run || ' ' || coalesce(root, '-') FROM runs WHERE playbook = 'chain' ORDER BY run";
    assert_eq!(rows(&path, roots).await, ["100 -", "101 100", "102 100", "103 100"]);
}

#[tokio::test]
async fn a_journal_that_may_not_be_written_is_left_as_it_is_and_can_be_looked_at() {
    let (_folder, path) = folder();
    sql(&path, FIRST).await;
    let before = std::fs::read(&path).unwrap();
    if !read_only(&path) {
        return;
    }
    let refused = Journal::open(&path).await.err().unwrap();
    assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(look(&Journal::open_to_read(&path).await.unwrap()).await, expected());
}

#[tokio::test]
async fn a_journal_in_a_folder_that_may_not_be_written_can_be_looked_at() {
    let (folder, path) = folder();
    sql(&path, FIRST).await;
    sql(&path, "PRAGMA journal_mode = wal").await;
    let set = |mode| {
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    set(0o500);
    if std::fs::write(folder.path().join("probe"), "root writes anywhere").is_err() {
        let prune = before(Timestamp::from_millis(0));
        let refused = prune.carry_out(&path).await.unwrap_err();
        assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused:?}");
        let journal = Journal::open_to_read(&path).await.unwrap();
        assert_eq!(look(&journal).await, expected());
        journal.close().await;
    }
    set(0o700);
}

/// Whether it could be made so; root writes to any file.
fn read_only(path: &Path) -> bool {
    let mut permissions = std::fs::metadata(path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(path, permissions).unwrap();
    std::fs::OpenOptions::new().append(true).open(path).is_err()
}

#[tokio::test]
async fn a_disk_that_is_full_at_the_beginning_keeps_no_half_of_a_run() {
    let (_folder, path) = folder();
    Journal::open(&path).await.unwrap().close().await;
    let journal = Journal::open_limited(&path, 1).await.unwrap();
    let source = crate::noise(1 << 16);
    let refused = journal.begin(crate::id(1), &source, &started()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Full(_)), "{refused:?}");
    assert!(journal.runs(10).await.unwrap().is_empty());
    assert!(rows(&path, "SELECT hash FROM playbooks").await.is_empty());
    // What fits is begun.
    journal.begin(crate::id(1), "source", &started()).await.unwrap();
}
