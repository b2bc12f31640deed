//! Calls of whatever speaks HTTP: two actions, which do for any service what nobody has written an action for.
//!
//! A request passes, in this order: the rules of the connection ([`target`]), what may be sent ([`request`]), the resolver
//! that gives only addresses within reach ([`resolver`], [`address`]), and the meaning of what comes back ([`answer`]). No
//! redirect is followed: where it leads, nobody has looked at, and a secret would go along. Nothing is ever repeated here.

mod address;
mod answer;
mod connector;
mod outside;
mod request;
mod resolver;
mod settings;
mod spec;
mod target;

pub use connector::HttpConnector;
pub use outside::NothingOutside;
pub use settings::{HttpAuth, HttpSettings, HttpSettingsError, SecretPlace};
pub(crate) use spec::specs;

use riposte_model::{ErrorKind, Failure};
use serde_json::{Map, Value};

/// Arguments that fit the action's schema.
type Arguments = Map<String, Value>;

/// What a step says makes no request.
fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(ErrorKind::Invalid, message)
}

/// What the connection does not allow.
fn refused(message: impl Into<String>) -> Failure {
    Failure::new(ErrorKind::Refused, message)
}
