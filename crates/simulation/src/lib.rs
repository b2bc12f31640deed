//! Seeded worlds in which the engine is tested. Never ships.
//!
//! [`live`] lets a few runs live through a world made from a seed: the pure engine, a provider with its own truth, lost and
//! duplicated deliveries, requests and answers, and crashes around every commit. After each life the invariants hold, or
//! the seed is the proof; the binary `seeds` lives as many as there is time for. [`MemoryStore`] and [`contract`] serve the
//! tests of everything behind or in front of the store port.

pub mod contract;
mod life;
mod playbook;
mod provider;
mod store;

pub use life::{Fault, Faults, Invariant, Life, Protection, Violation, live, tell};
pub use playbook::{catalogue, generated};
pub use store::MemoryStore;
