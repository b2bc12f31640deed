//! Reading files that somebody named.

use crate::exit::usage;
use anyhow::Result;
use riposte_playbook::MAX_SOURCE;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Reads a file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>> {
    let show = path.display();
    let mut file =
        std::fs::File::open(path).map_err(|error| usage(format!("cannot open {show}: {error}")))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(usage(format!("{show} is a folder, and a file is wanted")));
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    file.by_ref()
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| usage(format!("cannot read {show}: {error}")))?;
    if bytes.len() > limit {
        return Err(usage(format!("{show} is over the limit of {limit} bytes")));
    }
    Ok(bytes)
}

/// Reads a text file of at most `limit` bytes.
pub(crate) fn read_text(path: &Path, limit: usize) -> Result<String> {
    let bytes = read(path, limit)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        usage(format!("{} is not UTF-8: byte {} is not part of a character", path.display(), at + 1))
    })
}

/// Most playbooks below one folder.
const MAX_PLAYBOOKS: usize = 10_000;

/// Whether a file or folder is hidden. Such are no playbooks of anybody: editors keep copies so, and a mounted volume keeps its
/// files so behind links.
pub(crate) fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// The playbooks at these paths, each file with its text.
pub(crate) fn sources(paths: &[PathBuf]) -> Result<Vec<(PathBuf, String)>> {
    let mut sources = Vec::new();
    for path in paths {
        for file in playbooks(path)? {
            let source = read_text(&file, MAX_SOURCE)?;
            sources.push((file, source));
        }
    }
    Ok(sources)
}

/// The playbook files at a path: itself, or all `.yaml` and `.yml` files below a folder that are not hidden, in order.
pub(crate) fn playbooks(path: &Path) -> Result<Vec<PathBuf>> {
    let metadata =
        std::fs::metadata(path).map_err(|error| usage(format!("cannot open {}: {error}", path.display())))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error: std::io::Error| usage(format!("cannot read {}: {error}", folder.display()));
        let entries = std::fs::read_dir(&folder).map_err(unreadable)?;
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            let path = entry.path();
            if is_hidden(&path) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                found.push(path);
            }
        }
        if found.len() > MAX_PLAYBOOKS {
            let top = path.display();
            return Err(usage(format!(
                "{top} holds more than {MAX_PLAYBOOKS} playbooks: name the folders to take"
            )));
        }
    }
    found.sort();
    Ok(found)
}

/// The playbook files in the same folders as these, without these, in order.
pub(crate) fn beside(paths: &[PathBuf]) -> Vec<PathBuf> {
    let folder = |path: &PathBuf| match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => PathBuf::from("."),
    };
    let folders: std::collections::BTreeSet<PathBuf> = paths.iter().map(folder).collect();
    let known: std::collections::BTreeSet<PathBuf> =
        paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| !is_hidden(path))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml"))
        .filter(|path| path.canonicalize().is_ok_and(|path| !known.contains(&path)))
        .collect();
    found.sort();
    found
}
