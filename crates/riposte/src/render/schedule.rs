//! The next times of schedules.

use super::style::Style;
use super::table::table;
use riposte_model::{PlaybookName, Timestamp, format_duration};
use riposte_playbook::{Change, Schedule};
use riposte_server::schedule::{source, start};
use serde_json::{Value, json};
use std::time::Duration;

/// The next times of one schedule.
pub(crate) struct Times<'p> {
    schedule: &'p Schedule,
    fires: Vec<Fire>,
    /// Changes of the clocks from where it was asked from up to the last of the times.
    changes: Vec<Change>,
}

/// A time of a schedule.
struct Fire {
    at: Timestamp,
    local: String,
    /// When its run begins.
    begins: Timestamp,
    /// What clocks that are changed make of it.
    note: Option<&'static str>,
}

impl<'p> Times<'p> {
    /// The first `count` times after a moment.
    pub(crate) fn after(
        playbook: &PlaybookName,
        schedule: &'p Schedule,
        from: Timestamp,
        count: usize,
    ) -> Self {
        let (cron, zone, source) = (&schedule.cron, schedule.zone, source(playbook, schedule));
        let next = |at: &Timestamp| cron.next_after(*at, zone);
        let fires: Vec<Fire> = std::iter::successors(next(&from), next)
            .take(count)
            .map(|at| Fire {
                at,
                local: zone.local(at).unwrap_or_else(|| at.to_string()),
                begins: start(&source, schedule, at),
                note: note(schedule, at),
            })
            .collect();
        let changes = fires.last().map(|last| zone.changes(from, last.at)).unwrap_or_default();
        Times { schedule, fires, changes }
    }
}

fn note(schedule: &Schedule, at: Timestamp) -> Option<&'static str> {
    if schedule.cron.stands_in(at, schedule.zone) {
        return Some("in place of a time that the clock skips");
    }
    schedule.zone.which_of_two(at).map(|which| match which {
        1 => "the first of two times that the clock shows the same",
        _ => "the second of two times that the clock shows the same",
    })
}

/// For people.
pub(crate) fn lines(schedules: &[Times<'_>], style: Style) -> String {
    let blocks = schedules.iter().map(|times| block(times, style));
    blocks.collect::<Vec<_>>().join("\n\n")
}

fn block(times: &Times<'_>, style: Style) -> String {
    let Schedule { cron, zone, missed, overlap, jitter, .. } = times.schedule;
    let jitter = jitter.map(|jitter| format!(", jitter {}", format_duration(jitter))).unwrap_or_default();
    let title = format!("{cron} in {zone}");
    let rules = format!("missed {}, overlap {}{jitter}", missed.as_str(), overlap.as_str());
    let mut changes = times.changes.iter().peekable();
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for fire in &times.fires {
        while let Some(change) = changes.next_if(|change| change.at <= fire.at) {
            rows.push(Vec::new());
            notes.push(Some(format!("  the clock goes from {} to {}", change.from, change.to)));
        }
        let delay = fire.begins.since(fire.at);
        let later = (delay > Duration::ZERO).then(|| {
            format!("begins {} later", format_duration(Duration::from_secs(delay.as_secs().max(1))))
        });
        let remarks: Vec<String> = fire.note.map(str::to_owned).into_iter().chain(later).collect();
        rows.push(vec![format!("  {}", fire.local), utc(fire.at), remarks.join("; ")]);
        notes.push(None);
    }
    let rows = table(&rows).into_iter().zip(notes).map(|(row, note)| note.unwrap_or(row));
    let head = format!("{}  {}", style.strong(&title), style.dim(&rules));
    std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n")
}

/// Times are whole seconds.
fn utc(at: Timestamp) -> String {
    at.to_string().replace(".000Z", "Z")
}

/// For programs.
pub(crate) fn to_json(playbook: &PlaybookName, schedules: &[Times<'_>]) -> Value {
    let schedules: Vec<Value> = schedules.iter().map(document).collect();
    json!({ "playbook": playbook, "schedules": schedules })
}

fn document(times: &Times<'_>) -> Value {
    let Schedule { cron, zone, missed, overlap, jitter, inputs } = times.schedule;
    let fire = |fire: &Fire| json!({ "at": utc(fire.at), "local": fire.local, "begins": fire.begins, "note": fire.note });
    let change = |change: &Change| json!({ "at": utc(change.at), "from": change.from, "to": change.to });
    json!({
        "schedule": cron.as_str(),
        "timezone": zone.name(),
        "missed": missed.as_str(),
        "overlap": overlap.as_str(),
        "jitter": jitter.map(format_duration),
        "inputs": inputs,
        "times": times.fires.iter().map(fire).collect::<Vec<_>>(),
        "clock_changes": times.changes.iter().map(change).collect::<Vec<_>>(),
    })
}
