//! Seeded worlds in which the engine is tested. Never ships.
//!
//! [`live`] lets one run live through a world made from a seed: the pure engine, a provider with its own truth, lost
//! requests and answers, and crashes around every commit. After each life the invariants hold, or the seed is the
//! proof. [`MemoryStore`] and [`contract`] serve the tests of everything behind or in front of the store port.

pub mod contract;
mod life;
mod playbook;
mod provider;
mod store;

pub use life::{Life, Protection, Violation, live};
pub use playbook::{catalogue, generated};
pub use store::MemoryStore;
