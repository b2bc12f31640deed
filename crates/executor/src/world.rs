//! The ports, as the drivers of all runs share them.

use crate::connections::Connection;
use crate::desk::Desk;
use crate::gate::Gate;
use crate::plans::Plans;
use crate::poller::Poller;
use crate::wakes::Wakes;
use riposte_engine::{Clock, Ledger, Observer, StopOrder, Store};
use riposte_model::PlaybookName;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// What drivers act on.
pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) connections: BTreeMap<String, Served>,
    /// The playbooks that others call, and those that runs are pinned to.
    pub(crate) plans: Plans,
    pub(crate) gate: Gate,
    pub(crate) desk: Desk,
    /// Whether the queues give turns.
    pub(crate) open: watch::Sender<bool>,
    /// What there is to tell a host.
    pub(crate) wakes: Arc<Wakes>,
    /// Whether a `wait` step is over at once.
    pub(crate) skips_waits: bool,
    /// What nobody may begin.
    pub(crate) stops: RwLock<Vec<StopOrder>>,
}

impl World {
    /// Who has said that no run of this playbook may begin, if anybody has.
    pub(crate) fn stopped(&self, playbook: &PlaybookName) -> Option<String> {
        let stops = self.stops.read().unwrap_or_else(PoisonError::into_inner);
        stops.iter().find(|stop| stop.covers(playbook)).map(|stop| stop.by.clone())
    }
}

impl World {
    /// Who has ordered that the runs of this playbook end, if anybody has.
    pub(crate) fn cancelled_by_order(&self, playbook: &PlaybookName) -> Option<String> {
        let stops = self.stops.read().unwrap_or_else(PoisonError::into_inner);
        stops.iter().find(|stop| stop.cancel && stop.covers(playbook)).map(|stop| stop.by.clone())
    }
}

/// A connection and its poller.
pub(crate) struct Served {
    pub(crate) connection: Connection,
    pub(crate) poller: Poller,
}
