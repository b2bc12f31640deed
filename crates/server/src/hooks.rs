//! From a webhook's body to the inputs of runs.

mod bind;

pub use bind::{BindError, BindProblem, Bound, MAX_NODES, bind};
