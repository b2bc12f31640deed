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
    /// The columns before the payload, as the inside of a JSON list.
    columns: String,
    payload: Payload,
}

enum Payload {
    Text(String),
    /// JSON has no bytes: packed, a payload travels as hexadecimal digits.
    Packed(String),
}

impl Line {
    pub(crate) fn of(event: &Event) -> Result<Line, StoreError> {
        let text = serde_json::to_string(&event.body).map_err(other)?;
        let (kind, step) = (event.body.kind(), event.body.step().map(StepPath::as_str));
        let payload = match payload::pack(kind, &text) {
            Some(packed) => Payload::Packed(hex(&packed)),
            None => Payload::Text(text),
        };
        let columns = (event.seq, event.at.as_millis(), kind, step);
        let mut columns = serde_json::to_string(&columns).map_err(other)?;
        columns.pop();
        columns.remove(0);
        let retried = matches!(event.body, EventBody::RunRetried { .. });
        Ok(Line { seq: event.seq, at: event.at, stands: stands(event), retried, columns, payload })
    }

    /// Those of a list of events.
    pub(crate) fn all(events: &[Event]) -> Result<Vec<Line>, StoreError> {
        events.iter().map(Line::of).collect()
    }
}

/// The parameters of [`crate::sql::INSERT_EVENTS`].
pub(crate) struct List {
    pub(crate) rows: String,
    /// The payloads that are text, one after the other.
    pub(crate) texts: Vec<u8>,
}

impl List {
    /// Rows, each with its run's number.
    pub(crate) fn of<'l>(lines: impl Iterator<Item = (i64, &'l Line)>) -> List {
        let (mut rows, mut texts) = (String::from("["), Vec::new());
        for (run, Line { columns, payload, .. }) in lines {
            let comma = if rows.len() > 1 { "," } else { "" };
            // Writing to memory does not fail.
            let _ = match payload {
                Payload::Text(text) => {
                    // SQL counts from 1.
                    let first = texts.len() + 1;
                    texts.extend_from_slice(text.as_bytes());
                    write!(rows, "{comma}[{run},{columns},{first},{}]", text.len())
                }
                Payload::Packed(digits) => write!(rows, "{comma}[{run},{columns},null,null,\"{digits}\"]"),
            };
        }
        rows.push(']');
        List { rows, texts }
    }
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
    fn a_list_of_lines_says_of_each_whose_it_is_and_where_its_payload_lies() {
        let cancelled = |seq| Event {
            seq,
            at: Timestamp::from_millis(7),
            body: EventBody::CancelRequested { by: "\"]\n".to_owned() },
        };
        let lines = Line::all(&[cancelled(2), cancelled(3)]).unwrap();
        let List { rows, texts } = List::of([5, 9].into_iter().zip(&lines));
        let payload = serde_json::to_string(&cancelled(2).body).unwrap();
        let length = payload.len();
        assert_eq!(texts, payload.repeat(2).into_bytes());
        let row = |run, seq, first| json!([run, seq, 7, "cancel_requested", null, first, length]);
        let parsed: Value = serde_json::from_str(&rows).unwrap();
        assert_eq!(parsed, json!([row(5, 2, 1), row(9, 3, 1 + length)]));
        assert_eq!(List::of(std::iter::empty()).rows, "[]");
    }
}
