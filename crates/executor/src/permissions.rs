//! What playbooks need that a provider has not granted. It may inform before a run begins and never decides: who grants
//! permissions can do so while a run waits, and a step that is skipped needs none.

use crate::connections::Connections;
use riposte_model::ActionSpec;
use riposte_playbook::Playbook;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for the answer what is granted.
const BUDGET: Duration = Duration::from_secs(10);

impl Connections {
    /// The actions of these playbooks, by name, that need a permission which their connection's application lacks. Empty where
    /// the provider does not tell; a credential that is refused is the first step's to report.
    pub async fn ungranted(&self, playbooks: &[&Playbook]) -> Vec<Arc<ActionSpec>> {
        let mut needed: BTreeMap<&str, BTreeMap<&str, &Arc<ActionSpec>>> = BTreeMap::new();
        for (_, action) in playbooks.iter().flat_map(|playbook| playbook.actions()) {
            let spec = &action.spec;
            if !spec.permissions.application.is_empty() {
                needed.entry(spec.name.connection()).or_default().insert(spec.name.as_str(), spec);
            }
        }
        let mut lacking = Vec::new();
        for (name, actions) in needed {
            let Some(connection) = self.get(name) else { continue };
            let Ok(Some(granted)) = connection.connector.granted(BUDGET).await else { continue };
            let is_granted = |spec: &ActionSpec| {
                spec.permissions.application.iter().any(|one| granted.iter().any(|role| role == one))
            };
            lacking.extend(actions.into_values().filter(|spec| !is_granted(spec)).cloned());
        }
        lacking
    }
}
