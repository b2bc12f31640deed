//! Tolerant reading of the provider's JSON: a field that changed its type must not cost the whole answer.

mod collection;
mod fields;
mod json;
mod object;
mod provider_enum;
mod timestamp;

pub(crate) use collection::rows;
pub(crate) use fields::Fields;
pub(crate) use json::{json, without_mark};
pub(crate) use object::{Part, Take, provider_object};
pub(crate) use provider_enum::provider_enum;
pub use timestamp::Timestamp;

/// An answer that lacks what its type cannot do without. It says what was expected and never what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct Malformed {
    /// For example "a machine action with an id".
    pub expected: &'static str,
}
