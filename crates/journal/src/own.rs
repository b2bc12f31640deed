//! Who drives a run, across processes.
//!
//! A process that opens the journal to write enters as an [`Owner`]: it makes a file with a name of its own in the folder
//! `locks` beside the journal, and holds a lock on it (flock) as long as it lives. A run's row in the journal bears that
//! name, written in the transaction that begins the run. So whether somebody drives a run is whether the file of that name
//! is locked: the system releases the lock with the process, however it ends, and no clock is asked. Taking a run over is a
//! transaction, so of two that try only one gets it. One file and one lock serve any number of runs.

use riposte_engine::StoreError;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Files that are made before the folder is given up: each was removed by somebody else's tidying up at the worst moment.
const MOST_TRIES: usize = 16;

/// Most of a lock file that is read: a process id in decimal digits.
const MOST_CONTENT: u64 = 20;

/// The name of every daemon. What it leaves is the next one's without a word being written, and its lock is what makes it the
/// only one.
const DAEMON: &str = "daemon";

/// How long to wait for who only looks at a lock.
const GLANCE: std::time::Duration = std::time::Duration::from_millis(1);

/// This process, or rather this open journal, as the owner of runs. Dropping it lets all of them go.
#[derive(Debug)]
pub(crate) struct Owner {
    folder: PathBuf,
    name: String,
    /// Locked.
    file: File,
}

impl Owner {
    /// Enters as a new owner, and removes the files of those who have died.
    pub(crate) fn enter(journal: &Path) -> Result<Owner, StoreError> {
        let folder = journal.with_file_name("locks");
        enter(&folder).map_err(|error| no_lock(&folder, &error))
    }

    /// Enters as the daemon, if there is none.
    pub(crate) fn enter_as_daemon(journal: &Path) -> Result<Owner, StoreError> {
        let folder = journal.with_file_name("locks");
        match enter_as_daemon(&folder).map_err(|error| no_lock(&folder, &error))? {
            Ok(owner) => Ok(owner),
            Err(holder) => {
                Err(StoreError::Busy(format!("{holder} already serves it; there can be one daemon").into()))
            }
        }
    }

    /// What stands in the journal.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Who that is, if it is somebody else and alive. What cannot be found out counts as alive.
    pub(crate) fn alive(&self, name: &str) -> Option<String> {
        // Names come out of a file, and become a path.
        if name == self.name || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        match look(&self.folder.join(name)) {
            Ok(holder) => holder,
            Err(error) => Some(format!("nobody knows whom, its lock {name} cannot be looked at: {error}")),
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // A name that is used again keeps its file: two that had each locked a file of that name would both be the one.
        if self.name == DAEMON {
            return;
        }
        // Still locked. Whoever looks finds no file or an unlocked one, which mean the same.
        let _ = std::fs::remove_file(self.folder.join(&self.name));
    }
}

fn enter(folder: &Path) -> std::io::Result<Owner> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    tidy(folder);
    for _ in 0..MOST_TRIES {
        let name = uuid::Uuid::new_v4().simple().to_string();
        let path = folder.join(&name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        // Somebody who tidies up may hold it for a moment, and then it is gone.
        file.lock()?;
        if is_still_there(&path, &file)? {
            let mut owner = Owner { folder: folder.to_owned(), name, file };
            write!(owner.file, "{}", std::process::id())?;
            return Ok(owner);
        }
    }
    Err(std::io::Error::other("each lock was removed at once"))
}

fn no_lock(folder: &Path, error: &std::io::Error) -> StoreError {
    let full = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
    let text = format!("no lock in {}: {error}", folder.display()).into();
    if full { StoreError::Full(text) } else { StoreError::Other(text) }
}

/// The inner error says who is the daemon.
fn enter_as_daemon(folder: &Path) -> std::io::Result<Result<Owner, String>> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    tidy(folder);
    let path = folder.join(DAEMON);
    let mut tries = 0;
    loop {
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        match file.try_lock() {
            Ok(()) => {
                let mut owner = Owner { folder: folder.to_owned(), name: DAEMON.to_owned(), file };
                owner.file.set_len(0)?;
                write!(owner.file, "{}", std::process::id())?;
                return Ok(Ok(owner));
            }
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        // Who only looks whether there is a daemon shares the lock for a moment.
        if let Some(holder) = look(&path)? {
            return Ok(Err(holder));
        }
        tries += 1;
        if tries == MOST_TRIES {
            return Err(std::io::Error::other("others kept looking at the daemon's"));
        }
        std::thread::sleep(GLANCE);
    }
}

fn is_still_there(path: &Path, file: &File) -> std::io::Result<bool> {
    let ours = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes what dead owners left. What cannot be removed disturbs nobody.
fn tidy(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name() != DAEMON
            && let Ok(file) = File::open(&path)
            && file.try_lock().is_ok()
        {
            let _ = std::fs::remove_file(&path);
        }
    }
}

/// Who holds a lock.
fn look(path: &Path) -> std::io::Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // Shared, so that two who look are not in each other's way.
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            file.take(MOST_CONTENT).read_to_string(&mut pid)?;
            Ok(Some(format!("the process {pid}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.db");
        (folder, journal)
    }

    #[test]
    fn an_owner_is_alive_to_others_until_it_goes() {
        let (_folder, journal) = folder();
        let (one, other) = (Owner::enter(&journal).unwrap(), Owner::enter(&journal).unwrap());
        assert_eq!(other.alive(one.name()), Some(format!("the process {}", std::process::id())));
        assert_eq!(one.alive(one.name()), None, "one is not in one's own way");
        let name = one.name().to_owned();
        drop(one);
        assert_eq!(other.alive(&name), None);
        assert!(!other.folder.join(&name).exists());
    }

    #[test]
    fn what_a_dead_owner_left_is_nobody_and_is_tidied_up() {
        let (_folder, journal) = folder();
        let one = Owner::enter(&journal).unwrap();
        let dead = one.folder.join("00ff");
        std::fs::write(&dead, "1").unwrap();
        assert_eq!(one.alive("00ff"), None);
        let other = Owner::enter(&journal).unwrap();
        assert!(!dead.exists());
        assert!(other.folder.join(one.name()).exists(), "the living keep theirs");
        assert!(one.alive(other.name()).is_some());
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_nobodys() {
        let (folder, journal) = folder();
        let one = Owner::enter(&journal).unwrap();
        let outside = std::fs::File::create(folder.path().join("outside")).unwrap();
        outside.lock().unwrap();
        assert_eq!(one.alive("../outside"), None);
    }

    #[test]
    fn many_that_enter_and_go_at_once_never_lose_a_living_one() {
        let (_folder, journal) = folder();
        let judge = Owner::enter(&journal).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let owner = Owner::enter(&journal).unwrap();
                        assert!(judge.alive(owner.name()).is_some());
                    }
                });
            }
        });
        assert_eq!(std::fs::read_dir(&judge.folder).unwrap().count(), 1);
    }
}
