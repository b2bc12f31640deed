//! What a host keeps beside the events of its runs: what has been delivered, what parked runs wait for, what was stopped.
//!
//! A host takes events in at any rate, lets runs that only wait leave memory, and outlives its process by its store. All of
//! this is written by the same store as the events, in the same transactions, so that it can never contradict them.

use crate::devices::{Claim, Claimant};
use crate::event::{Event, EventBody, RunStarted, RunStatus};
use crate::port::{RunSummary, Store, StoreError};
use async_trait::async_trait;
use riposte_model::{PlaybookName, RunId, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// A [`Store`] that serves a host.
#[async_trait]
pub trait HostStore: Store {
    /// Begins runs, all or nothing, each at most once for its delivery; returns when they are on disk. A delivery that is known
    /// begins nothing and is answered with what it began the first time, also within one batch; then nothing of what follows it is
    /// kept either.
    async fn begin_delivered(&self, beginnings: &[Beginning]) -> Result<Vec<Begun>, StoreError>;
    /// The run that a delivery has begun, if it is known.
    async fn delivered(&self, delivery: &Delivery) -> Result<Option<RunId>, StoreError>;
    /// Takes every run that is not over and that nobody alive drives, as [`Store::own`] takes one.
    async fn own_left(&self) -> Result<(), StoreError>;
    /// The runs that are not over, that nobody called and that are this store's own, in the order in which they began, at most
    /// `limit`. `after` is the last one of the page before; it may have ended since.
    async fn left(&self, after: Option<RunId>, limit: u32) -> Result<Vec<Left>, StoreError>;
    /// Notes what parked runs wait for. A note is void once the run, or one that it has called, has another event; without one a
    /// run is loaded to find out.
    async fn park(&self, parked: &[Parked]) -> Result<(), StoreError>;
    /// Notes that runs are to end, and that none is to begin, until [`HostStore::lift`]; returns when it is on disk.
    async fn stop(&self, stop: &StopOrder) -> Result<(), StoreError>;
    /// Lifts every order for this playbook, or those for all. What was cancelled stays cancelled. Whether there was one.
    async fn lift(&self, playbook: Option<&PlaybookName>, at: Timestamp) -> Result<bool, StoreError>;
    /// The orders that are not lifted, oldest first.
    async fn stops(&self) -> Result<Vec<StopOrder>, StoreError>;
    /// Notes how far schedules are, each in place of what was noted of it before, and forgets those of these sources, all or
    /// nothing; returns when it is on disk.
    async fn note_schedules(&self, notes: &[ScheduleNote], forget: &[String]) -> Result<(), StoreError>;
    /// What is noted of schedules, in the order of their sources.
    async fn schedules(&self) -> Result<Vec<ScheduleNote>, StoreError>;
    /// A run of this playbook that is not over and that a delivery of this source has begun; the newest.
    async fn under_way(&self, playbook: &PlaybookName, source: &str) -> Result<Option<RunId>, StoreError>;
    /// What has happened in a run after its event number `after`, at most `limit` events, and how the run stands.
    async fn events_after(&self, run: RunId, after: u64, limit: u32) -> Result<EventPage, StoreError>;
    /// Writes something that leaves no trace; returns when it is on disk. What fails here would fail for every run.
    async fn probe(&self) -> Result<(), StoreError>;
    /// A page of runs, the newest first.
    async fn list(&self, query: &RunQuery) -> Result<Vec<RunSummary>, StoreError>;
}

/// How far a schedule is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleNote {
    /// The source of its deliveries.
    pub source: String,
    /// All its times up to this one are dealt with: a run has begun, none is to begin, or it waits.
    pub until: Timestamp,
    /// Times at which a run is still to begin, because the one before had not ended; the oldest first.
    pub waiting: Vec<Timestamp>,
}

/// Some events of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct EventPage {
    /// The events, in order.
    pub events: Vec<Event>,
    /// How the run stood when they were read: once it is over and no event follows, there are no more.
    pub status: RunStatus,
}

/// Which runs to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunQuery {
    /// Of this playbook.
    pub playbook: Option<PlaybookName>,
    /// With this status.
    pub status: Option<RunStatus>,
    /// That began before this one: the last of the page before.
    pub before: Option<RunId>,
    /// At most so many.
    pub limit: u32,
}

/// A run that is to begin.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// Its id.
    pub run: RunId,
    /// Its playbook's source.
    pub source: Arc<str>,
    /// What makes the event recognisable when it comes again, if anything does.
    pub delivery: Option<Delivery>,
    /// What follows from its first event at once, and does not end it.
    pub after: Vec<Event>,
    first: Event,
    text: OnceLock<Arc<str>>,
}

impl Beginning {
    /// Of a run with this first event.
    pub fn new(run: RunId, source: Arc<str>, first: Event, delivery: Option<Delivery>) -> Self {
        Beginning { run, source, delivery, after: Vec::new(), first, text: OnceLock::new() }
    }

    /// Its first event.
    pub fn first(&self) -> &Event {
        &self.first
    }

    /// How it begins.
    ///
    /// # Errors
    ///
    /// Its first event is another one.
    pub fn started(&self) -> Result<&Arc<RunStarted>, StoreError> {
        match &self.first.body {
            EventBody::RunStarted(started) => Ok(started),
            _ => Err(StoreError::OutOfOrder(self.run)),
        }
    }

    /// The same as JSON, made once: the store writes it, and a run that waits for its turn is kept as it.
    ///
    /// # Errors
    ///
    /// Its first event is another one.
    pub fn text(&self) -> Result<&Arc<str>, StoreError> {
        if let Some(text) = self.text.get() {
            return Ok(text);
        }
        let text = serde_json::to_string(self.started()?).map_err(|error| StoreError::Other(error.into()))?;
        Ok(self.text.get_or_init(|| text.into()))
    }
}

/// What makes an event from outside recognisable when it comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Whose keys these are: `webhook defender-alert contain-device`.
    pub source: String,
    /// The key.
    pub key: String,
    /// Deliveries of this key that began a run before this moment are forgotten.
    pub since: Timestamp,
}

/// What came of a [`Beginning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The run has begun.
    New,
    /// The delivery was known: it began this run.
    Already(RunId),
}

/// A run that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its id.
    pub id: RunId,
    /// Its playbook.
    pub playbook: PlaybookName,
    /// How many events it has.
    pub last_seq: u64,
    /// What it waits for, if that was noted and nothing has happened since.
    pub waits: Option<Waits>,
    /// Who stopped it, if an order covers it.
    pub stopped_by: Option<String>,
}

/// A run that leaves memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// The run.
    pub run: RunId,
    /// What it waits for.
    pub waits: Waits,
}

/// What a run and those that it called wait for, and what they hold meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    /// When it has to be looked at whatever happens: the earliest timer or deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What providers work on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<Follow>,
    /// The devices that it acts on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    /// Its places among the runs of its playbook, and those of the runs that it called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passes: Vec<Passed>,
    /// Whether it waits for its turn: for a device, or among the runs of a playbook. It has no turn after a restart, and asks
    /// again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub queued: bool,
}

/// Something that a provider works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// The connection.
    pub connection: String,
    /// The provider's id of it.
    pub provider_id: String,
    /// Since when.
    pub since: Timestamp,
}

/// A device that a step acts on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The step.
    pub who: Claimant,
    /// The device.
    pub claim: Claim,
}

/// A place among the runs of a playbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The run.
    pub run: RunId,
    /// Its playbook.
    pub playbook: PlaybookName,
    /// The text of its `concurrency` key.
    pub key: String,
}

/// An order that runs are to end, or that none is to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopOrder {
    /// Which playbook; `None`: all.
    pub playbook: Option<PlaybookName>,
    /// Whether the runs that have begun are cancelled too.
    pub cancel: bool,
    /// Who, and why.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl StopOrder {
    /// Whether it is about the runs of this playbook.
    pub fn covers(&self, playbook: &PlaybookName) -> bool {
        self.playbook.as_ref().is_none_or(|stopped| stopped == playbook)
    }
}
