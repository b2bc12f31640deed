//! What a playbook is to those that call it.

use crate::Inputs;
use indexmap::IndexMap;
use riposte_model::{PlaybookName, Schema};

/// What a playbook takes and gives, as those that call it see it.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) inputs: Inputs,
    pub(crate) outputs: Schema,
}

/// What is known of a playbook that is called.
#[derive(Debug)]
pub(crate) enum Called {
    /// Nothing yet: it leads back to its caller, which is told about by the order of checks.
    Unchecked,
    /// It has errors, in this file.
    Broken(String),
    /// What it takes and gives.
    Sound(Signature),
}

/// The playbooks that can be called, by name.
#[derive(Debug, Default)]
pub(crate) struct Signatures(IndexMap<String, Called>);

impl Signatures {
    /// Playbooks of which nothing is known but their names.
    pub(crate) fn unchecked<'n>(names: impl Iterator<Item = &'n String>) -> Signatures {
        Signatures(names.map(|name| (name.clone(), Called::Unchecked)).collect())
    }

    /// What a check has found out about a playbook.
    pub(crate) fn put(&mut self, name: &str, called: Called) {
        self.0.insert(name.to_owned(), called);
    }

    pub(crate) fn get(&self, name: &PlaybookName) -> Option<&Called> {
        self.0.get(name.as_str())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
