//! Seeded worlds in which the engine is tested.
