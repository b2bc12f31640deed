//! Which times of a schedule are due, and which of them were missed: a function of the schedule and two moments.

use super::{GRACE, MOST_MADE_UP};
use riposte_model::{SourceHash, Timestamp};
use riposte_playbook::{Missed, Schedule};
use std::time::Duration;

/// What there is to do for the times after one and up to now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// The first and the last of the times that were missed and that nothing begins for.
    pub(super) let_go: Option<(Timestamp, Timestamp)>,
    /// The times that a run begins for, in order.
    pub(super) fires: Vec<Fire>,
}

/// A time that a run begins for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fire {
    pub(super) at: Timestamp,
    /// Whether it was missed, and this makes up for it.
    pub(super) is_made_up: bool,
}

/// What is due of the times after `until`. `source` says whose they are.
pub(super) fn due(schedule: &Schedule, source: &str, until: Timestamp, now: Timestamp) -> Due {
    let mut due = Due::default();
    let mut from = until;
    if let Some(last) = last_started(schedule, source, until, back(now, GRACE)) {
        let made_up = made_up(schedule, until, last);
        let before =
            made_up.first().map_or(Some(last), |first| last_fire(schedule, until, back(*first, TICK)));
        // One run for all of them lets none go.
        if schedule.missed != Missed::Once {
            due.let_go = before.and_then(|before| Some((next(schedule, until)?, before)));
        }
        due.fires.extend(made_up.into_iter().map(|at| Fire { at, is_made_up: true }));
        from = last;
    }
    while let Some(at) = next(schedule, from).filter(|at| start(source, schedule, *at) <= now) {
        due.fires.push(Fire { at, is_made_up: false });
        from = at;
    }
    due
}

/// The smallest step of time that we have.
const TICK: Duration = Duration::from_millis(1);

/// When the run of a time begins: up to [`Schedule::jitter`] later, always the same for the same time of the same schedule, so
/// that a restart neither hurries nor delays it.
pub fn start(source: &str, schedule: &Schedule, fire: Timestamp) -> Timestamp {
    let Some(jitter) = schedule.jitter else { return fire };
    let hash = SourceHash::of(&format!("{source} {fire}"));
    let chance = hash.as_str().get(..15).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0);
    let most = u64::try_from(jitter.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
    fire.saturating_add(Duration::from_millis(chance % most))
}

/// When the next run begins after what is dealt with.
pub(super) fn next_start(schedule: &Schedule, source: &str, until: Timestamp) -> Option<Timestamp> {
    next(schedule, until).map(|at| start(source, schedule, at))
}

/// The missed times up to `last` that a run begins for.
fn made_up(schedule: &Schedule, until: Timestamp, last: Timestamp) -> Vec<Timestamp> {
    let most = match schedule.missed {
        Missed::Skip => 0,
        Missed::Once => 1,
        Missed::All => MOST_MADE_UP,
    };
    let before = |at: &Timestamp| last_fire(schedule, until, back(*at, TICK));
    let mut newest: Vec<_> = std::iter::successors(Some(last), before).take(most).collect();
    newest.reverse();
    newest
}

/// The last time after `after` whose run was to begin at `limit` at the latest.
fn last_started(schedule: &Schedule, source: &str, after: Timestamp, limit: Timestamp) -> Option<Timestamp> {
    let mut at = last_fire(schedule, after, limit)?;
    // Jitter is shorter than any pause, so that this is the last one or the one before.
    while start(source, schedule, at) > limit {
        at = last_fire(schedule, after, back(at, TICK))?;
    }
    Some(at)
}

/// The last time after `after` and not after `limit`. However many are between, few of them are looked at: a schedule of each
/// second has thirty million in a year.
fn last_fire(schedule: &Schedule, after: Timestamp, limit: Timestamp) -> Option<Timestamp> {
    let follows = |moment: i64| next(schedule, Timestamp::from_millis(moment)).filter(|at| *at <= limit);
    let (mut from, mut to) = (after.as_millis(), limit.as_millis());
    let mut last = follows(from)?;
    // After `from` there is one, after `to` there is none.
    while to.saturating_sub(from) > 1 {
        let middle = from + (to - from) / 2;
        match follows(middle) {
            Some(at) => (from, last) = (middle, at),
            None => to = middle,
        }
    }
    Some(last)
}

/// The first time after a moment, never at it.
fn next(schedule: &Schedule, after: Timestamp) -> Option<Timestamp> {
    schedule.cron.next_after(after, schedule.zone)
}

pub(super) fn back(from: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_millis(from.as_millis().saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests;
