//! The run journal in SQLite, behind the engine's store port.
