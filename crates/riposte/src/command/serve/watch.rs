//! Noticing that playbooks or the configuration have changed.
//!
//! What is told of changes is only a hint: editors write a file beside and rename it, and a mounted volume is replaced by moving
//! a symbolic link. So whatever the hint, all files are looked at again ([`Reloader::reload_what_changed`]), once it has been
//! quiet for a moment. Folders are watched anew before that, because a folder that was replaced is watched no more. Where
//! nothing is told, as on some network file systems, they are looked at from time to time.

use super::reload::Reloader;
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// How long it has to be quiet: a copy of many files is one change.
const QUIET: Duration = Duration::from_millis(300);

/// Longest wait for that.
const RESTLESS: Duration = Duration::from_secs(5);

/// How often everything is looked at without a hint.
const ANYWAY: Duration = Duration::from_secs(60);

/// Most folders that are watched. What is below others is seen when everything is looked at anyway.
const MOST_FOLDERS: usize = 1024;

/// Reloads whatever changes, for ever.
pub(super) async fn keep(reloader: Arc<Reloader>) -> Infallible {
    let hints = Arc::new(Notify::new());
    loop {
        let places = reloader.places();
        // Before looking, so that what changes meanwhile is a hint.
        let _watcher = watch(Places::of(&places), &hints);
        let at_work = reloader.clone();
        if tokio::task::spawn_blocking(move || at_work.reload_what_changed()).await.is_err() {
            tracing::error!("loading what has changed panicked, which is a bug in riposte");
        }
        if reloader.places() == places {
            let _ = timeout(ANYWAY, settled(&hints)).await;
        }
    }
}

/// Waits for a hint, and until there has been no other for a moment.
async fn settled(hints: &Notify) {
    hints.notified().await;
    let last = Instant::now() + RESTLESS;
    while timeout(QUIET, hints.notified()).await.is_ok() {
        if Instant::now() >= last {
            return;
        }
    }
}

/// Has hints given, until it is dropped. What cannot be watched is told, once for each change.
fn watch(places: Places, hints: &Arc<Notify>) -> Option<RecommendedWatcher> {
    let (folders, above) = (places.inside.clone(), places.above.clone());
    let told = hints.clone();
    let heard = move |event: notify::Result<Event>| {
        // An error is a hint too: something was not told.
        if event.map_or(true, |event| places.concern(&event)) {
            told.notify_one();
        }
    };
    let mut watcher = match notify::recommended_watcher(heard) {
        Ok(watcher) => watcher,
        Err(error) => {
            tracing::warn!(%error, "changes are not told: playbooks are looked at once a minute, and at SIGHUP");
            return None;
        }
    };
    for folder in &folders {
        if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
            tracing::warn!(folder = %folder.display(), %error, "not watched: it is looked at once a minute, and at SIGHUP");
        }
    }
    for folder in &above {
        // Nobody may be allowed to look at what is above, and it changes seldom.
        let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
    }
    Some(watcher)
}

/// The folders that matter.
struct Places {
    /// As they are named, from the root.
    named: Vec<PathBuf>,
    /// In which everything matters.
    inside: BTreeSet<PathBuf>,
    /// In which it matters what is on the way to what is named.
    above: BTreeSet<PathBuf>,
}

impl Places {
    fn of(places: &[PathBuf]) -> Places {
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

    /// Whether that may have changed what is loaded.
    fn concern(&self, event: &Event) -> bool {
        if event.need_rescan() {
            return true;
        }
        // Reading is no change, least of all our own.
        if matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write)) {
            return false;
        }
        event.paths.iter().any(|path| {
            let within = path.ancestors().take(2).any(|folder| self.inside.contains(folder));
            within || self.named.iter().any(|named| named.starts_with(path))
        })
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
