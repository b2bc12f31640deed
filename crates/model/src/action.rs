//! What the catalogue says of one action.

use crate::{ActionName, Effect, Schema};
use indexmap::IndexMap;
use std::sync::Arc;
use std::time::Duration;

/// One action of a connector: everything the checker, the engine, `riposte actions` and the documentation know of it.
#[derive(Clone, Debug)]
pub struct ActionSpec {
    /// Connection and operation: `defender.isolate_machine`.
    pub name: ActionName,
    /// One line that says what it does.
    pub summary: &'static str,
    /// What `with` must hold: always an object schema.
    pub arguments: Schema,
    /// What `steps.<id>.output` holds after success, for checking references: closed, so that a misspelt field is
    /// found at load. It is not held against real answers, which may carry more.
    pub output: Schema,
    /// What repeating it would do.
    pub effect: Effect,
    /// When it has ended.
    pub completion: Completion,
    /// Who goes first when calls compete for the provider's limits.
    pub priority: Priority,
    /// The argument that says on which device it acts, if it acts on one: those with effect `once` wait for each other there.
    pub device: Option<&'static str>,
    /// The action that takes it back, if there is one.
    pub inverse: Option<ActionName>,
    /// What the application must be allowed to do.
    pub permissions: Permissions,
    /// The provider's documented limit. Calls wait for room under it; they are not sent to be refused.
    pub rate_limit: RateLimit,
    /// The step's whole duration when the playbook gives none.
    pub default_timeout: Duration,
    /// The provider's page about it.
    pub docs: &'static str,
}

/// When an action has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// With the answer to the call.
    Immediate,
    /// With the last byte of a file that the call fetches. As long as bytes come, only the step's time ends it.
    Fetched,
    /// When the action that the provider opened reaches a final status; the call only starts it.
    Followed,
}

impl Completion {
    /// Whether nothing is left to wait for once the call is answered.
    pub fn is_answer(self) -> bool {
        match self {
            Completion::Immediate | Completion::Fetched => true,
            Completion::Followed => false,
        }
    }
}

/// Order of service under a provider's limits: what stops harm, then what saves evidence, then what looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Stops harm: isolate, quarantine, block.
    Containment,
    /// Saves evidence: packages, samples, scans.
    Collection,
    /// Looks things up.
    Enrichment,
}

impl Priority {
    /// The word used in the catalogue.
    pub fn as_str(self) -> &'static str {
        match self {
            Priority::Containment => "containment",
            Priority::Collection => "collection",
            Priority::Enrichment => "enrichment",
        }
    }
}

/// Permissions that serve, in the provider's own names. Any one of a list is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// For an application (client credentials).
    pub application: &'static [&'static str],
    /// For a signed-in user.
    pub delegated: &'static [&'static str],
}

/// Documented calls per time; `None` where nothing is documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// The provider's calls that are counted together, by a name that its connector knows.
    pub class: Option<&'static str>,
    /// Calls a minute.
    pub per_minute: Option<u32>,
    /// Calls an hour.
    pub per_hour: Option<u32>,
}

/// Every action that is known, in the order of documentation.
#[derive(Clone, Debug, Default)]
pub struct Catalogue(IndexMap<String, Arc<ActionSpec>>);

impl Catalogue {
    /// The action with this name.
    pub fn get(&self, name: &str) -> Option<&Arc<ActionSpec>> {
        self.0.get(name)
    }

    /// All actions.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ActionSpec>> {
        self.0.values()
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl FromIterator<ActionSpec> for Catalogue {
    fn from_iter<I: IntoIterator<Item = ActionSpec>>(specs: I) -> Self {
        Catalogue(specs.into_iter().map(|spec| (spec.name.as_str().to_owned(), Arc::new(spec))).collect())
    }
}
