//! The front door: one file in, a plan or a report out.

use crate::yaml::{self, Limits};
use crate::{Code, Diagnostic, Diagnostics, Playbook, Report, Severity, rule};
use riposte_model::Catalogue;
use std::sync::Arc;

/// Most bytes of a playbook file.
pub const MAX_SOURCE: usize = 1 << 20;

/// Keys whose values are secrets, or say where one is.
const SECRETS: [&str; 2] = ["secret", "token"];

/// What became of a file.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The checked playbook, if nothing forbids it.
    pub playbook: Option<Arc<Playbook>>,
    /// Everything found.
    pub report: Report,
}

/// Reads and checks one playbook. `file` is how the report calls it.
pub fn load(file: &str, source: &str, catalogue: &Catalogue) -> Loaded {
    let limits = Limits { bytes: MAX_SOURCE, ..Limits::default() };
    if source.len() > limits.bytes {
        // The report keeps none of it: what is too large to read is too large to keep.
        let problem = yaml::too_large(source.len(), limits.bytes);
        return Loaded { playbook: None, report: Report::new(file, "", vec![problem]) };
    }
    let source: Arc<str> = Arc::from(source);
    let (root, found) = yaml::read_on(&source, &limits);
    let Some(root) = root else {
        return Loaded { playbook: None, report: Report::new(file, source, found.into_vec()) };
    };
    let (playbook, found) = rule::playbook(&source, &root, catalogue, found);
    let mut diagnostics = found.into_vec();
    let refused = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if playbook.is_none() && !refused {
        // Every rule that gives nothing says why; should one forget, the file is still not "fine".
        diagnostics.push(Diagnostic::error(Code::Yaml, "the file is no playbook", 0..0, ""));
    }
    let playbook = playbook.filter(|_| !refused).map(Arc::new);
    let shown = if diagnostics.is_empty() { source } else { yaml::masked(&source, &root, &SECRETS).into() };
    Loaded { playbook, report: Report::new(file, shown, diagnostics) }
}

/// Where a rule leaves what it finds.
pub(crate) type Found = Diagnostics;
