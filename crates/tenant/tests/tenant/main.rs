//! The simulated tenant as its clients see it: over real HTTP, on a port of the system's choice, with a clock that only
//! moves when a test moves it.
#![cfg(test)]

mod helpers;

mod actions;
mod control;
mod documented;
mod downloads;
mod entities;
mod faults;
mod investigations;
mod library;
mod lifecycle;
mod limits;
mod lists;
mod live_response;
mod log;
mod machines;
mod many;
mod offboarding;
mod response;
mod scenario;
mod stale;
mod token;
