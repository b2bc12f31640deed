//! Nobody drives what somebody else drives.

use crate::{finished, folder, id, retried, skipped, sql, started};
use proptest::prelude::*;
use riposte_engine::{Store, StoreError};
use riposte_journal::Journal;
use std::path::Path;

#[tokio::test]
async fn a_run_is_its_owners_until_that_one_goes() {
    let (_folder, path) = folder();
    let (one, other) = (Journal::open(&path).await.unwrap(), Journal::open(&path).await.unwrap());
    one.begin(id(1), "source", &started()).await.unwrap();
    let refused = other.own(id(1)).await.unwrap_err();
    let expected = format!("run {} is driven by the process {}", id(1), std::process::id());
    assert_eq!(refused.to_string(), expected);
    let refused = other.append(id(1), &[skipped(2)]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Driven { .. }), "{refused:?}");
    one.append(id(1), &[skipped(2)]).await.unwrap();

    one.close().await;
    // Nobody writes what they have not taken, because they may not have seen what was written last.
    assert!(other.append(id(1), &[skipped(3)]).await.is_err());
    other.own(id(1)).await.unwrap();
    other.append(id(1), &[skipped(3)]).await.unwrap();
    assert_eq!(other.events(id(1)).await.unwrap().len(), 3);
    other.close().await;
    assert_eq!(std::fs::read_dir(path.with_file_name("locks")).unwrap().count(), 0);
}

#[tokio::test]
async fn what_a_run_has_called_goes_with_it() {
    let (_folder, path) = folder();
    let (one, other) = (Journal::open(&path).await.unwrap(), Journal::open(&path).await.unwrap());
    one.begin(id(1), "source", &started()).await.unwrap();
    one.begin_child(id(1), &[skipped(2)], id(2), "source", &started()).await.unwrap();
    one.begin_child(id(2), &[skipped(2)], id(3), "source", &started()).await.unwrap();
    assert!(other.own(id(3)).await.is_err());
    one.close().await;
    other.own(id(1)).await.unwrap();
    other.append(id(3), &[skipped(2)]).await.unwrap();
    other.append(id(2), &[skipped(3)]).await.unwrap();
    other.begin_child(id(3), &[skipped(3)], id(4), "source", &started()).await.unwrap();
    other.append(id(4), &[finished(2, 9)]).await.unwrap();
}

#[tokio::test]
async fn of_many_that_want_what_is_left_exactly_one_gets_it() {
    let (_folder, path) = folder();
    let dead = Journal::open(&path).await.unwrap();
    dead.begin(id(1), "source", &started()).await.unwrap();
    dead.close().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let journal = Journal::open(&path).await.unwrap();
        tasks.spawn(async move { (journal.own(id(1)).await.is_ok(), journal) });
    }
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        all.push(done.unwrap());
    }
    assert_eq!(all.iter().filter(|(got, _)| *got).count(), 1);
}

#[tokio::test]
async fn what_a_journal_remembers_of_a_run_does_not_count_against_what_is_written() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    journal.begin(id(1), "source", &started()).await.unwrap();
    journal.append(id(1), &[skipped(2)]).await.unwrap();
    // Nobody does that while the owner lives; but if anybody did, it would not be written over.
    let theirs = "INSERT INTO events (run, seq, at_ms, kind, step, payload)
                      SELECT run, 3, at_ms, kind, step, payload FROM events WHERE seq = 2";
    sql(&path, theirs).await;
    let refused = journal.append(id(1), &[skipped(3)]).await.unwrap_err();
    assert!(matches!(refused, StoreError::OutOfOrder(_)), "{refused:?}");
    journal.append(id(1), &[skipped(4)]).await.unwrap();
    // A mistake of this journal's own costs it nothing.
    assert!(matches!(journal.append(id(1), &[skipped(4)]).await, Err(StoreError::OutOfOrder(_))));
    sql(&path, "DELETE FROM events WHERE seq = 4").await;
    journal.append(id(1), &[skipped(4)]).await.unwrap();
    sql(&path, "DELETE FROM events; DELETE FROM runs").await;
    let refused = journal.append(id(1), &[skipped(5)]).await.unwrap_err();
    assert!(matches!(refused, StoreError::NotFound(_)), "{refused:?}");
}

#[tokio::test]
async fn a_run_that_was_taken_over_is_no_longer_written_to() {
    let (_folder, path) = folder();
    let (one, other) = (Journal::open(&path).await.unwrap(), Journal::open(&path).await.unwrap());
    one.begin(id(1), "source", &started()).await.unwrap();
    one.append(id(1), &[skipped(2)]).await.unwrap();
    one.begin_child(id(1), &[skipped(3)], id(2), "source", &started()).await.unwrap();
    one.append_all(&[(id(1), &[skipped(4)]), (id(2), &[skipped(2)])]).await.unwrap();
    // Somebody has tidied up the locks of the living.
    std::fs::remove_dir_all(path.with_file_name("locks")).unwrap();
    other.own(id(1)).await.unwrap();
    for (run, seq) in [(1, 5), (2, 3)] {
        let refused = one.append(id(run), &[skipped(seq)]).await.unwrap_err();
        assert!(matches!(refused, StoreError::Driven { .. }), "{refused:?}");
        other.append(id(run), &[skipped(seq)]).await.unwrap();
    }
}

#[tokio::test]
async fn a_run_goes_on_after_whatever_its_owner_did_to_it() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    journal.begin(id(1), "source", &started()).await.unwrap();
    journal.append(id(1), &[skipped(2), finished(3, 9)]).await.unwrap();
    journal.own(id(1)).await.unwrap();
    journal.append(id(1), &[retried(4)]).await.unwrap();
    journal.append_all(&[(id(1), &[skipped(5)])]).await.unwrap();
    journal.begin_child(id(1), &[skipped(6)], id(2), "source", &started()).await.unwrap();
    journal.append_all(&[(id(1), &[skipped(7)]), (id(2), &[finished(2, 9)])]).await.unwrap();
    journal.append(id(1), &[skipped(8)]).await.unwrap();
    assert_eq!(journal.events(id(1)).await.unwrap().len(), 8);
}

/// What somebody does to the one run there is.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Open(usize),
    Close(usize),
    Own(usize),
    Append(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    (0..4_usize, 0..3_usize).prop_map(|(what, who)| match what {
        0 => Deed::Open(who),
        1 => Deed::Close(who),
        2 => Deed::Own(who),
        _ => Deed::Append(who),
    })
}

/// Does it all, and compares each answer with what one owner at a time means.
async fn play(path: &Path, deeds: &[Deed]) {
    let mut journals = [const { None::<Journal> }; 3];
    journals[0] = Some(Journal::open(path).await.unwrap());
    journals[0].as_ref().unwrap().begin(id(1), "source", &started()).await.unwrap();
    let mut owner = Some(0);
    let mut events = 1;
    for deed in deeds {
        match *deed {
            Deed::Open(who) if journals[who].is_none() => {
                journals[who] = Some(Journal::open(path).await.unwrap());
            }
            Deed::Close(who) => {
                if let Some(journal) = journals[who].take() {
                    journal.close().await;
                    owner = owner.filter(|owner| *owner != who);
                }
            }
            Deed::Own(who) => {
                if let Some(journal) = &journals[who] {
                    let may = owner.is_none_or(|owner| owner == who);
                    assert_eq!(journal.own(id(1)).await.is_ok(), may, "{deed:?}");
                    owner = if may { Some(who) } else { owner };
                }
            }
            Deed::Append(who) => {
                if let Some(journal) = &journals[who] {
                    let done = journal.append(id(1), &[skipped(events + 1)]).await.is_ok();
                    assert_eq!(done, owner == Some(who), "{deed:?}");
                    events += u64::from(done);
                }
            }
            Deed::Open(_) => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_they_do_one_at_a_time_writes(deeds in prop::collection::vec(deed(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (_folder, path) = folder();
        runtime.block_on(play(&path, &deeds));
    }
}
