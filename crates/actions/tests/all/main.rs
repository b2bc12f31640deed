//! Actions end to end: through the connector, and in playbooks from the step to the device, over real HTTP at a simulated
//! tenant.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

mod alerts;
mod cancel;
mod catalogue;
mod changes;
mod downloads;
mod file_actions;
mod http;
mod investigations;
mod lag;
mod library;
mod live_response;
mod machine_actions;
mod matrix;
mod stage;
mod storm;
mod table;
mod withdrawals;
mod world;
