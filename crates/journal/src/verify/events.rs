//! One run: its events, what they make of the playbook, and what `runs` says of them.

use super::{Look, OTHER_VERSION, RESTORE};
use crate::error::store_error;
use crate::payload::shown;
use crate::record::Record;
use crate::{row, sql};
use futures_util::TryStreamExt;
use riposte_engine::{Event, EventBody, Run, StoreError};
use riposte_model::{RunId, StepPath, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row};

/// A column that is damaged may still say a kind or a step there is, and then shows only here.
const REPORT: &str = "do not let the run go on; restore the journal from a copy if its file was damaged or changed, \
                      otherwise please report this as a bug in riposte, with `riposte journal export`";

/// The schema that has `runs.root`.
const FAMILIES: i64 = 2;

const PROJECTION: &str = "restore the journal from a copy; the events are right, but the run is listed, taken up and pruned by its row";

/// Events of one run that cannot be read before the rest of it is given up.
const MOST_UNREADABLE: usize = 20;

/// An event's number, and its row if it can be read.
type Read = (i64, Result<SqliteRow, StoreError>);

impl Look<'_> {
    pub(super) async fn run(&mut self, listed: Record) {
        let (record, rows) = match self.read(&listed).await {
            Ok(Some(read)) => read,
            // It has been pruned since it was listed.
            Ok(None) => return,
            Err(error) => {
                let what = format!("its events cannot be read: {error}");
                return self.tell(Some(&listed.run), None, what, RESTORE);
            }
        };
        let mut events = Vec::with_capacity(rows.len());
        let mut whole = true;
        // Whether the very last one can be read.
        let mut ends = false;
        let mut expected = 1;
        let unreadable = rows.iter().filter(|(_, row)| row.is_err()).count();
        for (seq, row) in rows {
            if seq != expected {
                let what = match seq - expected {
                    1 => "it is missing".to_owned(),
                    _ => format!("it is missing, and so are the others before event {seq}"),
                };
                self.tell(Some(&record.run), Some(expected), what, RESTORE);
                whole = false;
            }
            expected = seq.saturating_add(1);
            let read = row.map_err(|error| format!("it cannot be read: {error}"));
            match read.and_then(|row| event(&row)) {
                Ok(event) => {
                    events.push(event);
                    ends = true;
                }
                Err(what) => {
                    self.tell(Some(&record.run), Some(seq), what, RESTORE);
                    ends = false;
                    whole = false;
                }
            }
        }
        if unreadable == MOST_UNREADABLE {
            let what = format!(
                "so many of its events cannot be read that those after {} were not looked at",
                expected - 1
            );
            self.tell(Some(&record.run), None, what, RESTORE);
        }
        self.counts.events += events.len() as u64;
        self.counts.unfinished += u64::from(record.finished_at.is_none());
        self.compare(&record, &events, events.last().filter(|_| ends), whole);
        self.family(&record, &events).await;
        if whole && !events.is_empty() {
            self.follow(&record, &events).await;
        }
    }

    /// The run's row and its events in one snapshot. An event that cannot be read is stepped over.
    async fn read(&self, listed: &Record) -> Result<Option<(Record, Vec<Read>)>, StoreError> {
        let mut connection = self.journal.readers().acquire().await.map_err(store_error)?;
        let mut snapshot = connection.begin().await.map_err(store_error)?;
        let statement = if self.journal.says_turns() { sql::RECORD } else { sql::OLD_RECORD };
        let query = sqlx::query(statement).bind(listed.key);
        let Some(row) = query.fetch_optional(&mut *snapshot).await.map_err(store_error)? else {
            return Ok(None);
        };
        let record = Record::of(&row)?;
        // What the index does not give up ends the stepping over as well.
        let last = sqlx::query(sql::LAST_EVENT).bind(listed.key).fetch_one(&mut *snapshot).await;
        let last = last.and_then(|row| row.try_get::<i64, _>(0)).unwrap_or(0);
        let mut rows: Vec<Read> = Vec::new();
        let mut unreadable = 0;
        let mut after = 0_i64;
        loop {
            let mut stream =
                sqlx::query(sql::VERIFY_EVENTS).bind(listed.key).bind(after).fetch(&mut *snapshot);
            let error = loop {
                match stream.try_next().await.map_err(store_error) {
                    Ok(Some(row)) => {
                        after = row.try_get(0).map_err(store_error)?;
                        rows.push((after, Ok(row)));
                    }
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                }
            };
            let Some(error) = error else { break };
            after = after.saturating_add(1);
            rows.push((after, Err(error)));
            unreadable += 1;
            if unreadable == MOST_UNREADABLE || after >= last {
                break;
            }
        }
        Ok(Some((record, rows)))
    }

    /// What `runs` says against what the events say. `last` is there if the very last event can be read, and they are `whole` if
    /// all can.
    fn compare(&mut self, record: &Record, events: &[Event], last: Option<&Event>, whole: bool) {
        let Some(first) = events.first() else {
            return self.tell(
                Some(&record.run),
                None,
                "it has no event that can be read".to_owned(),
                RESTORE,
            );
        };
        let mut says = Vec::new();
        match &first.body {
            EventBody::RunStarted(started) if first.seq == 1 => {
                let trigger = format!("{} {}", started.trigger.kind, started.trigger.name);
                says.push(("playbook", record.playbook.clone(), started.playbook.to_string()));
                says.push(("source_hash", record.source.clone(), started.source.to_string()));
                says.push(("trigger", record.trigger.clone(), trigger));
                says.push(("started_ms", record.started_at.to_string(), first.at.to_string()));
            }
            // Missing or unreadable, which has been told; or there, which the engine does not take.
            _ => {}
        }
        if let Some(last) = last {
            let finished = match &last.body {
                EventBody::RunFinished(finished) => Some(finished.status.as_str()),
                _ => None,
            };
            let time = |at: Option<Timestamp>| at.map_or_else(|| "nothing".to_owned(), |at| at.to_string());
            says.push(("status", record.status.clone(), finished.unwrap_or("running").to_owned()));
            says.push(("finished_ms", time(record.finished_at), time(finished.map(|_| last.at))));
            if !self.journal.says_turns() {
                says.push(("last_seq", record.turned_seq.to_string(), last.seq.to_string()));
            }
        }
        // An event that is missing or cannot be read may have been one that turns the run, unless the last one does.
        let turned = last.filter(|last| whole || turns(&last.body));
        let turned = turned.and_then(|_| events.iter().rev().find(|event| turns(&event.body)));
        if let Some(turned) = turned.filter(|_| self.journal.says_turns()) {
            says.push(("turned_seq", record.turned_seq.to_string(), turned.seq.to_string()));
        }
        for (column, row, truth) in says.into_iter().filter(|(_, row, truth)| row != truth) {
            let what = format!("`runs.{column}` says {row}, and the events say {truth}");
            self.tell(Some(&record.run), None, what, PROJECTION);
        }
    }

    /// Whether the run is listed with the one that its calls go back to, so that they are owned and pruned together.
    async fn family(&mut self, record: &Record, events: &[Event]) {
        let Some(EventBody::RunStarted(started)) = events.first().map(|event| &event.body) else { return };
        if self.schema < FAMILIES {
            return;
        }
        let caller = started.parent.as_ref().map(|parent| parent.run.to_string());
        let query = sqlx::query(sql::FAMILY).bind(record.key).bind(&caller);
        let found = query.fetch_optional(self.journal.readers()).await;
        match found.and_then(|row| row.map(|row| row.try_get::<bool, _>(0)).transpose()).map_err(store_error)
        {
            Ok(None | Some(true)) => {}
            Ok(Some(false)) => {
                let caller = caller.unwrap_or_else(|| "nobody".to_owned());
                let what =
                    format!("`runs.root` says otherwise than the events, where it was called by {caller}");
                self.tell(Some(&record.run), None, what, PROJECTION);
            }
            Err(error) => {
                let what = format!("to whom it belongs cannot be read: {error}");
                self.tell(Some(&record.run), None, what, RESTORE);
            }
        }
    }

    /// The events as the engine takes them.
    async fn follow(&mut self, record: &Record, events: &[Event]) {
        let Ok(id) = record.run.parse::<RunId>() else {
            return self.tell(Some(&record.run), None, format!("`{}` is no run id", record.run), RESTORE);
        };
        let Some(playbook) = self.playbook(record).await else { return };
        let Some((first, rest)) = events.split_first() else { return };
        let mut run = match Run::new(id, playbook, first) {
            Ok(run) => run,
            Err(error) => return self.tell(Some(&record.run), Some(1), error.to_string(), OTHER_VERSION),
        };
        for event in rest {
            if let Err(error) = run.apply(event) {
                let seq = i64::try_from(event.seq).ok();
                return self.tell(Some(&record.run), seq, error.to_string(), REPORT);
            }
        }
    }
}

/// Whether a run stands otherwise after it than before.
fn turns(body: &EventBody) -> bool {
    matches!(body, EventBody::RunStarted(_) | EventBody::RunFinished(_) | EventBody::RunRetried { .. })
}

/// The event in a row, if it is one. Where the payload says its kind and step itself, as it did before schema 6, its columns say
/// the same.
fn event(row: &SqliteRow) -> Result<Event, String> {
    let failed = |error| store_error(error).to_string();
    let body = row::body(row)?;
    let seq: i64 = row.try_get(0).map_err(failed)?;
    let at: i64 = row.try_get(1).map_err(failed)?;
    let seq = u64::try_from(seq).map_err(|_| format!("{seq} is no number of an event"))?;
    let event = Event { seq, at: Timestamp::from_millis(at), body };
    let kind: String = row.try_get(3).map_err(failed)?;
    let step: Option<String> = row.try_get(4).map_err(failed)?;
    if kind != event.body.kind() {
        return Err(format!("its `kind` says {kind}, and its payload {}", event.body.kind()));
    }
    let told = event.body.step().map(StepPath::as_str);
    if step.as_deref() != told {
        let (column, payload) = (shown(step.as_deref()), shown(told));
        return Err(format!("its `step` says {column}, and its payload {payload}"));
    }
    Ok(event)
}
