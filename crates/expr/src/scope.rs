//! Which names an expression may read, and what is known of each.

use indexmap::IndexMap;
use riposte_model::Schema;

/// The root names in scope, in the order in which they are listed to a person.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    roots: IndexMap<String, Schema>,
}

impl Scope {
    /// Nothing in scope.
    pub fn new() -> Self {
        Scope::default()
    }

    /// The same scope with one root more; a root of the same name is replaced.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, schema: Schema) -> Self {
        self.insert(name, schema);
        self
    }

    /// Adds a root; one of the same name is replaced.
    pub fn insert(&mut self, name: impl Into<String>, schema: Schema) {
        self.roots.insert(name.into(), schema);
    }

    /// Takes a root away.
    pub fn remove(&mut self, name: &str) {
        self.roots.shift_remove(name);
    }

    /// What is known of a root.
    pub fn get(&self, name: &str) -> Option<&Schema> {
        self.roots.get(name)
    }

    /// The names of the roots, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.roots.keys().map(String::as_str)
    }
}
