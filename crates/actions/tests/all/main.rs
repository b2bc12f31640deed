//! Actions end to end: through the connector and real HTTP, at a simulated tenant.
#![cfg(test)]

mod catalogue;
mod changes;
mod world;
