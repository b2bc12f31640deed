//! The doors over HTTP, in front of an engine that only takes notes.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

mod answers;
mod auth;
mod fixture;
mod hooks;
mod server;
