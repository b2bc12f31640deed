//! One run: its events, what they make of the playbook, and what `runs` says of them.

use super::{Look, OTHER_VERSION, RESTORE};
use crate::error::store_error;
use crate::record::Record;
use crate::{row, sql};
use riposte_engine::{Event, EventBody, Run, StoreError};
use riposte_model::{RunId, StepPath, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row};

const REPORT: &str =
    "do not let the run go on; please report this as a bug in riposte, with `riposte journal export`";
/// The schema that has `runs.root`.
const FAMILIES: i64 = 2;

const PROJECTION: &str =
    "the events are right, and the listing of this run is wrong until then: restore from a copy";

impl Look<'_> {
    pub(super) async fn run(&mut self, listed: Record) {
        let (record, rows, cut) = match self.read(&listed).await {
            Ok(read) => read,
            Err(error) => {
                return self.tell(
                    Some(&listed.run),
                    None,
                    format!("its events cannot be read: {error}"),
                    RESTORE,
                );
            }
        };
        // It has been pruned since it was listed.
        let Some(record) = record else { return };
        let mut events = Vec::with_capacity(rows.len());
        let mut whole = true;
        // Whether the very last one can be read.
        let mut ends = false;
        for (row, expected) in rows.iter().zip(1..) {
            let seq: i64 = row.try_get(0).unwrap_or_default();
            if seq != expected && whole {
                let what = format!("event {expected} is missing: the next one has the number {seq}");
                self.tell(Some(&record.run), Some(expected), what, RESTORE);
                whole = false;
            }
            match event(row) {
                Ok(event) => {
                    events.push(event);
                    ends = true;
                }
                Err(what) => {
                    ends = false;
                    self.tell(Some(&record.run), Some(seq), what, RESTORE);
                    whole = false;
                }
            }
        }
        self.counts.events += events.len() as u64;
        if let Some(error) = cut {
            let what = format!("its events after number {} cannot be read: {error}", rows.len());
            self.tell(Some(&record.run), None, what, RESTORE);
            whole = false;
            ends = false;
        }
        self.counts.unfinished += u64::from(record.finished_at.is_none());
        self.compare(&record, &events, events.last().filter(|_| ends));
        self.family(&record, &events).await;
        if whole && !events.is_empty() {
            self.follow(&record, &events).await;
        }
    }

    /// The run's row and its events in one snapshot; if they break off, why.
    async fn read(
        &self,
        listed: &Record,
    ) -> Result<(Option<Record>, Vec<SqliteRow>, Option<StoreError>), StoreError> {
        let mut connection = self.journal.readers().acquire().await.map_err(store_error)?;
        let mut snapshot = connection.begin().await.map_err(store_error)?;
        let record = sqlx::query(sql::RECORD)
            .bind(listed.key)
            .fetch_optional(&mut *snapshot)
            .await
            .map_err(store_error)?;
        let record = record.as_ref().map(Record::of).transpose()?;
        let mut rows = Vec::new();
        // One after the other by its number: a page that cannot be read then costs what is on it, and is told.
        let mut cut = None;
        let mut after = 0_i64;
        loop {
            let next =
                sqlx::query(sql::VERIFY_EVENTS).bind(listed.key).bind(after).fetch_all(&mut *snapshot).await;
            match next {
                Ok(page) if page.is_empty() => break,
                Ok(page) => {
                    after = page.last().and_then(|row| row.try_get(0).ok()).unwrap_or(i64::MAX);
                    rows.extend(page);
                }
                Err(error) => {
                    cut = Some(store_error(error));
                    break;
                }
            }
        }
        Ok((record, rows, cut))
    }

    /// What `runs` says against what the events say. `last` is there if the very last event can be read.
    fn compare(&mut self, record: &Record, events: &[Event], last: Option<&Event>) {
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
            says.push(("last_seq", record.last_seq.to_string(), last.seq.to_string()));
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

/// The event in a row, if it is one and its columns say so too.
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
        let show =
            |step: Option<&str>| step.map_or_else(|| "no step".to_owned(), |step| format!("step `{step}`"));
        return Err(format!("its `step` says {}, and its payload {}", show(step.as_deref()), show(told)));
    }
    Ok(event)
}
