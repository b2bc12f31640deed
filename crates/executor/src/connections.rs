//! Which connector carries out which actions.

use crate::pace::Pace;
use riposte_engine::Connector;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// One connection to a provider.
#[derive(Clone)]
pub struct Connection {
    /// What it is connected to, for the record: «tenant … at …».
    pub description: String,
    /// Who speaks to it.
    pub connector: Arc<dyn Connector>,
    /// How long after a call was sent the provider's log may still not show it.
    pub visibility_delay: Duration,
    /// How often pending actions are asked after.
    pub pace: Pace,
}

/// All connections, by the name that action names start with.
#[derive(Clone, Default)]
pub struct Connections(BTreeMap<String, Connection>);

impl Connections {
    /// None yet.
    pub fn new() -> Self {
        Connections::default()
    }

    /// Adds one; a second one of the same name takes its place.
    #[must_use]
    pub fn with(mut self, name: &str, connection: Connection) -> Self {
        self.0.insert(name.to_owned(), connection);
        self
    }

    /// Each with what this makes of it.
    #[must_use]
    pub fn map(self, mut change: impl FnMut(Connection) -> Connection) -> Self {
        Connections(self.0.into_iter().map(|(name, connection)| (name, change(connection))).collect())
    }

    /// The one of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Connection> {
        self.0.get(name)
    }

    /// What each is connected to, by name.
    pub fn descriptions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, connection)| (name.as_str(), connection.description.as_str()))
    }

    /// All of them, by name.
    pub(crate) fn into_iter(self) -> impl Iterator<Item = (String, Connection)> {
        self.0.into_iter()
    }
}
