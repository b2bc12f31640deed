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

    /// The same with one root more; a root of the same name is replaced, with all its layers.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: &'a Value) -> Self {
        let name = name.into();
        self.roots.retain(|(root, _)| *root != name);
        self.roots.push((name, value));
        self
    }

    /// The same with one more layer of a root, which must be an object: what it holds comes before what the layers below
    /// hold.
    #[must_use]
    pub fn with_layer(mut self, name: impl Into<String>, value: &'a Value) -> Self {
        self.roots.push((name.into(), value));
        self
    }

    /// The same with another allowance of fuel.
    #[must_use]
    pub fn with_fuel(mut self, fuel: u64) -> Self {
        self.fuel = fuel;
        self
    }

    /// The layers of a root, the lowest first; most roots have one.
    pub(crate) fn layers(&self, name: &str) -> impl DoubleEndedIterator<Item = &'a Value> {
        self.roots.iter().filter(move |(root, _)| root == name).map(|(_, value)| *value)
    }

    /// A property of a root that has several layers: that of the highest one which holds it.
    pub(crate) fn property(&self, root: &str, name: &str) -> Option<&'a Value> {
        let is_layered = self.layers(root).nth(1).is_some();
        is_layered.then(|| self.layers(root).rev().find_map(|layer| layer.get(name))).flatten()
    }

    pub(crate) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        let mut names: Vec<&str> = self.roots.iter().map(|(root, _)| root.as_str()).collect();
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(*name));
        names.into_iter()
    }

    pub(crate) fn fuel(&self) -> u64 {
        self.fuel
    }
}
