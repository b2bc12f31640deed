//! Actions in playbooks, from the step to the device: the real executor and client, against a simulated tenant.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

mod cancel;
mod file_actions;
mod investigations;
mod live_response;
mod machine_actions;
mod stage;
