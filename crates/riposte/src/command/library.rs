//! Loading playbooks together with those that they call.

use crate::files;
use riposte_model::Catalogue;
use riposte_playbook::{Code, Loaded, MAX_SOURCE, load_all};
use std::path::PathBuf;

/// What became of the files that were asked for, in their order, and of the files beside them, if those were looked at.
pub(super) struct Library {
    pub(super) asked: Vec<Loaded>,
    pub(super) beside: Vec<Loaded>,
}

/// Loads playbooks. If one calls a playbook that is not among them, the files in the same folders are looked at too.
pub(super) fn load(files: Vec<(PathBuf, String)>, catalogue: &Catalogue) -> Library {
    let named = |files: &[(PathBuf, String)]| -> Vec<(String, String)> {
        files.iter().map(|(path, source)| (path.display().to_string(), source.clone())).collect()
    };
    let asked = load_all(named(&files), catalogue);
    let is_missing = |loaded: &Loaded| {
        loaded.report.diagnostics().iter().any(|problem| problem.code == Code::UnknownPlaybook)
    };
    if !asked.iter().any(is_missing) {
        return Library { asked, beside: Vec::new() };
    }
    let count = files.len();
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
    // What cannot be read beside them is nobody's question.
    let beside = files::beside(&paths).into_iter().filter_map(|path| {
        let source = files::read_text(&path, MAX_SOURCE).ok()?;
        Some((path, source))
    });
    let all: Vec<(PathBuf, String)> = files.into_iter().chain(beside).collect();
    let mut asked = load_all(named(&all), catalogue);
    let beside = asked.split_off(count);
    Library { asked, beside }
}
