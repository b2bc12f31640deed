//! What verifying finds.

use crate::{finished, folder, id, skipped, sql, started};
use riposte_engine::{Store, StoreError};
use riposte_journal::{Journal, Quick, Verified};
use std::path::Path;

const PAGE: usize = 4096;

/// What is found, with nothing followed through the engine.
async fn verify(path: &Path) -> Result<(Verified, Vec<String>), StoreError> {
    let journal = Journal::open_to_read(path).await?;
    let mut problems = Vec::new();
    let load = |_: &str, _: &str| Err("not here".to_owned());
    let verified = journal.verify(&load, &mut |problem| problems.push(problem.what)).await?;
    journal.close().await;
    problems.retain(|problem| !problem.ends_with("not here"));
    Ok((verified, problems))
}

async fn journal(path: &Path) {
    let journal = Journal::open(path).await.unwrap();
    for number in 0..30 {
        journal.begin(id(number), "source", &started()).await.unwrap();
        let skips: Vec<_> = (2..20).map(skipped).collect();
        journal.append(id(number), &skips).await.unwrap();
        if number > 3 {
            journal.append(id(number), &[finished(20, 100)]).await.unwrap();
        }
    }
    journal.close().await;
}

#[tokio::test]
async fn every_page_that_is_overwritten_is_found() {
    let (_folder, path) = folder();
    journal(&path).await;
    let whole = std::fs::read(&path).unwrap();
    assert!(verify(&path).await.unwrap().1.is_empty());
    let pages = whole.len() / PAGE;
    assert!(pages > 20, "{pages}");
    let mut told = 0;
    for page in 0..pages {
        let mut bytes = whole.clone();
        let begin = if page == 0 { 100 } else { page * PAGE };
        bytes[begin..(page + 1) * PAGE].fill(0xa5);
        std::fs::write(&path, &bytes).unwrap();
        match verify(&path).await {
            // What says which tables there are cannot be read.
            Err(StoreError::Damaged(_)) => {}
            Err(other) => panic!("page {}: {other:?}", page + 1),
            Ok((_, problems)) => {
                let named = problems.iter().any(|problem| problem.contains(&format!("page {}", page + 1)));
                assert!(named, "page {}: {problems:?}", page + 1);
                told += 1;
            }
        }
    }
    assert!(told > pages - 6, "{told} of {pages}");
}

#[tokio::test]
async fn events_on_other_pages_are_read_all_the_same() {
    let (_folder, path) = folder();
    journal(&path).await;
    let mut bytes = std::fs::read(&path).unwrap();
    // The page with the last event.
    let at = bytes.windows(12).rposition(|window| window == b"run_finished").unwrap() / PAGE * PAGE;
    bytes[at..at + PAGE].fill(0);
    std::fs::write(&path, bytes).unwrap();
    let (verified, problems) = verify(&path).await.unwrap();
    assert_eq!(verified.runs, 30);
    assert!((480..596).contains(&verified.events), "{verified:?}");
    assert!(problems.iter().any(|problem| problem.starts_with("it cannot be read")), "{problems:?}");
}

#[tokio::test]
async fn a_run_that_stands_with_the_wrong_one_is_named() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    journal.begin(id(1), "source", &started()).await.unwrap();
    journal.begin(id(2), "source", &started()).await.unwrap();
    journal.close().await;
    sql(&path, "UPDATE runs SET root = 1 WHERE run = 2").await;
    let (_, problems) = verify(&path).await.unwrap();
    assert_eq!(problems, ["`runs.root` says otherwise than the events, where it was called by nobody"]);
}

/// What is found after this was done to a run that has started, skipped its step `s2`, and finished.
async fn damaged(statement: &str) -> Vec<String> {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    journal.begin(id(1), "source", &started()).await.unwrap();
    journal.append(id(1), &[skipped(2), finished(3, 100)]).await.unwrap();
    journal.close().await;
    assert!(verify(&path).await.unwrap().1.is_empty());
    sql(&path, &format!("DROP TRIGGER events_are_immutable; {statement}")).await;
    verify(&path).await.unwrap().1
}

#[tokio::test]
async fn a_kind_or_step_that_only_the_column_says_is_found_where_it_is_damaged() {
    let unknown = damaged("UPDATE events SET kind = 'step_skippee' WHERE seq = 2").await;
    assert_eq!(unknown.len(), 1, "{unknown:?}");
    let says = "its `kind` says step_skippee and its `step` step `s2`, and with them its payload is none of an event: \
                unknown variant `step_skippee`, expected one of `run_started`, `step_skipped`, ";
    assert!(unknown[0].starts_with(says), "{unknown:?}");
    for (set, seq, found) in [
        (
            "kind = 'timer_set'",
            2,
            "its `kind` says timer_set and its `step` step `s2`, and with them its payload is none of an event: \
             missing field `fire_at`",
        ),
        (
            "step = NULL",
            2,
            "its `kind` says step_skipped and its `step` no step, and with them its payload is none of an event: \
             missing field `step`",
        ),
        (
            "step = 's3'",
            3,
            "its `kind` says run_finished and its `step` step `s3`, and no event of that kind is about a step",
        ),
        (
            "kind = 'cancel_requested', payload = json_object('by', 'x')",
            2,
            "its `kind` says cancel_requested and its `step` step `s2`, and no event of that kind is about a step",
        ),
    ] {
        assert_eq!(damaged(&format!("UPDATE events SET {set} WHERE seq = {seq}")).await, [found]);
    }
}

#[tokio::test]
async fn a_payload_that_says_its_kind_and_step_and_contradicts_its_columns_is_named() {
    for (kind, step, found) in [
        ("step_skipped", "s3", "its `step` says step `s2`, and its payload step `s3`"),
        ("timer_fired", "s2", "its `kind` says step_skipped, and its payload timer_fired"),
    ] {
        let payload = format!("json_object('kind', '{kind}', 'step', '{step}')");
        let statement = format!("UPDATE events SET payload = {payload} WHERE seq = 2");
        assert_eq!(damaged(&statement).await, [found]);
    }
    let missing =
        "UPDATE events SET step = NULL, payload = json_object('kind', kind, 'step', step) WHERE seq = 2";
    assert_eq!(damaged(missing).await, ["its `step` says no step, and its payload step `s2`"]);
}

#[tokio::test]
async fn a_quick_look_finds_a_page_that_is_overwritten_or_ends_in_time() {
    let (_folder, path) = folder();
    journal(&path).await;
    let quick = async |longest| {
        let journal = Journal::open_to_read(&path).await.unwrap();
        let found = journal.quick_check(longest).await.unwrap();
        journal.close().await;
        found
    };
    let long = std::time::Duration::from_secs(60);
    assert_eq!(quick(long).await, Quick::Sound);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(12).rposition(|window| window == b"run_finished").unwrap() / PAGE * PAGE;
    bytes[at..at + PAGE].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let found = quick(long).await;
    assert!(matches!(found, Quick::Damaged(_)), "{found:?}");
}

#[tokio::test]
async fn a_schedule_that_cannot_be_is_named() {
    let (_folder, path) = folder();
    journal(&path).await;
    for (source, waiting) in [
        ("schedule sweep 0 3 * * * UTC", "[1, 2]"),
        ("schedule sweep 0 4 * * * UTC", "[2, 1]"),
        ("schedule sweep 0 5 * * * UTC", "{}"),
        ("schedule", "[]"),
        ("webhook a b", "[]"),
    ] {
        sql(&path, &format!("INSERT INTO schedules VALUES ('{source}', 1, '{waiting}')")).await;
    }
    let (_, problems) = verify(&path).await.unwrap();
    assert_eq!(
        problems,
        [
            "`schedules` knows \"schedule\", which is no schedule of a playbook",
            "what waits for \"schedule sweep 0 4 * * * UTC\" is not in the order of time",
            "what waits for \"schedule sweep 0 5 * * * UTC\" is no list of times",
            "`schedules` knows \"webhook a b\", which is no schedule of a playbook",
        ]
    );
}
