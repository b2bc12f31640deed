//! An event as a row, made by whoever appends it: the one task that writes has enough to do, and needs no copy of the event.

use crate::payload;
use riposte_engine::{Event, EventBody, RunStatus, StoreError};
use riposte_model::{StepPath, Timestamp};
use std::fmt::Write;

/// An event as a row, all but its run's number.
pub(crate) struct Line {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    /// The run's status after it, if it changes that, and when the run ended, if it has.
    pub(crate) stands: Option<(RunStatus, Option<Timestamp>)>,
    /// Whether the run is retried by it.
    pub(crate) retried: bool,
    /// The columns, as the inside of a JSON list.
    columns: String,
}

impl Line {
    pub(crate) fn of(event: &Event) -> Result<Line, StoreError> {
        let text = serde_json::to_string(&event.body).map_err(other)?;
        let (kind, step) = (event.body.kind(), event.body.step().map(StepPath::as_str));
        // JSON has no bytes: packed, a payload travels as hexadecimal digits in a place of its own.
        let packed = payload::pack(kind, &text).map(|packed| hex(&packed));
        let text = packed.is_none().then_some(text);
        let columns = (event.seq, event.at.as_millis(), kind, step, text, packed);
        let mut columns = serde_json::to_string(&columns).map_err(other)?;
        columns.pop();
        columns.remove(0);
        let retried = matches!(event.body, EventBody::RunRetried { .. });
        Ok(Line { seq: event.seq, at: event.at, stands: stands(event), retried, columns })
    }

    /// Those of a list of events.
    pub(crate) fn all(events: &[Event]) -> Result<Vec<Line>, StoreError> {
        events.iter().map(Line::of).collect()
    }
}

/// Rows, each with its run's number, as the parameter of [`crate::sql::INSERT_EVENTS`].
pub(crate) fn list<'l>(lines: impl Iterator<Item = (i64, &'l Line)>) -> String {
    let mut list = String::from("[");
    for (run, line) in lines {
        let comma = if list.len() > 1 { "," } else { "" };
        // Writing to memory does not fail.
        let _ = write!(list, "{comma}[{run},{}]", line.columns);
    }
    list.push(']');
    list
}

fn stands(event: &Event) -> Option<(RunStatus, Option<Timestamp>)> {
    match &event.body {
        EventBody::RunFinished(finished) => Some((finished.status, Some(event.at))),
        EventBody::RunRetried { .. } => Some((RunStatus::Running, None)),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

fn other(error: serde_json::Error) -> StoreError {
    StoreError::Other(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_list_of_lines_is_json_with_each_run_s_number_first() {
        let cancelled = |seq| Event {
            seq,
            at: Timestamp::from_millis(7),
            body: EventBody::CancelRequested { by: "\"]\n".to_owned() },
        };
        let lines = Line::all(&[cancelled(2), cancelled(3)]).unwrap();
        let parsed: Value = serde_json::from_str(&list([5, 9].into_iter().zip(&lines))).unwrap();
        let payload = serde_json::to_string(&cancelled(2).body).unwrap();
        let row = |run, seq| json!([run, seq, 7, "cancel_requested", null, payload, null]);
        assert_eq!(parsed, json!([row(5, 2), row(9, 3)]));
        assert_eq!(list(std::iter::empty()), "[]");
    }
}
