//! The ports, as the drivers of all runs share them.

use crate::connections::Connection;
use crate::gate::Gate;
use crate::poller::Poller;
use riposte_engine::{Clock, Ledger, Observer, Store};
use riposte_model::Catalogue;
use riposte_playbook::Playbook;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What drivers act on.
pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) connections: BTreeMap<String, Served>,
    /// The playbooks that others call, by name.
    pub(crate) playbooks: BTreeMap<String, Arc<Playbook>>,
    /// What the source of a recorded run is read with.
    pub(crate) catalogue: Catalogue,
    pub(crate) gate: Gate,
}

/// A connection and its poller.
pub(crate) struct Served {
    pub(crate) connection: Connection,
    pub(crate) poller: Poller,
}
