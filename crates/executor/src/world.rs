//! The ports, as the drivers of all runs share them.

use crate::connections::Connection;
use crate::poller::Poller;
use riposte_engine::{Clock, Ledger, Observer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a driver acts on.
pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) connections: BTreeMap<String, Served>,
}

/// A connection and its poller.
pub(crate) struct Served {
    pub(crate) connection: Connection,
    pub(crate) poller: Poller,
}
