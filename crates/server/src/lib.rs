//! The doors of the daemon: webhooks and configuration.
//!
//! What comes in here is other people's text. It is bounded and checked, and leaves as typed values or as a list of
//! everything that is wrong with it.

pub mod config;
pub mod hooks;
pub mod http;
mod intake;

pub use intake::Intake;
