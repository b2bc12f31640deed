//! What a journal tells whoever counts its commits.

use crate::{folder, id, noise, skipped, started};
use riposte_engine::{Event, EventBody, Store, StoreError};
use riposte_journal::{Commit, Journal, Meter};
use serde_json::Value;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// How many requests and events each commit had, and whether it found no room.
#[derive(Default)]
struct Commits(Mutex<Vec<(usize, usize, bool)>>);

impl Meter for Commits {
    fn committed(&self, commit: &Commit<'_>) {
        let full = matches!(commit.failed, Some(StoreError::Full(_)));
        self.0.lock().unwrap().push((commit.requests, commit.events, full));
    }
}

fn metered(journal: &Journal) -> Arc<Commits> {
    let commits = Arc::new(Commits::default());
    journal.metered_by(commits.clone());
    commits
}

#[tokio::test]
async fn each_commit_is_told_with_its_requests_and_events() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    let commits = metered(&journal);
    journal.begin(id(1), "source", &started()).await.unwrap();
    journal.append(id(1), &[skipped(2), skipped(3)]).await.unwrap();
    journal.begin_child(id(1), &[skipped(4)], id(2), "source", &started()).await.unwrap();
    assert_eq!(*commits.0.lock().unwrap(), [(1, 1, false), (1, 2, false), (1, 2, false)]);
    // Reading writes nothing.
    journal.events(id(1)).await.unwrap();
    assert_eq!(commits.0.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn requests_that_share_a_commit_are_told_together() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    let commits = metered(&journal);
    let all = (1..=50).map(|run| {
        let journal = &journal;
        async move { journal.begin(id(run), "source", &started()).await.unwrap() }
    });
    futures_util::future::join_all(all).await;
    let commits = commits.0.lock().unwrap();
    assert!(commits.len() < 50, "{commits:?}");
    assert_eq!(commits.iter().map(|(requests, ..)| requests).sum::<usize>(), 50);
    assert_eq!(commits.iter().map(|(_, events, _)| events).sum::<usize>(), 50);
}

#[tokio::test]
async fn a_commit_that_finds_no_room_is_told_as_that() {
    let (_folder, path) = folder();
    full(&path).await;
    let journal = Journal::open_limited(&path, 1).await.unwrap();
    let commits = metered(&journal);
    let large = Value::String(noise(1 << 16));
    let body = EventBody::LoopStarted { step: riposte_model::StepPath::root("s"), items: vec![large] };
    journal.own(id(1)).await.unwrap();
    let event = Event { body, ..skipped(2) };
    assert!(journal.append(id(1), &[event]).await.is_err());
    assert_eq!(commits.0.lock().unwrap().last().map(|(.., full)| *full), Some(true));
}

/// A journal with one run that nobody drives.
async fn full(path: &Path) {
    let journal = Journal::open(path).await.unwrap();
    journal.begin(id(1), "source", &started()).await.unwrap();
    journal.close().await;
}
