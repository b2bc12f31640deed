//! An event as a row, made by whoever appends it: the one task that writes has enough to do, and needs no copy of the event.

use crate::payload;
use crate::sql::batch::{self, Parameters};
use riposte_engine::{Beginning, Event, EventBody, RunStatus, StoreError};
use riposte_model::{StepPath, Timestamp};
use std::sync::Arc;

/// An event as a row, all but its run's number.
pub(crate) struct Line {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    /// The run's status after it, if it changes that, and when the run ended, if it has.
    pub(crate) stands: Option<(RunStatus, Option<Timestamp>)>,
    /// Whether the run is retried by it.
    pub(crate) retried: bool,
    kind: &'static str,
    step: Option<StepPath>,
    payload: Payload,
}

/// Shared, because whoever writes it may have to try twice.
enum Payload {
    Text(Arc<str>),
    Packed(Vec<u8>),
}

impl Line {
    pub(crate) fn of(event: &Event) -> Result<Line, StoreError> {
        let text = json(event).map_err(StoreError::Other)?;
        let (kind, step) = (event.body.kind(), event.body.step().cloned());
        let text = payload::bare(text, kind, step.as_ref().map(StepPath::as_str));
        let payload = payload::pack(kind, &text).map_or_else(|| Payload::Text(text.into()), Payload::Packed);
        let retried = matches!(event.body, EventBody::RunRetried { .. });
        Ok(Line { seq: event.seq, at: event.at, stands: stands(event), retried, kind, step, payload })
    }

    /// The first of a run, whose text is there.
    pub(crate) fn beginning(beginning: &Beginning) -> Result<Line, StoreError> {
        let (first, text) = (beginning.first(), beginning.text()?);
        let kind = first.body.kind();
        let payload = payload::pack(kind, text).map_or_else(|| Payload::Text(text.clone()), Payload::Packed);
        Ok(Line { seq: first.seq, at: first.at, stands: None, retried: false, kind, step: None, payload })
    }

    /// Those of a list of events.
    pub(crate) fn all(events: &[Event]) -> Result<Vec<Line>, StoreError> {
        events.iter().map(Line::of).collect()
    }
}

/// Adds lines to the parameters of [`crate::sql::batch`], each with its run's number; before those of each statement, whose they
/// are.
pub(crate) fn bind<'l>(
    parameters: &mut Parameters,
    owner: &str,
    lines: impl Iterator<Item = (i64, &'l Line)>,
) -> Result<(), StoreError> {
    for (place, (run, line)) in lines.enumerate() {
        if place % batch::MOST == 0 {
            parameters.add(owner)?;
        }
        parameters.add(run)?;
        parameters.add(i64::try_from(line.seq).unwrap_or(i64::MAX))?;
        parameters.add(line.at.as_millis())?;
        parameters.add(line.kind)?;
        parameters.add(line.step.as_ref().map(StepPath::as_str))?;
        match &line.payload {
            Payload::Text(text) => parameters.add(text.clone())?,
            Payload::Packed(bytes) => parameters.add(bytes.as_slice())?,
        }
    }
    Ok(())
}

/// The text of an event, in room that nearly all of them fit into: it need not grow while it is written.
fn json(event: &Event) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let mut text = Vec::with_capacity(1024);
    serde_json::to_writer(&mut text, &event.body)?;
    Ok(String::from_utf8(text)?)
}

fn stands(event: &Event) -> Option<(RunStatus, Option<Timestamp>)> {
    match &event.body {
        EventBody::RunFinished(finished) => Some((finished.status, Some(event.at))),
        EventBody::RunRetried { .. } => Some((RunStatus::Running, None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_model::RunId;
    use riposte_simulation::contract::every_kind;

    #[test]
    fn a_beginning_is_the_row_that_its_event_is() {
        let run: RunId = "run_00000000000000000000000000000001".parse().unwrap();
        let shown = |line: Line| {
            let payload = match line.payload {
                Payload::Text(text) => text.as_bytes().to_vec(),
                Payload::Packed(bytes) => bytes,
            };
            (line.seq, line.at, line.stands, line.retried, line.kind, line.step, payload)
        };
        for text in ["short".to_owned(), "long and \"quoted\" ".repeat(1000)] {
            for body in every_kind(run, &StepPath::root("a"), &text) {
                let first = Event { seq: 1, at: Timestamp::from_millis(5), body };
                let line = Line::of(&first).unwrap();
                let beginning = Beginning::new(run, "".into(), first, None);
                if beginning.started().is_ok() {
                    assert_eq!(shown(Line::beginning(&beginning).unwrap()), shown(line));
                } else {
                    assert!(
                        matches!(Line::beginning(&beginning), Err(StoreError::OutOfOrder(of)) if of == run)
                    );
                }
            }
        }
    }
}
