//! The action catalogue and the adapters that carry actions out.
