//! Beginnings that come with what delivered them: which are new, and what is written of those.

use crate::line::{self, Line};
use crate::sql::batch::Parameters;
use riposte_engine::{Beginning, Begun, Delivery, StoreError};
use riposte_model::{PlaybookName, RunId, SourceHash, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// A delivery's key as it stands in the journal: without NUL, at which SQLite's JSON functions cut a text off, so that two
/// keys would become one.
pub(crate) fn key(delivery: &Delivery) -> String {
    delivery.key.replace('\\', "\\\\").replace('\0', "\\0")
}

/// A beginning as it is written.
pub(crate) struct Start {
    run: RunId,
    first: Line,
    after: Vec<Line>,
    playbook: PlaybookName,
    hash: SourceHash,
    source: Arc<str>,
    /// Kind and name of what started it.
    trigger: String,
    delivery: Option<Delivery>,
}

impl Start {
    /// Refused, and with it the whole request, if it does not begin with a beginning.
    pub(crate) fn of(beginning: &Beginning) -> Result<Start, StoreError> {
        let started = beginning.started()?;
        Ok(Start {
            run: beginning.run,
            first: Line::beginning(beginning)?,
            after: Line::all(&beginning.after)?,
            playbook: started.playbook.clone(),
            hash: started.source.clone(),
            source: beginning.source.clone(),
            trigger: format!("{} {}", started.trigger.kind, started.trigger.name),
            delivery: beginning.delivery.clone(),
        })
    }

    pub(super) fn run(&self) -> RunId {
        self.run
    }

    /// Whether it begins only if its delivery is not known.
    pub(super) fn is_delivered(&self) -> bool {
        self.delivery.is_some()
    }

    pub(super) fn hash(&self) -> &SourceHash {
        &self.hash
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn first(&self) -> &Line {
        &self.first
    }

    /// All of its events.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        std::iter::once(&self.first).chain(&self.after)
    }

    /// How many events it has, and so the number of the last of them.
    pub(super) fn events(&self) -> usize {
        1 + self.after.len()
    }
}

impl Start {
    /// The parameters of [`crate::sql::begin_one`] for it.
    pub(super) fn bind(&self, key: i64, owner: &str) -> Result<Parameters, StoreError> {
        let mut parameters = Parameters::default();
        parameters.add(self.run.to_string())?;
        parameters.add(self.playbook.as_str())?;
        parameters.add(self.hash.as_str())?;
        parameters.add(self.trigger.as_str())?;
        line::bind(&mut parameters, owner, self.lines().map(|line| (key, line)))?;
        Ok(parameters)
    }
}

/// What is asked about a beginning: whether its delivery has begun a run before.
pub(super) fn asked(beginning: &Start) -> Value {
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
    fresh: Vec<&'b Start>,
}

impl<'b> Beginnings<'b> {
    pub(super) fn new(known: HashMap<usize, RunId>) -> Self {
        Beginnings { known, here: HashMap::new(), place: 0, fresh: Vec::new() }
    }

    /// What comes of one request.
    pub(super) fn decide(&mut self, request: &'b [Start]) -> Vec<Begun> {
        let first = self.place;
        self.place += request.len();
        (first..).zip(request).map(|(place, beginning)| self.begin(place, beginning)).collect()
    }

    fn begin(&mut self, place: usize, beginning: &'b Start) -> Begun {
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
    pub(super) fn fresh(&self) -> &[&'b Start] {
        &self.fresh
    }

    /// The one that is new, if there is one and nothing delivered it.
    pub(super) fn lone(&self) -> Option<&'b Start> {
        if let [lone] = self.fresh.as_slice() {
            Some(*lone).filter(|lone| !lone.is_delivered())
        } else {
            None
        }
    }

    /// The playbooks of those, by the hash of their source, each with one beginning that has it.
    pub(super) fn playbooks(&self) -> HashMap<&'b str, &'b Start> {
        self.fresh.iter().map(|beginning| (beginning.hash.as_str(), *beginning)).collect()
    }

    /// Their rows of `runs`, whose numbers begin at `first`, as JSON.
    pub(super) fn runs(&self, first: i64) -> String {
        let rows = (first..).zip(&self.fresh).map(|(key, beginning)| {
            let Start { run, first, playbook, hash, trigger, .. } = beginning;
            json!([key, run.to_string(), playbook, hash, trigger, first.at.as_millis()])
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
