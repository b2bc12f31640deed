//! The thin shell around the engine: drives runs, timers and the poller.
//!
//! One driver owns one run. It asks the engine what should happen, has it done by tasks of its own, and records what
//! came of it; only the driver touches the run, so there is no lock. Nothing here decides anything that matters after
//! a crash: that is the engine's, and the engine's word is in the journal.
//!
//! ```text
//!   Run::next ─► commands ─► driver ─┬─ record ─────────► Ledger ─► Store
//!       ▲                            ├─ call, send ─────► Connector
//!       │                            ├─ reconcile ──────► Connector::find
//!       └────── events ◄── reports ──┼─ follow ─────────► Poller (one a connection)
//!                                    ├─ withdraw ───────► Connector::withdraw
//!                                    └─ sleep ──────────► Clock
//! ```

mod bells;
mod call;
mod cancel;
mod child;
mod clock;
mod connections;
mod desk;
mod driver;
mod executor;
mod family;
mod gate;
mod host;
mod pace;
mod permissions;
mod plans;
mod poller;
mod recorded;
mod retry;
mod span;
mod stop;
mod wakes;
mod watchlist;
mod withdraw;
mod work;
mod world;

pub use clock::SystemClock;
pub use connections::{Connection, Connections};
pub use executor::{BeginError, DriveError, Executor, NewRun};
pub use gate::GateError;
pub use host::{CancelError, Counts, Host, HostError, Trouble};
pub use pace::Pace;
pub use plans::Library;
pub use recorded::{Recorded, RecordedError};
pub use retry::RetryError;
