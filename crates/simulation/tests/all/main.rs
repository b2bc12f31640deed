//! The executor against a scripted connector, and whole lives in seeded worlds.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

mod calls;
mod changes;
mod children;
mod data;
mod deaths;
mod doubts;
mod flow;
mod handlers;
mod host;
mod limits;
mod lives;
mod loops;
mod recorded;
mod retried_lives;
mod retries;
mod retries_around;
mod stage;
mod turns;
mod waits;
mod withdrawals;
