//! The doors of the daemon: webhooks, schedules, its API and configuration.
//!
//! What comes in here is other people's text. It is bounded and checked, and leaves as typed values or as a list of
//! everything that is wrong with it.

pub mod api;
pub mod config;
pub mod document;
pub mod hooks;
pub mod http;
mod intake;
pub mod metrics;
mod problem;
pub mod reload;
pub mod schedule;

pub use intake::Intake;
pub use problem::{Kind, Problem};
