//! The run journal in SQLite, behind the engine's [`Store`](riposte_engine::Store) port.
//!
//! One connection writes, owned by one task; a small pool reads. The writer takes whatever is queued, commits it as one
//! transaction, and only then answers each sender: an answer means «on disk» (`synchronous=FULL`, WAL). Nobody above
//! this crate has heard of SQLite, and nobody else opens the file to write; pruning has a connection of its own, so that it
//! works beside a process that drives runs. A run is written by its owner alone (`own`), across processes.

mod error;
mod host;
mod line;
mod meter;
mod migration;
mod open;
mod own;
mod payload;
mod prune;
mod read;
mod record;
mod row;
mod sql;
mod store;
mod verify;
mod write;

pub use meter::{Commit, Meter};
pub use prune::{Prune, Pruned};
pub use record::Record;
pub use store::Journal;
pub use verify::{Load, Problem, Quick, Verified};
