//! The same with a journal on a real disk, whose threads no paused clock waits for: time stands until the test moves it.

use crate::stage::{Quiet, host, planned, quick, read};
use async_trait::async_trait;
use riposte_engine::{Clock, HostStore};
use riposte_executor::Connections;
use riposte_journal::Journal;
use riposte_model::Timestamp;
use riposte_server::schedule::Scheduler;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Shows what it was set to.
struct Hand(watch::Sender<Timestamp>);

#[async_trait]
impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    async fn sleep_until(&self, at: Timestamp) {
        let _ = self.0.subscribe().wait_for(|now| *now >= at).await;
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::try_from(format!("2026-05-01T{text}Z")).unwrap()
}

/// Waits until a schedule's times are dealt with up to this one.
async fn dealt_with(journal: &Journal, until: Timestamp) {
    let wait = async {
        while journal.schedules().await.unwrap().first().is_none_or(|note| note.until != until) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("the times are dealt with");
}

#[tokio::test]
async fn ten_processes_with_one_journal_lose_none_and_double_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let playbooks = read(&[&quick("schedule: '*/10 * * * *', missed: once, overlap: allow")]);
    let clock = Arc::new(Hand(watch::Sender::new(at("00:05:00"))));
    let mut expected = Vec::new();
    for number in 0..10_i64 {
        let journal = Arc::new(Journal::open_for_daemon(&path).await.unwrap());
        let before = journal.schedules().await.unwrap();
        let host = host(journal.clone(), clock.clone(), Connections::new(), Arc::new(Quiet)).await;
        let scheduler =
            Scheduler::start(host.clone(), journal.clone(), clock.clone(), playbooks.clone()).await.unwrap();
        if before.is_empty() {
            dealt_with(&journal, at("00:05:00")).await;
        }
        let fire = Timestamp::from_millis(at("00:10:00").as_millis() + number * 600_000);
        // On time, somewhat late, and so late that it was missed.
        let late = [0, 1, 59_999, 60_000, 599_999][usize::try_from(number).unwrap() % 5];
        clock.0.send_replace(Timestamp::from_millis(fire.as_millis() + late));
        dealt_with(&journal, fire).await;
        expected.push(fire.to_string());
        if number % 2 == 1 {
            scheduler.close().await;
            host.close().await;
            // As if it had died between the run and the note.
            journal.note_schedules(&before, &[]).await.unwrap();
        } else {
            drop(scheduler);
            host.crash();
        }
        journal.close().await;
    }
    let journal = Journal::open_to_read(&path).await.unwrap();
    let begun = planned(&journal).await;
    let begun: Vec<String> =
        begun.into_iter().map(|(planned, _)| format!("2026-{}", planned.replace('Z', ".000Z"))).collect();
    assert_eq!(begun, expected);
}
