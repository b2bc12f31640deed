//! The binary as its users call it: real processes, real files, real HTTP.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

mod api;
mod auth;
mod bad_input;
mod built;
mod cancel;
mod check;
mod configured;
mod conflicts;
mod crashes;
mod daemon;
mod daemon_faults;
mod doctor;
mod documents;
mod downloads;
mod errors;
mod expr;
mod faults;
mod guide;
mod http;
mod journal;
mod journal_care;
mod made;
mod main_job;
mod observed;
mod package;
mod permissions;
mod reloading;
mod resume;
mod retry;
mod running;
mod scenario;
mod schedule;
mod schema;
mod service;
mod serving;
mod shipped;
mod spans;
mod support;
mod watching;
