//! The values of the root names, and how much an evaluation may do.

use serde_json::Value;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Steps an evaluation may take if nobody says otherwise: a node, or 16 copied bytes, is one.
const DEFAULT_FUEL: u64 = 100_000;

/// A value that is made when an evaluation first reads it: most read only a part of what they might.
pub type Late = LazyLock<Value, Box<dyn FnOnce() -> Value + Send + Sync>>;

#[derive(Clone, Copy, Debug)]
enum Root<'a> {
    Value(&'a Value),
    Late(&'a Late),
}

impl<'a> Root<'a> {
    fn value(self) -> &'a Value {
        match self {
            Root::Value(value) => value,
            Root::Late(late) => late,
        }
    }
}

/// The values that an evaluation reads, borrowed.
#[derive(Clone, Debug)]
pub struct Bindings<'a> {
    roots: Vec<(Cow<'a, str>, Root<'a>)>,
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
    pub fn with(self, name: impl Into<Cow<'a, str>>, value: &'a Value) -> Self {
        self.with_root(name.into(), Root::Value(value))
    }

    /// The same with one whose value is made when it is read.
    #[must_use]
    pub fn with_late(self, name: impl Into<Cow<'a, str>>, value: &'a Late) -> Self {
        self.with_root(name.into(), Root::Late(value))
    }

    fn with_root(mut self, name: Cow<'a, str>, root: Root<'a>) -> Self {
        self.roots.retain(|(known, _)| *known != name);
        self.roots.push((name, root));
        self
    }

    /// The same with one more layer of a root, which must be an object: what it holds comes before what the layers below
    /// hold.
    #[must_use]
    pub fn with_layer(mut self, name: impl Into<Cow<'a, str>>, value: &'a Value) -> Self {
        self.roots.push((name.into(), Root::Value(value)));
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
        self.roots.iter().filter(move |(root, _)| root == name).map(|(_, root)| root.value())
    }

    /// A property of a root that has several layers: that of the highest one which holds it.
    pub(crate) fn property(&self, root: &str, name: &str) -> Option<&'a Value> {
        let is_layered = self.roots.iter().filter(|(known, _)| known == root).nth(1).is_some();
        is_layered.then(|| self.layers(root).rev().find_map(|layer| layer.get(name))).flatten()
    }

    pub(crate) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        let mut names: Vec<&str> = self.roots.iter().map(|(root, _)| root.as_ref()).collect();
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(*name));
        names.into_iter()
    }

    pub(crate) fn fuel(&self) -> u64 {
        self.fuel
    }
}
