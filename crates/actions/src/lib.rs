//! The action catalogue and the adapters that carry actions out.
//!
//! One file for each action: what the catalogue says of it, and how it is sent. What all actions of a provider share
//! (following, reconciling, what an error means for a run) stands beside them, once.

mod defender;
mod http;
mod rehearsal;

pub use defender::{DefenderConnector, Downloads};
pub use http::{HttpAuth, HttpConnector, HttpSettings, HttpSettingsError, NothingOutside, SecretPlace};

pub use rehearsal::{Rehearsal, Rehearsed};

use riposte_model::Catalogue;

/// Every action that this riposte knows.
pub fn catalogue() -> Catalogue {
    defender::actions().iter().map(defender::Action::spec).chain(http::specs()).collect()
}
