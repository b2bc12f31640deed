//! Who drives runs of a folder: one process that takes runs up, or any number that each begin one of their own.
//!
//! Two processes that drive one run would each believe that the other's calls are theirs to look for. The journal refuses
//! the second writer of an event, but only after it has acted. So a lock is held as long as a process drives; the kernel
//! takes it away from a process that dies, and nobody has to guess whether that one still lives.

use anyhow::{Context, Result};
use std::fs::{File, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Name of the lock in the folder of the journal.
const LOCK: &str = "driving.lock";

/// The right to drive runs of a folder, until it is dropped.
pub(crate) struct Driving {
    _lock: File,
}

impl Driving {
    /// To drive a run that this process begins. Others may do the same.
    pub(crate) fn beside_others(data_dir: &Path) -> Result<Self> {
        let lock = open(data_dir)?;
        taken(lock.try_lock_shared(), data_dir, "another riposte is taking up runs in")?;
        Ok(Driving { _lock: lock })
    }

    /// To take up runs that others have left: nobody else may drive any.
    pub(crate) fn alone(data_dir: &Path) -> Result<Self> {
        let lock = open(data_dir)?;
        let who = "a run is taken up only when nobody drives it, and another riposte is driving runs in";
        taken(lock.try_lock(), data_dir, who)?;
        Ok(Driving { _lock: lock })
    }
}

fn open(data_dir: &Path) -> Result<File> {
    let path = data_dir.join(LOCK);
    File::options()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))
}

fn taken(lock: Result<(), TryLockError>, data_dir: &Path, who: &str) -> Result<()> {
    match lock {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!(
                "{who} {}: wait until it has ended, and try again; nothing was done",
                data_dir.display()
            )
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", data_dir.join(LOCK).display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_up_runs_is_alone_and_who_begins_them_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let one = Driving::beside_others(folder.path()).unwrap();
        let two = Driving::beside_others(folder.path()).unwrap();
        assert!(Driving::alone(folder.path()).is_err());
        drop((one, two));
        let alone = Driving::alone(folder.path()).unwrap();
        assert!(Driving::beside_others(folder.path()).is_err());
        assert!(Driving::alone(folder.path()).is_err());
        drop(alone);
        Driving::beside_others(folder.path()).unwrap();
    }
}
