//! The playbook language: text to a checked plan, or diagnostics.
//!
//! [`load`] reads one file, [`load_all`] those that belong together. What it gives back is a [`Playbook`] in which nothing is left to decide that the file and
//! the action catalogue decide, or a [`Report`] of everything wrong with the file, each problem with its place. The
//! YAML reader ([`yaml`]) and the report serve the daemon's configuration too. Nothing here does I/O; what is read is
//! bounded, and no text makes it panic.

mod advice;
mod code;
mod computed;
mod diagnostic;
mod editor;
mod inputs;
mod library;
mod load;
mod plan;
mod report;
pub mod retry;
mod rule;
mod schedule;
mod signature;
mod trigger;
pub mod yaml;

pub use code::Code;
pub use computed::{Computed, evaluate_entries};
pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity, suggest};
pub use editor::editor_schema;
pub use inputs::Inputs;
pub use library::{MAX_CALL_DEPTH, load_all};
pub use load::{Loaded, MAX_SOURCE, load};
pub use plan::{
    ActionStep, Await, Block, CallStep, Concurrency, ForEach, OnError, Playbook, Section, Step, StepKind,
    Wait, WhenFull,
};
pub use report::{Place, Report, Style};
pub use schedule::{Change, Cron, CronError, CronFault, UnknownZone, Zone};
pub use trigger::{Auth, Binding, Credential, Dedupe, Missed, Overlap, Schedule, Trigger, Webhook};
