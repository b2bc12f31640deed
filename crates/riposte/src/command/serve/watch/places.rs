//! Where playbooks and the configuration are, and what leads there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Most folders that are watched. What is below others is seen when everything is looked at anyway.
const MOST_FOLDERS: usize = 1024;

/// The folders that matter.
#[derive(Default)]
pub(super) struct Places {
    /// As they are named, from the root.
    named: Vec<PathBuf>,
    /// In which everything matters.
    pub(super) inside: BTreeSet<PathBuf>,
    /// In which it matters what is on the way to what is named.
    pub(super) above: BTreeSet<PathBuf>,
}

impl Places {
    pub(super) fn of(places: &[PathBuf]) -> Places {
        let named: Vec<PathBuf> = places.iter().filter_map(|place| std::path::absolute(place).ok()).collect();
        let (mut inside, mut above) = (BTreeSet::new(), BTreeSet::new());
        for place in &named {
            above.extend(place.ancestors().skip(1).map(Path::to_owned));
            if place.is_dir() {
                folders(place, &mut inside);
            } else {
                // A file in a mounted volume is a link to a link, and that one is moved.
                inside.extend(place.parent().filter(|folder| folder.is_dir()).map(Path::to_owned));
            }
        }
        above.retain(|folder| !inside.contains(folder));
        Places { named, inside, above }
    }

    /// Whether a change of that may have changed what is loaded.
    pub(super) fn concern(&self, path: &Path) -> bool {
        let within = path.ancestors().take(2).any(|folder| self.inside.contains(folder));
        within || self.named.iter().any(|named| named.starts_with(path))
    }
}

/// A folder and those below it, as far as playbooks are looked for in them.
fn folders(top: &Path, found: &mut BTreeSet<PathBuf>) {
    let mut open = vec![top.to_owned()];
    while let Some(folder) = open.pop() {
        if found.len() >= MOST_FOLDERS {
            return;
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !crate::files::is_hidden(&entry.path()) {
                open.push(entry.path());
            }
        }
        found.insert(folder);
    }
}

#[cfg(test)]
mod tests;
