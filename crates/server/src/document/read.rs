//! Runs out of their JSON: what whoever asks the API makes of the answer.

use riposte_engine::{Event, EventBody, RunStatus, RunSummary};
use riposte_model::{PlaybookName, RunId, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A page of a listing.
#[derive(Debug, Deserialize)]
pub struct Page {
    runs: Vec<Line>,
    /// The cursor of the page after; none after the last.
    pub next: Option<RunId>,
}

#[derive(Debug, Deserialize)]
struct Line {
    run_id: RunId,
    playbook: PlaybookName,
    status: RunStatus,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    trigger: String,
}

impl Page {
    /// The runs in it.
    pub fn runs(self) -> impl Iterator<Item = RunSummary> {
        self.runs.into_iter().map(|line| RunSummary {
            id: line.run_id,
            playbook: line.playbook,
            status: line.status,
            started_at: line.started_at,
            finished_at: line.finished_at,
            trigger: line.trigger,
        })
    }
}

/// One run with its events. Whatever else is said of it is not looked at.
#[derive(Debug, Deserialize)]
pub struct Record {
    /// Its id.
    pub run_id: RunId,
    /// What happened in it.
    pub events: Vec<Entry>,
}

/// One event: its number, its time, and the keys of what happened.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Numbered")]
pub struct Entry(pub Event);

#[derive(Deserialize)]
struct Numbered {
    seq: u64,
    at: Timestamp,
    #[serde(flatten)]
    body: Map<String, Value>,
}

impl TryFrom<Numbered> for Entry {
    type Error = serde_json::Error;

    fn try_from(numbered: Numbered) -> Result<Self, Self::Error> {
        let body = EventBody::deserialize(Value::Object(numbered.body))?;
        Ok(Entry(Event { seq: numbered.seq, at: numbered.at, body }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, Record};
    use crate::document;
    use riposte_engine::{Event, EventBody, RunStatus, RunSummary};
    use riposte_model::{PlaybookName, RunId, StepPath, Timestamp};
    use serde_json::json;

    #[test]
    fn a_run_is_read_as_it_was_written() {
        let id: RunId = "run_01a21a1a0edd7283b4424b776d44547d".parse().unwrap();
        let at = Timestamp::from_millis(1_795_000_000_123);
        let step = StepPath::root("isolate");
        let events = [
            Event { seq: 1, at, body: EventBody::TimerFired { step } },
            Event { seq: 2, at, body: EventBody::CancelRequested { by: "ada".to_owned() } },
        ];
        let record: Record = serde_json::from_value(document::run(id, &events)).unwrap();
        assert_eq!(record.run_id, id);
        assert_eq!(record.events.into_iter().map(|entry| entry.0).collect::<Vec<_>>(), events);
    }

    #[test]
    fn a_page_is_read_as_it_was_written() {
        let line = RunSummary {
            id: "run_01a21a1a0edd7283b4424b776d44547d".parse().unwrap(),
            playbook: PlaybookName::parse("hello").unwrap(),
            status: RunStatus::Running,
            started_at: Timestamp::from_millis(1_795_000_000_123),
            finished_at: None,
            trigger: "manual api".to_owned(),
        };
        let runs = document::summaries(std::slice::from_ref(&line));
        let page: Page =
            serde_json::from_value(json!({ "runs": runs, "next": line.id.to_string() })).unwrap();
        assert_eq!(page.next, Some(line.id));
        assert_eq!(page.runs().collect::<Vec<_>>(), [line]);
    }
}
