//! What a store keeps of schedules.

use super::expect;
use super::host::{IDS, name};
use riposte_engine::{HostStore, ScheduleNote};
use riposte_model::{RunId, Timestamp};

pub(super) async fn notes(store: &dyn HostStore) -> Result<(), String> {
    let note = |source: &str, until, waiting: &[i64]| ScheduleNote {
        source: source.to_owned(),
        until: Timestamp::from_millis(until),
        waiting: waiting.iter().copied().map(Timestamp::from_millis).collect(),
    };
    expect("no schedule is known", &store.schedules().await, Vec::is_empty)?;
    let (never, late) = (note("b * \" \\ \u{1f98a}", 5, &[]), note("a", i64::MAX, &[3, -4, i64::MAX]));
    let noted = store.note_schedules(&[never.clone(), late.clone()], &[]).await;
    expect("schedules are noted", &noted, |()| true)?;
    expect("and read back as they were, in order", &store.schedules().await, |notes| {
        *notes == [late.clone(), never.clone()]
    })?;
    let (back, other) = (note("a", 2, &[1]), note("c", 1, &[]));
    let noted = store
        .note_schedules(&[back.clone(), other.clone()], &[never.source.clone(), "unknown".to_owned()])
        .await;
    expect("some are noted again while others are forgotten", &noted, |()| true)?;
    expect("the last note counts", &store.schedules().await, |notes| {
        *notes == [back.clone(), other.clone()]
    })?;
    expect("nothing is nothing", &store.note_schedules(&[], &[]).await, |()| true)?;
    expect("something can be written", &store.probe().await, |()| true)?;
    expect("and leaves no trace", &store.schedules().await, |notes| *notes == [back.clone(), other.clone()])?;
    let all = [back.source.clone(), other.source];
    expect("all are forgotten", &store.note_schedules(&[], &all).await, |()| true)?;
    expect("and gone", &store.schedules().await, Vec::is_empty)
}

/// After what [`super::host`] has delivered: the first run for `hook`, the fourth for `other`, the fifth for `odd`.
pub(super) async fn under_way(store: &dyn HostStore, ids: [RunId; IDS]) -> Result<(), String> {
    let [one, _, _, four, ..] = ids;
    let mine = name("contract");
    for (source, run) in [("hook", Some(one)), ("other", Some(four)), ("elsewhere", None)] {
        let what = format!("what a delivery of {source} has begun is under way");
        expect(&what, &store.under_way(&mine, source).await, |found| *found == run)?;
    }
    expect("of this playbook", &store.under_way(&name("elsewhere"), "hook").await, Option::is_none)
}

/// When the first run has ended.
pub(super) async fn over(store: &dyn HostStore) -> Result<(), String> {
    let under_way = store.under_way(&name("contract"), "hook").await;
    expect("what is over is not under way", &under_way, Option::is_none)
}
