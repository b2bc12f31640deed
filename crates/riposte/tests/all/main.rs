//! The binary as its users call it: real processes, real files, real HTTP.

mod bad_input;
mod check;
mod faults;
mod journal;
mod main_job;
mod support;
