//! The playbook language: text to a checked plan, or diagnostics.

mod computed;
mod inputs;
mod plan;
pub mod retry;

pub use computed::{Computed, evaluate_entries};
pub use inputs::Inputs;
pub use plan::{
    ActionStep, Auth, Await, Binding, Credential, Dedupe, OnError, Playbook, Step, StepKind, Webhook,
};
