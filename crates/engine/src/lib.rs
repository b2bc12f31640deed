//! The pure heart of riposte: events in, commands out, and the ports to the world.
//!
//! ```text
//!            events (journal)
//!                 │ apply
//!                 ▼
//!   playbook ──► Run ── next ──► commands ──► the executor does them,
//!                 ▲                           and appends what came of it
//!                 └───────────── events ◄──────────────┘
//! ```
//!
//! [`Run::next`] is a function of the playbook and of everything that has happened: no clock, no I/O, no randomness.
//! Recovery after a crash is the same code: load the events, apply them, ask `next`. Time and chance enter only inside
//! events. The ports ([`Store`], [`Connector`], [`Clock`], [`Observer`]) are what the executor is handed by the binary.

mod command;
mod connector;
mod devices;
mod event;
mod host;
mod ledger;
mod marker;
mod outcome;
mod pause;
mod port;
mod run;
mod turn;
mod withdrawal;

pub use command::{Call, Command, Deadline};
pub use connector::Connector;
pub use devices::{Claim, Claimant, Devices, Target};
pub use event::{
    CallIntended, Event, EventBody, Finding, Parent, RunFinished, RunStarted, RunStatus, StepStatus, Trigger,
};
pub use host::{
    Beginning, Begun, Delivery, EventPage, Follow, Hold, HostStore, Left, Parked, Passed, RunQuery,
    ScheduleNote, StopOrder, Waits,
};
pub use ledger::{Durable, Ledger, RecordError, Written, onward};
pub use marker::Marker;
pub use outcome::{MAX_OUTPUT, Outcome, Sighting, Standing};
pub use pause::pause_before_retry;
pub use port::{Clock, Note, Observer, RunSummary, Store, StoreError};
pub use run::{Again, IllegalEvent, Item, Items, Reopening, Run, StepRecord, StepState};
pub use turn::Turn;
pub use withdrawal::Withdrawal;
