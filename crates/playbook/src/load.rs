//! The front door: one file in, a plan or a report out.

use crate::signature::Signatures;
use crate::yaml::{self, Limits, Node, Spanned};
use crate::{Code, Diagnostic, Diagnostics, Playbook, Report, Severity, rule};
use riposte_expr::with_parser_stack;
use riposte_model::{Catalogue, Schema};
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

/// Reads and checks one playbook by itself: what it says of other playbooks, that it calls, is believed. `file` is how the
/// report calls it. A recorded run is read so, whatever has become of the playbooks around it;
/// [`load_all`](crate::load_all) checks those that are about to run.
pub fn load(file: &str, source: &str, catalogue: &Catalogue) -> Loaded {
    with_parser_stack(|| check(file, read(source), catalogue, None).0)
}

/// A file that has been read, and not checked.
pub(crate) struct Read {
    /// The text; empty if it was too large to keep.
    pub(crate) source: Arc<str>,
    pub(crate) root: Option<Spanned<Node>>,
    pub(crate) found: Diagnostics,
}

pub(crate) fn read(source: &str) -> Read {
    let limits = Limits { bytes: MAX_SOURCE, ..Limits::default() };
    if source.len() > limits.bytes {
        // The report keeps none of it: what is too large to read is too large to keep.
        let mut found = Diagnostics::new();
        found.push(yaml::too_large(source.len(), limits.bytes));
        return Read { source: "".into(), root: None, found };
    }
    let source: Arc<str> = Arc::from(source);
    let (root, found) = yaml::read_on(&source, &limits);
    Read { source, root, found }
}

/// Checks a file, among those that it may call. Also gives what is known of its outputs.
pub(crate) fn check(
    file: &str,
    read: Read,
    catalogue: &Catalogue,
    callable: Option<&Signatures>,
) -> (Loaded, Schema) {
    let Read { source, root, found } = read;
    let Some(root) = root else {
        let report = Report::new(file, source, found.into_vec());
        return (Loaded { playbook: None, report }, Schema::any());
    };
    let (playbook, found) = rule::playbook(&source, &root, catalogue, callable, found);
    let mut diagnostics = found.into_vec();
    let refused = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if playbook.is_none() && !refused {
        // Every rule that gives nothing says why; should one forget, the file is still not "fine".
        diagnostics.push(Diagnostic::error(Code::Yaml, "the file is no playbook", 0..0, ""));
    }
    let (playbook, outputs) = playbook.map_or((None, Schema::any()), |(playbook, outputs)| {
        ((!refused).then(|| Arc::new(playbook)), outputs)
    });
    let shown = if diagnostics.is_empty() { source } else { yaml::masked(&source, &root, &SECRETS).into() };
    (Loaded { playbook, report: Report::new(file, shown, diagnostics) }, outputs)
}

/// Where a rule leaves what it finds.
pub(crate) type Found = Diagnostics;
