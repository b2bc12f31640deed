//! The values of the root names, and how much an evaluation may do.

use serde_json::Value;

/// Steps an evaluation may take if nobody says otherwise: a node, or 16 copied bytes, is one.
const DEFAULT_FUEL: u64 = 100_000;

/// The values that an evaluation reads, borrowed.
#[derive(Clone, Debug)]
pub struct Bindings<'a> {
    roots: Vec<(String, &'a Value)>,
    fuel: u64,
}

impl Default for Bindings<'_> {
    fn default() -> Self {
        Bindings { roots: Vec::new(), fuel: DEFAULT_FUEL }
    }
}

impl<'a> Bindings<'a> {
    /// No values, and 100 000 units of fuel.
    pub fn new() -> Self {
        Bindings::default()
    }

    /// The same with one root more; a root of the same name is replaced.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: &'a Value) -> Self {
        let name = name.into();
        match self.roots.iter_mut().find(|(root, _)| *root == name) {
            Some(root) => root.1 = value,
            None => self.roots.push((name, value)),
        }
        self
    }

    /// The same with another allowance of fuel.
    #[must_use]
    pub fn with_fuel(mut self, fuel: u64) -> Self {
        self.fuel = fuel;
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.roots.iter().find(|(root, _)| root == name).map(|(_, value)| *value)
    }

    pub(crate) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.roots.iter().map(|(root, _)| root.as_str())
    }

    pub(crate) fn fuel(&self) -> u64 {
        self.fuel
    }
}
