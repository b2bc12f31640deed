//! The names of playbooks that runs are counted under.

use riposte_model::PlaybookName;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Most playbooks that are counted by name. More would make a page that nobody can scrape; their runs are counted together.
const MAX_NAMES: usize = 1000;

/// What runs are counted under whose playbook is not loaded, or is one too many. No playbook can be called so.
const OTHERS: &str = "(others)";

/// The playbooks that have been loaded since the start. A name stays: a counter that vanishes counts as a restart.
#[derive(Default)]
pub(super) struct Names {
    known: RwLock<HashMap<PlaybookName, Arc<str>>>,
}

impl Names {
    /// Counts a playbook by name from now on; the label, if it is a new one.
    pub(super) fn learn(&self, name: &PlaybookName) -> Option<Arc<str>> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.contains_key(name) || known.len() >= MAX_NAMES {
            return None;
        }
        let label: Arc<str> = name.as_str().into();
        known.insert(name.clone(), label.clone());
        Some(label)
    }

    /// What a playbook's runs are counted under.
    pub(super) fn label(&self, name: &PlaybookName) -> Arc<str> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(name).cloned().unwrap_or_else(|| OTHERS.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_playbooks_have_a_name_of_their_own() {
        let names = Names::default();
        let name = |number: usize| PlaybookName::parse(&format!("p{number}")).unwrap();
        for number in 0..MAX_NAMES + 10 {
            names.learn(&name(number));
        }
        assert_eq!(&*names.label(&name(0)), "p0");
        assert_eq!(&*names.label(&name(MAX_NAMES - 1)), format!("p{}", MAX_NAMES - 1));
        assert_eq!(&*names.label(&name(MAX_NAMES)), OTHERS);
        assert_eq!(&*names.label(&PlaybookName::parse("never-loaded").unwrap()), OTHERS);
        assert!(PlaybookName::parse(OTHERS).is_err());
    }
}
