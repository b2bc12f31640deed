//! What every store that serves a host must do beyond that.

use super::{SOURCE, event, expect, finished, refuse, schedules, skipped, started};
use riposte_engine::{
    Beginning, Begun, Delivery, EventBody, Follow, HostStore, Left, Parked, RunQuery, RunStatus, RunSummary,
    StopOrder, StoreError, Waits,
};
use riposte_model::{PlaybookName, RunId, Timestamp};
use std::sync::Arc;

/// How many ids [`check`] needs.
pub const IDS: usize = 9;

/// Holds an empty store to the contract for a host.
///
/// # Errors
///
/// What the store did that it must not, in a sentence.
pub async fn check(store: &dyn HostStore, ids: [RunId; IDS]) -> Result<(), String> {
    deliveries(store, ids).await?;
    schedules::notes(store).await?;
    schedules::under_way(store, ids).await?;
    let [one, two, _, four, five, child, ..] = ids;
    store
        .begin_child(two, &[event(2, skipped("call"))], child, SOURCE, &event(1, started()))
        .await
        .map_err(text)?;
    expect("what is left is owned", &store.own_left().await, |()| true)?;
    expect("what nobody called is left, oldest first", &store.left(None, 9).await, |left| {
        ids_of(left) == [one, two, four, five]
            && left.iter().all(|left| left.waits.is_none() && left.stopped_by.is_none())
            && left.iter().map(|left| left.last_seq).collect::<Vec<_>>() == [1, 2, 1, 1]
    })?;
    expect("no more than asked for", &store.left(None, 1).await, |left| ids_of(left) == [one])?;
    expect("and the rest afterwards", &store.left(Some(one), 2).await, |left| ids_of(left) == [two, four])?;
    parked(store, ids).await?;
    stops(store, ids).await?;
    lists(store, ids).await?;
    pages(store, ids).await?;
    schedules::over(store).await
}

async fn deliveries(store: &dyn HostStore, ids: [RunId; IDS]) -> Result<(), String> {
    let [one, two, three, four, five, child, ..] = ids;
    let batch = [
        beginning(one, Some(delivery("hook", "a", 0)), 100),
        beginning(two, None, 100),
        beginning(three, Some(delivery("hook", "a", 0)), 100),
        beginning(four, Some(delivery("other", "a", 0)), 100),
    ];
    expect("of one delivery one run begins", &store.begin_delivered(&batch).await, |begun| {
        *begun == [Begun::New, Begun::New, Begun::Already(one), Begun::New]
    })?;
    refuse("what was delivered already has begun nothing", store.events(three).await, not_found)?;
    expect("what began has its first event", &store.events(one).await, |events| {
        *events == [batch[0].first().clone()]
    })?;
    let again = [beginning(three, Some(delivery("hook", "a", 100)), 150)];
    expect("nor does it later", &store.begin_delivered(&again).await, |begun| {
        *begun == [Begun::Already(one)]
    })?;
    expect("and what it began is known", &store.delivered(&delivery("hook", "a", 100)).await, |run| {
        *run == Some(one)
    })?;
    for (what, delivery) in
        [("an older delivery", delivery("hook", "a", 101)), ("another key", delivery("hook", "b", 0))]
    {
        expect(&format!("{what} is not known"), &store.delivered(&delivery).await, Option::is_none)?;
    }
    let wrong = Beginning::new(child, SOURCE.into(), event(1, skipped("a")), None);
    let half = [beginning(five, Some(delivery("hook", "b", 0)), 1), wrong];
    refuse(
        "a batch with something wrong in it begins nothing",
        store.begin_delivered(&half).await,
        |error| matches!(error, StoreError::OutOfOrder(_)),
    )?;
    refuse("nothing of it", store.events(five).await, not_found)?;
    expect("and knows of nothing", &store.delivered(&delivery("hook", "b", 0)).await, Option::is_none)?;

    // Two texts are one key only if they are equal, whatever is in them.
    let odd = ["", "x\0y", "x\0z", "x", "x\\0y", "X", "\u{1f98a}' \""].map(|key| delivery("odd", key, 0));
    let known = odd.each_ref().map(|delivery| store.delivered(delivery));
    for known in known {
        expect("an odd key is not known before", &known.await, Option::is_none)?;
    }
    expect(
        "an odd key begins a run",
        &store.begin_delivered(&[beginning(five, Some(odd[1].clone()), 1)]).await,
        |begun| *begun == [Begun::New],
    )?;
    for (number, delivery) in odd.iter().enumerate() {
        expect(
            &format!("only that key is known, and {delivery:?}"),
            &store.delivered(delivery).await,
            |run| *run == (number == 1).then_some(five),
        )?;
    }
    let again = [beginning(three, Some(odd[1].clone()), 1)];
    expect("and begins none again", &store.begin_delivered(&again).await, |begun| {
        *begun == [Begun::Already(five)]
    })
}

async fn parked(store: &dyn HostStore, ids: [RunId; IDS]) -> Result<(), String> {
    let [one, two, three, four, _, child, ..] = ids;
    let waits = |id: &str| Waits {
        until: Some(Timestamp::from_millis(5)),
        follows: vec![Follow {
            connection: "c".into(),
            provider_id: id.into(),
            since: Timestamp::from_millis(4),
        }],
        ..Waits::default()
    };
    let parked = |run, id| Parked { run, waits: waits(id) };
    let note =
        |left: &[Left], run| left.iter().find(|left| left.id == run).and_then(|left| left.waits.clone());
    let unknown = [parked(one, "x"), parked(three, "x")];
    refuse("an unknown run does not park", store.park(&unknown).await, not_found)?;
    expect("nor do those beside it", &store.left(None, 9).await, |left| note(left, one).is_none())?;
    let notes = [parked(one, "x"), parked(two, "y")];
    expect("runs park", &store.park(&notes).await, |()| true)?;
    expect("and parking nothing is nothing", &store.park(&[]).await, |()| true)?;
    expect("what they wait for is kept", &store.left(None, 9).await, |left| {
        note(left, one) == Some(waits("x"))
            && note(left, two) == Some(waits("y"))
            && note(left, four).is_none()
    })?;
    expect("the last note counts", &store.park(&[parked(one, "z")]).await, |()| true)?;
    expect("and not the one before", &store.left(None, 9).await, |left| note(left, one) == Some(waits("z")))?;
    store.append(one, &[event(2, skipped("a"))]).await.map_err(text)?;
    store.append(child, &[event(2, skipped("a"))]).await.map_err(text)?;
    expect(
        "a note is void after an event, also of a run that was called",
        &store.left(None, 9).await,
        |left| note(left, one).is_none() && note(left, two).is_none(),
    )?;
    expect("until there is another", &store.park(&[parked(two, "y")]).await, |()| true)?;
    expect("which counts again", &store.left(None, 9).await, |left| note(left, two) == Some(waits("y")))?;
    store.append(one, &[event(3, finished())]).await.map_err(text)?;
    expect("what is over is not left", &store.left(None, 9).await, |left| ids_of(left)[0] == two)?;
    expect("but is a place to go on from", &store.left(Some(one), 1).await, |left| ids_of(left) == [two])?;
    refuse("an unknown run is no place to go on from", store.left(Some(three), 9).await, not_found)
}

async fn stops(store: &dyn HostStore, ids: [RunId; IDS]) -> Result<(), String> {
    let [_, two, _, four, five, _, late, ..] = ids;
    let at = Timestamp::from_millis(7);
    let order = |playbook: Option<&str>, cancel, by: &str| StopOrder {
        playbook: playbook.map(name),
        cancel,
        by: by.to_owned(),
        at,
    };
    let stopped = |left: &[Left]| left.iter().map(|left| left.stopped_by.clone()).collect::<Vec<_>>();
    expect("nothing is stopped", &store.stops().await, Vec::is_empty)?;
    expect("so that nothing is lifted", &store.lift(None, at).await, |lifted| !lifted)?;
    let other = order(Some("other"), true, "anna");
    let pause = order(None, false, "ben");
    for order in [&other, &pause] {
        expect("a stop is kept", &store.stop(order).await, |()| true)?;
    }
    expect("in the order of giving", &store.stops().await, |stops| *stops == [other.clone(), pause.clone()])?;
    expect("a pause and another playbook's stop cancel nothing here", &store.left(None, 9).await, |left| {
        stopped(left) == [None, None, None]
    })?;
    let mine = order(Some("contract"), true, "carl");
    expect("a playbook is stopped", &store.stop(&mine).await, |()| true)?;
    expect("its runs are", &store.left(None, 9).await, |left| {
        stopped(left) == vec![Some("carl".to_owned()); 3]
    })?;
    expect("the playbook's stop is lifted", &store.lift(mine.playbook.as_ref(), at).await, |lifted| *lifted)?;
    expect("only once", &store.lift(mine.playbook.as_ref(), at).await, |lifted| !lifted)?;
    expect("and no other", &store.stops().await, |stops| *stops == [other.clone(), pause.clone()])?;
    store.begin_delivered(&[beginning(late, None, 9)]).await.map_err(text)?;
    expect(
        "what had begun before stays cancelled, and what begins after is not",
        &store.left(None, 9).await,
        |left| {
            ids_of(left) == [two, four, five, late]
                && stopped(left)
                    == [Some("carl".to_owned()), Some("carl".to_owned()), Some("carl".to_owned()), None]
        },
    )?;
    let again = [event(2, finished()), event(3, EventBody::RunRetried { by: "dora".into() })];
    store.append(five, &again[..1]).await.map_err(text)?;
    store.append(five, &again[1..]).await.map_err(text)?;
    expect("what is retried was stopped before that", &store.left(None, 9).await, |left| {
        ids_of(left) == [two, four, five, late] && stopped(left)[2..] == [None, None]
    })?;
    expect("everything is stopped again", &store.stop(&order(None, true, "emil")).await, |()| true)?;
    expect("what was retried and what began since too", &store.left(None, 9).await, |left| {
        stopped(left)[2..] == vec![Some("emil".to_owned()); 2]
    })?;
    expect("those for all are lifted", &store.lift(None, at).await, |lifted| *lifted)?;
    expect("and the rest stays", &store.stops().await, |stops| *stops == std::slice::from_ref(&other))?;
    expect("until it is lifted", &store.lift(other.playbook.as_ref(), at).await, |lifted| *lifted)?;
    expect("nothing is stopped any more", &store.stops().await, Vec::is_empty)
}

async fn lists(store: &dyn HostStore, ids: [RunId; IDS]) -> Result<(), String> {
    let [one, two, three, four, five, child, late, other, last] = ids;
    let mut first = beginning(other, None, 9).first().clone();
    if let EventBody::RunStarted(started) = &mut first.body {
        Arc::make_mut(started).playbook = name("elsewhere");
    }
    let elsewhere = Beginning::new(other, SOURCE.into(), first, None);
    store.begin_delivered(&[elsewhere, beginning(last, None, 9)]).await.map_err(text)?;
    store.append(four, &[event(2, finished())]).await.map_err(text)?;
    let all = RunQuery { limit: 20, ..RunQuery::default() };
    let mine = RunQuery { playbook: Some(name("contract")), ..all.clone() };
    let running = RunQuery { status: Some(RunStatus::Running), ..all.clone() };
    let failed = RunQuery { status: Some(RunStatus::Failed), ..all.clone() };
    let mine_running = RunQuery { status: Some(RunStatus::Running), ..mine.clone() };
    let page = |query: &RunQuery, before, limit| RunQuery { before: Some(before), limit, ..query.clone() };
    let queries = [
        (all.clone(), vec![last, other, late, child, five, four, two, one]),
        (RunQuery { limit: 2, ..all.clone() }, vec![last, other]),
        (page(&all, other, 2), vec![late, child]),
        (page(&all, one, 2), vec![]),
        (mine.clone(), vec![last, late, child, five, four, two, one]),
        (page(&mine, late, 3), vec![child, five, four]),
        (running.clone(), vec![last, other, late, child, five, two]),
        (page(&running, child, 1), vec![five]),
        (failed.clone(), vec![four, one]),
        (page(&failed, four, 9), vec![one]),
        (mine_running.clone(), vec![last, late, child, five, two]),
        (page(&mine_running, late, 2), vec![child, five]),
        (RunQuery { playbook: Some(name("nowhere")), ..all.clone() }, vec![]),
    ];
    for (query, expected) in queries {
        expect(&format!("a page of {query:?}"), &store.list(&query).await, |runs: &Vec<RunSummary>| {
            runs.iter().map(|run| run.id).collect::<Vec<_>>() == expected
        })?;
    }
    refuse("an unknown run is no place to go on from", store.list(&page(&all, three, 1)).await, not_found)
}

fn beginning(run: RunId, delivery: Option<Delivery>, at: i64) -> Beginning {
    let mut first = event(1, started());
    first.at = Timestamp::from_millis(at);
    Beginning::new(run, SOURCE.into(), first, delivery)
}

fn delivery(source: &str, key: &str, since: i64) -> Delivery {
    Delivery { source: source.to_owned(), key: key.to_owned(), since: Timestamp::from_millis(since) }
}

fn ids_of(left: &[Left]) -> Vec<RunId> {
    left.iter().map(|left| left.id).collect()
}

pub(super) fn name(text: &str) -> PlaybookName {
    PlaybookName::parse(text).expect("a valid name")
}

fn not_found(error: &StoreError) -> bool {
    matches!(error, StoreError::NotFound(_))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn text(error: StoreError) -> String {
    format!("{error:?}")
}

async fn pages(store: &dyn HostStore, ids: [RunId; IDS]) -> Result<(), String> {
    let [_, two, three, four, ..] = ids;
    for (run, after, limit, seqs, status) in [
        (four, 0, 9, &[1, 2][..], RunStatus::Failed),
        (four, 0, 1, &[1], RunStatus::Failed),
        (four, 1, 9, &[2], RunStatus::Failed),
        (four, 2, 9, &[], RunStatus::Failed),
        (four, u64::MAX, 9, &[], RunStatus::Failed),
        (two, 2, 9, &[], RunStatus::Running),
    ] {
        let page = store.events_after(run, after, limit).await;
        expect(&format!("at most {limit} events after {after}, and the status"), &page, |page| {
            let found: Vec<u64> = page.events.iter().map(|event| event.seq).collect();
            found == seqs && page.status == status
        })?;
    }
    let page = store.events_after(four, 1, 9).await;
    let all = store.events(four).await.map_err(text)?;
    expect("a page's events are the run's", &page, |page| page.events == all[1..])?;
    refuse("a run that is not there has no page", store.events_after(three, 0, 9).await, not_found)
}
