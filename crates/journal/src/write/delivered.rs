//! Beginnings that come with what delivered them: which are new, and what is written of those.

use riposte_engine::{Beginning, Begun, Delivery, EventBody, StoreError};
use riposte_model::{RunId, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;

/// A delivery's key as it stands in the journal: without NUL, at which SQLite's JSON functions cut a text off, so that two
/// keys would become one.
pub(crate) fn key(delivery: &Delivery) -> String {
    delivery.key.replace('\\', "\\\\").replace('\0', "\\0")
}

/// What is asked about a beginning: whether its delivery has begun a run before.
pub(super) fn asked(beginning: &Beginning) -> Value {
    let delivery = beginning.delivery.as_ref();
    delivery
        .map_or(Value::Null, |delivery| json!([delivery.source, key(delivery), delivery.since.as_millis()]))
}

/// The beginnings of any number of requests, one after the other.
pub(super) struct Beginnings<'b> {
    known: HashMap<usize, RunId>,
    /// What has been begun by those before.
    here: HashMap<(&'b str, &'b str), (RunId, Timestamp)>,
    /// The place of the next one among all that were asked about.
    place: usize,
    fresh: Vec<&'b Beginning>,
}

impl<'b> Beginnings<'b> {
    pub(super) fn new(known: HashMap<usize, RunId>) -> Self {
        Beginnings { known, here: HashMap::new(), place: 0, fresh: Vec::new() }
    }

    /// What comes of one request.
    pub(super) fn decide(&mut self, request: &'b [Beginning]) -> Result<Vec<Begun>, StoreError> {
        let first = self.place;
        self.place += request.len();
        // What is refused has to be refused before anything of it is written.
        let wrong = |beginning: &&Beginning| !matches!(beginning.first.body, EventBody::RunStarted(_));
        if let Some(wrong) = request.iter().find(wrong) {
            return Err(StoreError::OutOfOrder(wrong.run));
        }
        Ok((first..).zip(request).map(|(place, beginning)| self.begin(place, beginning)).collect())
    }

    fn begin(&mut self, place: usize, beginning: &'b Beginning) -> Begun {
        let before = beginning.delivery.as_ref().and_then(|delivery| {
            let within = self.here.get(&(delivery.source.as_str(), delivery.key.as_str()));
            let within = within.filter(|(_, at)| *at >= delivery.since).map(|(run, _)| *run);
            within.or_else(|| self.known.remove(&place))
        });
        if let Some(run) = before {
            return Begun::Already(run);
        }
        self.fresh.push(beginning);
        if let Some(delivery) = &beginning.delivery {
            self.here.insert((&delivery.source, &delivery.key), (beginning.run, beginning.first.at));
        }
        Begun::New
    }

    /// Those that are new.
    pub(super) fn fresh(&self) -> &[&'b Beginning] {
        &self.fresh
    }

    /// The playbooks of those, by the hash of their source, each with one beginning that has it.
    pub(super) fn playbooks(&self) -> HashMap<&'b str, &'b Beginning> {
        let playbooks = self.fresh.iter().filter_map(|beginning| match &beginning.first.body {
            EventBody::RunStarted(started) => Some((started.source.as_str(), *beginning)),
            _ => None,
        });
        playbooks.collect()
    }

    /// Their rows of `runs`, whose numbers begin at `first`, as JSON.
    pub(super) fn runs(&self, first: i64) -> String {
        let rows = (first..).zip(&self.fresh).filter_map(|(key, beginning)| {
            let EventBody::RunStarted(started) = &beginning.first.body else { return None };
            let (run, at) = (beginning.run.to_string(), beginning.first.at.as_millis());
            let trigger = format!("{} {}", started.trigger.kind, started.trigger.name);
            Some(json!([key, run, started.playbook, started.source, trigger, at]))
        });
        Value::Array(rows.collect()).to_string()
    }

    /// Their rows of `deliveries`, as JSON.
    pub(super) fn deliveries(&self) -> String {
        let rows = self.fresh.iter().filter_map(|beginning| {
            let (delivery, at) = (beginning.delivery.as_ref()?, beginning.first.at.as_millis());
            // As long as it counts for who asks now it counts for who asks later.
            let window = at.saturating_sub(delivery.since.as_millis());
            let run = beginning.run.to_string();
            Some(json!([delivery.source, key(delivery), run, at, at.saturating_add(window)]))
        });
        Value::Array(rows.collect()).to_string()
    }
}
