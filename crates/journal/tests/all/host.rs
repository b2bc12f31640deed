//! What a host keeps, on a real file.

use crate::{before, finished, folder, id, noise, retried, rows, skipped, sql, started};
use riposte_engine::{
    Beginning, Begun, Delivery, EventBody, HostStore, Parked, RunQuery, StopOrder, Store, StoreError, Waits,
};
use riposte_journal::{Journal, Prune};
use riposte_model::{RunId, SourceHash, Timestamp};
use std::error::Error;
use std::sync::Arc;

fn delivery(key: &str, since: i64) -> Delivery {
    Delivery { source: "hook".to_owned(), key: key.to_owned(), since: Timestamp::from_millis(since) }
}

fn beginning(run: RunId, source: &str, delivery: Option<Delivery>) -> Beginning {
    let mut first = started();
    if let EventBody::RunStarted(started) = &mut first.body {
        Arc::make_mut(started).source = SourceHash::of(source);
    }
    Beginning::new(run, source.into(), first, delivery)
}

fn order(cancel: bool, by: &str) -> StopOrder {
    StopOrder { playbook: None, cancel, by: by.to_owned(), at: Timestamp::from_millis(5) }
}

async fn left(journal: &Journal) -> Vec<(RunId, bool, Option<String>)> {
    let left = journal.left(None, 100).await.unwrap();
    left.into_iter().map(|left| (left.id, left.waits.is_some(), left.stopped_by)).collect()
}

#[tokio::test]
async fn there_is_one_daemon_and_the_next_one_has_its_runs() {
    let (_folder, path) = folder();
    let daemon = Journal::open_for_daemon(&path).await.unwrap();
    let refused = Journal::open_for_daemon(&path).await.err().unwrap();
    assert!(matches!(refused, StoreError::Busy(_)), "{refused:?}");
    let why = refused.source().unwrap().to_string();
    assert_eq!(why, format!("the process {} already serves it; there can be one daemon", std::process::id()));

    // Others run beside it, and come and go.
    let foreground = Journal::open(&path).await.unwrap();
    foreground.begin(id(1), "source", &started()).await.unwrap();
    daemon.begin(id(2), "source", &started()).await.unwrap();
    daemon.own_left().await.unwrap();
    assert_eq!(left(&daemon).await, [(id(2), false, None)], "the living keep theirs");
    assert_eq!(left(&foreground).await, [(id(1), false, None)]);
    assert!(matches!(foreground.own(id(2)).await, Err(StoreError::Driven { .. })), "the daemon lives too");
    foreground.own_left().await.unwrap();
    foreground.close().await;
    daemon.own_left().await.unwrap();
    assert_eq!(left(&daemon).await, [(id(1), false, None), (id(2), false, None)]);
    daemon.append(id(1), &[skipped(2)]).await.unwrap();

    daemon.close().await;
    let next = Journal::open_for_daemon(&path).await.unwrap();
    assert_eq!(left(&next).await.len(), 2, "without a word being written");
    next.append(id(1), &[skipped(3)]).await.unwrap();
    next.close().await;
    let foreground = Journal::open(&path).await.unwrap();
    foreground.own(id(1)).await.unwrap();
}

#[tokio::test]
async fn what_is_kept_is_there_after_reopening() {
    let (_folder, path) = folder();
    let journal = Journal::open_for_daemon(&path).await.unwrap();
    let begun = journal.begin_delivered(&[beginning(id(1), "source", Some(delivery("k", 0)))]).await.unwrap();
    assert_eq!(begun, [Begun::New]);
    journal.park(&[Parked { run: id(1), waits: Waits::default() }]).await.unwrap();
    journal.stop(&order(true, "anna")).await.unwrap();
    journal.close().await;
    let journal = Journal::open_for_daemon(&path).await.unwrap();
    assert_eq!(left(&journal).await, [(id(1), true, Some("anna".to_owned()))]);
    assert_eq!(journal.stops().await.unwrap(), [order(true, "anna")]);
    let again = journal.begin_delivered(&[beginning(id(2), "source", Some(delivery("k", 0)))]).await.unwrap();
    assert_eq!(again, [Begun::Already(id(1))]);
    journal.append(id(1), &[finished(2, 9)]).await.unwrap();
    assert!(rows(&path, "SELECT run FROM parked").await.is_empty(), "what is over waits for nothing");
}

/// Requests that come at once share transactions and statements; each is still judged for itself, in its place.
#[tokio::test]
async fn of_a_storm_of_one_delivery_one_run_begins() {
    let (_folder, path) = folder();
    let journal = std::sync::Arc::new(Journal::open(&path).await.unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..40 {
        let journal = journal.clone();
        tasks.spawn(async move {
            let begun = [
                beginning(id(2 * number), "source", Some(delivery("same", 0))),
                beginning(id(2 * number + 1), "source", Some(delivery(&number.to_string(), 0))),
            ];
            let begun = journal.begin_delivered(&begun).await.unwrap();
            assert_eq!(begun[1], Begun::New);
            begun[0]
        });
    }
    let begun = tasks.join_all().await;
    let new: Vec<_> = begun.iter().filter(|begun| **begun == Begun::New).collect();
    assert_eq!(new.len(), 1);
    let first = journal.delivered(&delivery("same", 0)).await.unwrap().unwrap();
    assert!(begun.iter().all(|begun| matches!(begun, Begun::New) || *begun == Begun::Already(first)));
    assert_eq!(journal.runs(100).await.unwrap().len(), 41);
    assert_eq!(journal.events(first).await.unwrap().len(), 1);
}

#[tokio::test]
async fn appends_that_come_at_once_are_judged_in_their_order() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    journal
        .begin_delivered(&[beginning(id(1), "source", None), beginning(id(2), "source", None)])
        .await
        .unwrap();
    let (one, two) = (|seq| (id(1), vec![skipped(seq)]), |seq| (id(2), vec![skipped(seq)]));
    let append = |parts: Vec<(RunId, Vec<riposte_engine::Event>)>| {
        let journal = &journal;
        async move {
            let parts: Vec<_> = parts.iter().map(|(run, events)| (*run, events.as_slice())).collect();
            journal.append_all(&parts).await
        }
    };
    // Sent in this order before any of them is answered.
    let (a, b, c, d, e, f) = tokio::join!(
        append(vec![one(2), two(2)]),
        append(vec![one(3), two(9)]),
        append(vec![one(3)]),
        append(vec![(id(7), vec![skipped(1)])]),
        append(vec![(id(1), vec![skipped(4), finished(5, 7), retried(6)]), two(3)]),
        append(vec![one(7)]),
    );
    assert!(a.is_ok() && c.is_ok() && e.is_ok() && f.is_ok(), "{a:?} {c:?} {e:?} {f:?}");
    assert!(matches!(b, Err(StoreError::OutOfOrder(run)) if run == id(2)), "{b:?}");
    assert!(matches!(d, Err(StoreError::NotFound(_))), "{d:?}");
    assert_eq!(
        rows(&path, "SELECT group_concat(seq) FROM events GROUP BY run ORDER BY run").await,
        ["1,2,3,4,5,6,7", "1,2,3"]
    );
    let stands =
        "SELECT status || ' ' || turned_seq || ' ' || coalesce(finished_ms, '-') FROM runs ORDER BY run";
    assert_eq!(rows(&path, stands).await, ["running 6 -", "running 1 -"]);
}

#[tokio::test]
async fn a_full_disk_keeps_no_half_of_what_a_host_writes_and_work_goes_on_with_room() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    journal.begin(id(1), "source", &started()).await.unwrap();
    journal.close().await;
    let journal = Journal::open_limited(&path, 1).await.unwrap();
    journal.own_left().await.unwrap();
    let large = noise(1 << 16);
    let full = |error: StoreError| assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    let batch = [beginning(id(2), "source", Some(delivery("a", 0))), beginning(id(3), &large, None)];
    full(journal.begin_delivered(&batch).await.unwrap_err());
    full(
        journal.begin_delivered(&[beginning(id(2), "source", Some(delivery(&large, 0)))]).await.unwrap_err(),
    );
    full(journal.stop(&order(true, &large)).await.unwrap_err());
    let follows = vec![riposte_engine::Follow {
        connection: large.clone(),
        provider_id: "x".to_owned(),
        since: Timestamp::from_millis(1),
    }];
    let waits = Waits { follows, ..Waits::default() };
    full(journal.park(&[Parked { run: id(1), waits }]).await.unwrap_err());

    assert_eq!(journal.runs(10).await.unwrap().len(), 1);
    assert_eq!(journal.delivered(&delivery("a", 0)).await.unwrap(), None);
    assert!(journal.stops().await.unwrap().is_empty());
    assert_eq!(left(&journal).await, [(id(1), false, None)]);
    assert_eq!(rows(&path, "SELECT count(*) || '' FROM playbooks").await, ["1"]);
    // What fits is written, by the same journal.
    assert_eq!(journal.begin_delivered(&batch[..1]).await.unwrap(), [Begun::New]);
    journal.stop(&order(true, "anna")).await.unwrap();
    journal.park(&[Parked { run: id(2), waits: Waits::default() }]).await.unwrap();
    let stopped = Some("anna".to_owned());
    assert_eq!(left(&journal).await, [(id(1), false, stopped.clone()), (id(2), true, stopped)]);
}

#[tokio::test]
async fn a_delivery_outlives_its_run_as_long_as_it_counts() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    // It begins at 1, and counted for 10 then.
    journal.begin_delivered(&[beginning(id(1), "source", Some(delivery("k", -9)))]).await.unwrap();
    journal.append(id(1), &[finished(2, 3)]).await.unwrap();
    let prune = Prune { now: Timestamp::from_millis(11), ..before(Timestamp::from_millis(4)) };
    assert_eq!(prune.carry_out(&path).await.unwrap().runs, 1);
    let again = [beginning(id(2), "source", Some(delivery("k", 1)))];
    assert_eq!(journal.begin_delivered(&again).await.unwrap(), [Begun::Already(id(1))]);
    let load = |_: &str, _: &str| Err("not here".to_owned());
    let verified = journal.verify(&load, &mut |problem| panic!("{problem:?}")).await.unwrap();
    assert_eq!(verified.problems, 0);
    Prune { now: Timestamp::from_millis(12), ..prune }.carry_out(&path).await.unwrap();
    assert_eq!(journal.begin_delivered(&again).await.unwrap(), [Begun::New]);
}

#[tokio::test]
async fn a_stop_never_covers_a_run_that_began_later_whatever_was_pruned() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    journal.begin(id(1), "source", &started()).await.unwrap();
    journal.begin(id(2), "source", &started()).await.unwrap();
    journal.stop(&order(true, "anna")).await.unwrap();
    journal.append(id(2), &[finished(2, 3)]).await.unwrap();
    journal.lift(None, Timestamp::from_millis(6)).await.unwrap();
    before(Timestamp::from_millis(i64::MAX)).carry_out(&path).await.unwrap();
    assert_eq!(rows(&path, "SELECT by FROM stops").await, ["anna"], "a run has still to be cancelled");
    // The highest number of a run is free again.
    journal.begin(id(3), "source", &started()).await.unwrap();
    journal.begin_delivered(&[beginning(id(4), "source", None)]).await.unwrap();
    let cancelled = |left: Vec<(RunId, bool, Option<String>)>| -> Vec<(RunId, bool)> {
        left.into_iter().map(|(run, _, by)| (run, by.is_some())).collect()
    };
    assert_eq!(cancelled(left(&journal).await), [(id(1), true), (id(3), false), (id(4), false)]);
    for run in [id(1), id(3), id(4)] {
        journal.append(run, &[finished(2, 3)]).await.unwrap();
    }
    before(Timestamp::from_millis(i64::MAX)).carry_out(&path).await.unwrap();
    assert!(rows(&path, "SELECT by FROM stops").await.is_empty(), "nobody has to know any more");
    journal.begin(id(5), "source", &started()).await.unwrap();
    assert_eq!(cancelled(left(&journal).await), [(id(5), false)]);
}

#[tokio::test]
async fn what_contradicts_the_events_is_found() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path).await.unwrap();
    for number in 1..=4 {
        let delivery = Some(delivery(&number.to_string(), 0));
        journal.begin_delivered(&[beginning(id(number), "source", delivery)]).await.unwrap();
    }
    journal.begin_child(id(4), &[skipped(2)], id(5), "source", &started()).await.unwrap();
    journal.append(id(1), &[finished(2, 3)]).await.unwrap();
    journal.stop(&order(false, "anna")).await.unwrap();
    let load = |_: &str, _: &str| Err("not here".to_owned());
    let sound = journal.verify(&load, &mut |_| {}).await.unwrap().problems;
    sql(
        &path,
        "INSERT INTO parked VALUES (1, 1, '{}'), (2, 2, '{}'), (3, 1, '{'), (4, 3, '{}'), (5, 1, '{}');
         UPDATE deliveries SET at_ms = 7 WHERE key = '2';
         UPDATE deliveries SET run_id = 'run_x' WHERE key = '3';
         UPDATE stops SET playbook = 'No Name';",
    )
    .await;
    let mut found = Vec::new();
    let mut tell = |problem: riposte_journal::Problem| found.push((problem.run, problem.what));
    journal.verify(&load, &mut tell).await.unwrap();
    // What a host keeps is looked at last.
    let found = found.split_off(usize::try_from(sound).unwrap());
    let run = |number| Some(id(number).to_string());
    let text = |text: &str| text.to_owned();
    assert_eq!(
        found,
        [
            (run(1), text("what it waits for is noted in `parked`, and it is over (succeeded)")),
            (run(2), text("`parked` knows 2 events of it and of those that it called, and there are 1")),
            (run(3), text("what `parked` says it waits for is no JSON")),
            (run(5), text("what it waits for is noted in `parked`, and not with the run that called it")),
            (run(2), text("the delivery \"2\" of \"hook\" says that it began at 7 ms, and its row 1 ms")),
            (None, text("the delivery \"3\" of \"hook\" has begun \"run_x\", which is no run")),
            (None, text("a stop is for \"No Name\", which is no playbook's name")),
        ]
    );
    assert!(journal.left(None, 9).await.is_ok_and(|left| left.len() == 3), "a bad note is none");
}

#[tokio::test]
async fn a_journal_that_no_host_has_seen_says_so_when_it_is_looked_at() {
    let (_folder, path) = folder();
    sql(&path, crate::schema::FIRST).await;
    let journal = Journal::open_to_read(&path).await.unwrap();
    assert!(journal.stops().await.unwrap().is_empty());
    assert_eq!(journal.delivered(&delivery("k", 0)).await.unwrap(), None);
    let all = RunQuery { limit: 9, ..RunQuery::default() };
    assert_eq!(journal.list(&all).await.unwrap().len(), 5);
}

#[tokio::test]
async fn what_a_journal_remembers_of_the_next_run_does_not_count_against_what_is_written() {
    let (_folder, path) = folder();
    let (one, other) = (Journal::open(&path).await.unwrap(), Journal::open(&path).await.unwrap());
    let begin = async |journal: &Journal, number: u128| {
        journal.begin_delivered(&[beginning(id(number), "source", None)]).await.unwrap()
    };
    for number in [1, 2] {
        begin(&one, number).await;
    }
    // Its number is taken by somebody else.
    begin(&other, 3).await;
    begin(&one, 4).await;
    begin(&other, 5).await;
    // Its playbook is gone, and whoever is pruned was covered by a stop.
    one.stop(&order(true, "an operator")).await.unwrap();
    sql(&path, "UPDATE stops SET last_run = 9; DELETE FROM events; DELETE FROM runs; DELETE FROM playbooks")
        .await;
    begin(&one, 6).await;
    begin(&one, 7).await;
    let numbers = rows(&path, "SELECT run || ' ' || run_id FROM runs ORDER BY run").await;
    assert_eq!(numbers, [format!("10 {}", id(6)), format!("11 {}", id(7))]);
    assert_eq!(one.source(&SourceHash::of("source")).await.unwrap(), "source");
}
