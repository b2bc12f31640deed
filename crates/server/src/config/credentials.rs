//! Where the credentials are that playbooks name.

use crate::config::SecretSource;
use crate::config::auth::secret;
use indexmap::IndexMap;
use riposte_playbook::Diagnostics;
use riposte_playbook::yaml::Field;

/// Places by the name that playbooks use.
pub(super) fn credentials(
    field: &Field<'_>,
    found: &mut Diagnostics,
) -> Option<IndexMap<String, SecretSource>> {
    let entries = field.mapping(found)?;
    // Each is read, so that everything wrong is told at once.
    let read: Vec<_> = entries
        .iter()
        .map(|(key, value)| Some((key.value.clone(), secret(&Field { key, value }, found)?)))
        .collect();
    read.into_iter().collect()
}
