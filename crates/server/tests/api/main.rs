//! The daemon's API, in front of a host that drives runs in memory.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

mod access;
mod config;
mod described;
mod events;
mod playbooks;
mod runs;
mod stage;
