//! Playbooks as checked plans: those that may be called now, and the versions that recorded runs are pinned to.

use crate::recorded::RecordedError;
use riposte_engine::{RunStarted, Store};
use riposte_model::{Catalogue, PlaybookName, SourceHash};
use riposte_playbook::{Playbook, Severity, load};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Versions that are kept although nobody may call them: enough that the runs of a storm do not have theirs checked again and
/// again.
const MOST_KEPT: usize = 128;

/// The playbooks that others may call, and what their sources are read with.
#[derive(Clone, Default)]
pub struct Library {
    /// By name. Those that are run themselves may be among them.
    pub playbooks: Vec<Arc<Playbook>>,
    /// Every action.
    pub catalogue: Catalogue,
}

/// Plans by name and by version.
pub(crate) struct Plans {
    /// Those that may be called, by name.
    callable: RwLock<BTreeMap<String, Arc<Playbook>>>,
    /// Versions that recorded runs are pinned to.
    versions: Mutex<HashMap<SourceHash, Arc<Playbook>>>,
    catalogue: Catalogue,
}

impl Plans {
    pub(crate) fn new(library: Library) -> Self {
        let plans =
            Plans { callable: RwLock::default(), versions: Mutex::default(), catalogue: library.catalogue };
        plans.replace(library.playbooks);
        plans
    }

    /// From now on, these may be called and no others. Runs that have begun keep their version.
    pub(crate) fn replace(&self, playbooks: Vec<Arc<Playbook>>) {
        let playbooks = playbooks.into_iter().map(|playbook| (playbook.name.to_string(), playbook)).collect();
        *self.callable.write().unwrap_or_else(PoisonError::into_inner) = playbooks;
    }

    /// The playbook that is called by this name.
    pub(crate) fn get(&self, name: &PlaybookName) -> Option<Arc<Playbook>> {
        self.callable.read().unwrap_or_else(PoisonError::into_inner).get(name.as_str()).cloned()
    }

    /// The version that a run is pinned to.
    pub(crate) async fn version(
        &self,
        store: &dyn Store,
        started: &RunStarted,
    ) -> Result<Arc<Playbook>, RecordedError> {
        if let Some(plan) = self.at_hand(started) {
            return Ok(plan);
        }
        let source = store.source(&started.source).await?;
        let loaded = load(started.playbook.as_str(), &source, &self.catalogue);
        let plan = loaded.playbook.ok_or_else(|| {
            let errors = loaded.report.diagnostics().iter();
            let first = errors.into_iter().find(|problem| problem.severity == Severity::Error);
            let why = first.map_or_else(|| "it has errors".to_owned(), |problem| problem.message.clone());
            RecordedError::Unreadable { playbook: started.playbook.clone(), why }
        })?;
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if versions.len() >= MOST_KEPT {
            versions.clear();
        }
        versions.insert(started.source.clone(), plan.clone());
        Ok(plan)
    }

    fn at_hand(&self, started: &RunStarted) -> Option<Arc<Playbook>> {
        let callable = self.get(&started.playbook).filter(|playbook| playbook.hash == started.source);
        callable.or_else(|| {
            self.versions.lock().unwrap_or_else(PoisonError::into_inner).get(&started.source).cloned()
        })
    }
}
