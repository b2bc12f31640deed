//! Everything a running tenant holds, and the one lock around it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use chrono::{DateTime, SubsecRound, Utc};
use tokio::sync::watch;

use super::agenda::Agenda;
use super::limits::Limits;
use super::packages::Packages;
use super::past::Past;
use crate::config::Config;
use crate::fault::Faults;
use crate::log::{Effect, Log};
use crate::oauth::Tokens;
use crate::scenario::Event;
use crate::truth::{Entities, Refused, Snapshot, Truth, begin};

/// What requests and the handle of a tenant share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    /// The tenant's own address, for requests that do not name one.
    pub(super) url: String,
    /// Ends when the tenant stops.
    pub(super) closing: watch::Receiver<()>,
    state: Mutex<State>,
}

/// What changes. Held only while one request is decided, never while anything waits.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) truth: Truth,
    pub(crate) entities: Entities,
    pub(crate) log: Log,
    pub(crate) faults: Faults,
    pub(crate) tokens: Tokens,
    pub(crate) limits: Limits,
    pub(super) packages: Packages,
    past: Past,
    agenda: Agenda,
}

impl State {
    /// Lets everything happen that was to happen by now.
    fn catch_up(&mut self, now: DateTime<Utc>) {
        while let Some((at, event)) = self.agenda.due(now) {
            match event {
                Event::Online { device, online } => {
                    self.change(at, |state| state.truth.set_online(&device, online, at).is_some());
                }
                Event::Fault(fault) => {
                    if let Err(error) = self.faults.push(fault) {
                        tracing::error!(%error, "the fault is ignored");
                    }
                }
                Event::ExpireTokens => {
                    self.tokens.expire_all();
                }
                Event::Alert(alert) => {
                    if let Err(why) =
                        self.change(at, |state| state.entities.add_alert(&alert.0, &state.truth, at))
                    {
                        tracing::error!(why, "the alert is ignored");
                    }
                }
            }
        }
        self.truth.settle(now);
    }

    /// Does something that may change what there is, and remembers how it was before.
    pub(crate) fn change<T>(&mut self, now: DateTime<Utc>, change: impl FnOnce(&mut Self) -> T) -> T {
        let before = Snapshot::of(&self.truth, &self.entities);
        let done = change(self);
        self.past.keep(before, now);
        done
    }

    /// Does something as if it were some time ago: it sees what there was, and whatever it changes of that is lost.
    pub(super) fn as_of<T>(&mut self, at: DateTime<Utc>, look: impl FnOnce(&mut Self) -> T) -> T {
        let (truth, entities) = self.past.at(at, &self.truth, &self.entities);
        let truth = std::mem::replace(&mut self.truth, truth);
        let entities = std::mem::replace(&mut self.entities, entities);
        let seen = look(self);
        self.truth = truth;
        self.entities = entities;
        seen
    }

    /// Everything that was done, oldest first.
    pub(crate) fn effects(&self) -> Vec<Effect> {
        let mut effects: Vec<Effect> = self.truth.effects().chain(self.entities.changes().cloned()).collect();
        effects.sort_by_key(|effect| effect.at);
        effects
    }
}

impl Shared {
    pub(crate) fn new(mut config: Config, url: String, closing: watch::Receiver<()>) -> Self {
        let start = now(&config);
        let mut faults = Faults::default();
        for fault in std::mem::take(&mut config.faults) {
            if let Err(error) = faults.push(fault) {
                tracing::error!(%error, "the fault is ignored");
            }
        }
        let (truth, mut entities, refused) = begin(&config, start);
        for Refused { list, index, why } in refused {
            tracing::error!(?list, index, why, "the entry is ignored");
        }
        for answer in std::mem::take(&mut config.queries) {
            if let Err(error) = entities.hunting.teach(&answer.query, answer.schema(), answer.results.into())
            {
                tracing::error!(%error, "the answer to a query is ignored");
            }
        }
        let state = State {
            truth,
            entities,
            log: Log::default(),
            faults,
            tokens: Tokens::default(),
            limits: Limits::default(),
            packages: Packages::default(),
            past: Past::default(),
            agenda: Agenda::new(std::mem::take(&mut config.events), start),
        };
        Self { config, url, closing, state: Mutex::new(state) }
    }

    /// The state, with everything in it that was to happen by now; also where a request that held it has panicked: each
    /// change to it is made whole or not at all.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.catch_up(self.now());
        state
    }

    /// The time, as precise as it is written: a client that filters by a time stamp it was given must find its row.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        now(&self.config)
    }
}

fn now(config: &Config) -> DateTime<Utc> {
    (config.clock.now() + config.clock_skew).trunc_subsecs(DIGITS)
}

/// Fractional digits of a time stamp.
const DIGITS: u16 = 7;

/// One request, read as far as anything here needs it.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Option<String>,
    /// Scheme and host by which the client knows the tenant.
    pub(super) base: String,
    pub(super) bearer: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) range: Option<String>,
    pub(super) if_range: Option<String>,
    /// Whether it says `Metadata: true`.
    pub(super) is_direct: bool,
    /// Its `X-IDENTITY-HEADER`.
    pub(super) identity: Option<String>,
    /// Whether it says that it can read gzip.
    pub(super) gzip: bool,
    /// `None` where it was too large.
    pub(crate) body: Option<Bytes>,
}
