//! Schedules, with a clock that the tests set.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

mod journal;
mod missed;
mod overlap;
mod reload;
mod restarts;
mod stage;
mod year;
