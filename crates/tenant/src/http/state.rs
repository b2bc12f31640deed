//! Everything a running tenant holds, and the one lock around it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use chrono::{DateTime, SubsecRound, Utc};
use tokio::sync::watch;

use super::limits::Limits;
use super::packages::Packages;
use crate::config::Config;
use crate::fault::Faults;
use crate::log::Log;
use crate::oauth::Tokens;
use crate::truth::{Entities, Truth};

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
    pub(super) tokens: Tokens,
    pub(super) limits: Limits,
    pub(super) packages: Packages,
}

impl Shared {
    pub(crate) fn new(mut config: Config, url: String, closing: watch::Receiver<()>) -> Self {
        let mut faults = Faults::default();
        for fault in std::mem::take(&mut config.faults) {
            if let Err(error) = faults.push(fault) {
                tracing::error!(%error, "the fault is ignored");
            }
        }
        let truth = Truth::new(config.seed, config.pace.clone(), config.clock.now().trunc_subsecs(DIGITS));
        let mut entities = Entities::new(truth.devices(), config.clock.now().trunc_subsecs(DIGITS));
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
        };
        Self { config, url, closing, state: Mutex::new(state) }
    }

    /// The state, also where a request that held it has panicked: each change to it is made whole or not at all.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time, as precise as it is written: a client that filters by a time stamp it was given must find its row.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.config.clock.now().trunc_subsecs(DIGITS)
    }
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
    pub(super) range: Option<String>,
    pub(super) if_range: Option<String>,
    /// Whether it says `Metadata: true`.
    pub(super) is_direct: bool,
    /// Its `X-IDENTITY-HEADER`.
    pub(super) identity: Option<String>,
    /// `None` where it was too large.
    pub(crate) body: Option<Bytes>,
}
