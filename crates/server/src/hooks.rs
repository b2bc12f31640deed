//! Webhooks: who may knock, and from a body to the inputs of runs.

mod bind;
mod bucket;
mod guard;
mod index;
mod order;

pub(crate) use bucket::{Bucket, REFUSED_IN_LOG};

pub use bind::{BindError, BindProblem, Bound, MAX_NODES, bind};
pub use guard::{Guard, GuardError, Proof, TOLERANCE, Unproven};
pub use index::{Hook, Hooks, HooksError, Listener};
pub use order::{MAX_KEY, Order, WEBHOOK_ID_WINDOW, orders};
