//! The nouns every part of riposte shares.
//!
//! Ids, names, hosts, effects, failures, bounded JSON values, the schema subset in which inputs and action arguments
//! are described, and [`ActionSpec`], what the catalogue says of one action. Nothing here does I/O, reads a
//! clock, or knows a runtime.

mod action;
mod duration;
mod effect;
mod failure;
mod host;
mod id;
mod keyed;
mod name;
mod schema;
mod time;
mod value;

pub use action::{ActionSpec, Catalogue, Completion, Permissions, Priority, RateLimit};
pub use duration::{DurationError, format_duration, parse_duration};
pub use effect::Effect;
pub use failure::{ErrorKind, Failure, ProviderDetail, UnknownErrorKind};
pub use host::{Host, HostPattern, InvalidHost};
pub use id::{InvalidRunId, RunId};
pub use keyed::{KeyedList, KeyedMap, KeyedSet};
pub use name::{ActionName, InvalidName, PlaybookName, SourceHash, StepPath};
pub use schema::{Format, ObjectSchema, Pattern, Property, Schema, Type, Violation};
pub use time::{InvalidTimestamp, Timestamp};
pub use value::{BoundedJsonError, MAX_DEPTH, article, is_deeper_than, parse_bounded, size_over, type_name};
