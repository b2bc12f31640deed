//! What is pruned, and what stays.

use crate::{before, finished, folder, id, noise, rows, skipped, started};
use riposte_engine::{Event, EventBody, Store};
use riposte_journal::{Journal, Prune, Pruned};
use riposte_model::{SourceHash, StepPath, Timestamp};
use std::path::Path;
use std::sync::Arc;

fn of(source: &str) -> Event {
    let mut event = started();
    if let EventBody::RunStarted(started) = &mut event.body {
        Arc::make_mut(started).source = SourceHash::of(source);
    }
    event
}

/// Runs 1 and 2 are over (at 100 and 200), 3 is not; 4 has called 5 which has called 6, all over at 300; 7 has called 8,
/// which is over, and is not over itself.
async fn journal(path: &Path) -> Journal {
    let journal = Journal::open(path).await.unwrap();
    journal.begin(id(1), "old", &of("old")).await.unwrap();
    journal.append(id(1), &[finished(2, 100)]).await.unwrap();
    journal.begin(id(2), "source", &of("source")).await.unwrap();
    journal.append(id(2), &[skipped(2), finished(3, 200)]).await.unwrap();
    journal.begin(id(3), "source", &of("source")).await.unwrap();
    journal.begin(id(4), "outer", &of("outer")).await.unwrap();
    journal.begin_child(id(4), &[skipped(2)], id(5), "source", &of("source")).await.unwrap();
    journal.begin_child(id(5), &[skipped(2)], id(6), "inner", &of("inner")).await.unwrap();
    journal.append(id(6), &[finished(2, 300)]).await.unwrap();
    journal.append(id(5), &[finished(3, 300)]).await.unwrap();
    journal.append(id(4), &[finished(3, 300)]).await.unwrap();
    journal.begin(id(7), "outer", &of("outer")).await.unwrap();
    journal.begin_child(id(7), &[skipped(2)], id(8), "source", &of("source")).await.unwrap();
    journal.append(id(8), &[finished(2, 10)]).await.unwrap();
    journal
}

async fn left(journal: &Journal) -> Vec<u128> {
    let mut left: Vec<u128> = Vec::new();
    for number in 1..=8 {
        if journal.events(id(number)).await.is_ok() {
            left.push(number);
        }
    }
    left
}

/// Counts, prunes, and compares the two.
async fn prune(path: &Path, moment: i64, keep: u32) -> (Pruned, Vec<u128>) {
    let journal = journal(path).await;
    let all = left(&journal).await;
    let prune = Prune { keep, dry_run: true, ..before(Timestamp::from_millis(moment)) };
    let told = prune.carry_out(path).await.unwrap();
    assert_eq!(left(&journal).await, all, "counting deletes nothing");
    let done = Prune { dry_run: false, ..prune }.carry_out(path).await.unwrap();
    assert_eq!(Pruned { bytes_in_use: done.bytes_in_use, ..told }, done);
    let done = Pruned { bytes_in_use: 0, ..done };
    // Whoever has the journal open goes on.
    journal.append(id(3), &[skipped(2)]).await.unwrap();
    assert_eq!(rows(path, "PRAGMA integrity_check").await, ["ok"]);
    assert!(rows(path, "PRAGMA foreign_key_check").await.is_empty());
    (done, left(&journal).await)
}

#[tokio::test]
async fn what_was_over_before_the_moment_goes_with_all_that_it_called() {
    let (_folder, path) = folder();
    let (done, left) = prune(&path, 301, 0).await;
    assert_eq!(left, [3, 7, 8], "what is not over stays, and what it has called");
    assert_eq!(done, Pruned { runs: 5, events: 13, playbooks: 2, bytes_in_use: 0 });
    let mut kept = rows(&path, "SELECT source FROM playbooks").await;
    kept.sort();
    assert_eq!(kept, ["outer", "source"]);
}

#[tokio::test]
async fn what_was_over_at_the_moment_or_later_stays() {
    let (_folder, path) = folder();
    let (done, left) = prune(&path, 200, 0).await;
    assert_eq!((done.runs, left.as_slice()), (1, &[2, 3, 4, 5, 6, 7, 8][..]));
}

#[tokio::test]
async fn the_newest_stay_however_old_they_are() {
    let (_folder, path) = folder();
    let (done, left) = prune(&path, 1000, 1).await;
    assert_eq!((done.runs, left.as_slice()), (2, &[3, 4, 5, 6, 7, 8][..]));
    let (_folder, path) = folder();
    let (done, _) = prune(&path, 1000, 4).await;
    assert_eq!(done, Pruned::default());
}

#[tokio::test]
async fn more_than_one_step_takes_goes_too() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    for number in 0..450 {
        journal.begin(id(number), "source", &of("source")).await.unwrap();
        let events = if number == 7 { 2500 } else { 2 };
        let skips: Vec<Event> = (2..events).map(skipped).collect();
        journal.append(id(number), &skips).await.unwrap();
        journal.append(id(number), &[finished(events, 100)]).await.unwrap();
    }
    let prune = Prune { dry_run: true, ..before(Timestamp::from_millis(101)) };
    let expected = Pruned { runs: 450, events: 449 * 2 + 2500, playbooks: 1, bytes_in_use: 0 };
    let told = prune.carry_out(&path).await.unwrap();
    let done = Prune { dry_run: false, ..prune }.carry_out(&path).await.unwrap();
    assert!(done.bytes_in_use < told.bytes_in_use / 2, "{done:?} {told:?}");
    assert_eq!([told, done].map(|pruned| Pruned { bytes_in_use: 0, ..pruned }), [expected; 2]);
    assert!(journal.runs(1).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_ended_first_goes_until_the_rest_is_small_enough() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    let large = |seq, text: String| Event {
        seq,
        at: Timestamp::from_millis(2),
        body: EventBody::StepSucceeded { step: StepPath::root("s"), output: text.into() },
    };
    // Those that began first end last, and the very first not at all.
    for number in 0..400 {
        journal.begin(id(number), "source", &of("source")).await.unwrap();
    }
    for number in (1..400).rev() {
        let end = finished(3, 1000 - i64::try_from(number).unwrap());
        journal.append(id(number), &[large(2, noise(4000)), end]).await.unwrap();
    }
    let all = Prune { finished_before: None, ..before(Timestamp::from_millis(0)) };
    let untouched = all.carry_out(&path).await.unwrap();
    assert_eq!(untouched, Pruned { bytes_in_use: untouched.bytes_in_use, ..Pruned::default() });
    assert!(untouched.bytes_in_use > 1_600_000, "{untouched:?}");

    let half = Prune { size: Some(1_200_000), ..all };
    let told = Prune { dry_run: true, ..half }.carry_out(&path).await.unwrap();
    assert_eq!(told, untouched, "counting deletes nothing");
    let done = half.carry_out(&path).await.unwrap();
    assert!(done.bytes_in_use <= 1_200_000 && (200..400).contains(&done.runs), "{done:?}");
    let rest = journal.runs(1000).await.unwrap();
    assert_eq!(rest.len() as u64, 400 - done.runs);
    assert!(rest.iter().enumerate().all(|(number, run)| run.id == id((rest.len() - 1 - number) as u128)));
    assert_eq!(half.carry_out(&path).await.unwrap().runs, 0, "there is room now");
    // The room is used again, and what was to be kept is.
    journal.close().await;
    let size = std::fs::metadata(&path).unwrap().len();
    let journal = Journal::open(&path).await.unwrap();
    journal.own(id(0)).await.unwrap();
    journal.append(id(0), &[large(2, noise(100_000))]).await.unwrap();
    let none = Prune { size: Some(1), keep: 5, ..all };
    let done = none.carry_out(&path).await.unwrap();
    assert_eq!(done.runs, rest.len() as u64 - 6);
    assert!(done.bytes_in_use > 1, "what is not over stays, however much it is");
    journal.close().await;
    assert!(std::fs::metadata(&path).unwrap().len() <= size);
}
