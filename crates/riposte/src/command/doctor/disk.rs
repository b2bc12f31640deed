//! Whether the journal is whole, has room, and is for its owner alone.

use super::finding::Findings;
use crate::compose;
use riposte_journal::{Journal, Quick};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

const FOLDER: &str = "data folder";
const JOURNAL: &str = "journal";

/// With less room than this it is told, and with less than that no run may go on.
const LITTLE: u64 = 1 << 30;
const NEXT_TO_NOTHING: u64 = 64 << 20;

/// What others may do with a file.
const OTHERS: u32 = 0o077;
/// What they may do with a folder whose files are for their owner alone: go through it to a socket.
const OTHERS_INSIDE: u32 = 0o007;

/// How long the file is looked at.
const LOOK: Duration = Duration::from_secs(10);

pub(super) async fn look(data_dir: &Path, found: &mut Findings) {
    let shown = data_dir.display();
    let Ok(metadata) = std::fs::metadata(data_dir) else {
        found.skipped(FOLDER, format!("{shown} is not there, or not for this user: the first run makes it"));
        return;
    };
    match rustix::fs::statvfs(data_dir) {
        Ok(disk) => room(data_dir, disk.f_bavail.saturating_mul(disk.f_frsize), found),
        Err(error) => {
            found.warning(
                FOLDER,
                format!("how much room there is cannot be told: {error}"),
                "look with `df`",
            );
        }
    }
    if metadata.permissions().mode() & OTHERS_INSIDE != 0 {
        found.warning(
            FOLDER,
            format!("every user of this machine may look into {shown}"),
            format!("chmod o-rwx {shown}: the journal names devices, people and what was done to them"),
        );
    }
    let path = data_dir.join(compose::JOURNAL);
    match std::fs::metadata(&path) {
        Ok(metadata) if metadata.permissions().mode() & OTHERS != 0 => {
            let shown = path.display();
            found.warning(JOURNAL, format!("others may read {shown}"), format!("chmod go-rwx {shown}"));
        }
        Ok(_) => {}
        Err(_) => {
            found.skipped(JOURNAL, format!("{} is not there: nothing has run yet", path.display()));
            return;
        }
    }
    journal(&path, found).await;
}

/// How much room there is, in bytes.
fn room(data_dir: &Path, free: u64, found: &mut Findings) {
    let what = format!("{} MiB are free for {}", free >> 20, data_dir.display());
    let advice = "make room, or lower `retention`: on a full disk no run goes on";
    match free {
        ..NEXT_TO_NOTHING => found.error(FOLDER, what, advice),
        NEXT_TO_NOTHING..LITTLE => found.warning(FOLDER, what, advice),
        _ => found.ok(FOLDER, format!("{} GiB are free for {}", free >> 30, data_dir.display())),
    }
}

async fn journal(path: &Path, found: &mut Findings) {
    let restore = "`riposte journal verify` says what is damaged; restore it from a copy";
    let journal = match Journal::open_to_read(path).await {
        Ok(journal) => journal,
        Err(error) => {
            found.error(JOURNAL, format!("{:#}", anyhow::Error::new(error)), restore);
            return;
        }
    };
    let (schema, is_old) = journal.schema();
    let looked = journal.quick_check(LOOK).await;
    journal.close().await;
    let schema = match is_old {
        true => format!("schema {schema}, which is brought up to date when something is written next"),
        false => format!("schema {schema}"),
    };
    match looked {
        Ok(Quick::Sound) => found.ok(JOURNAL, format!("no damage seen at a quick look; {schema}")),
        Ok(Quick::Unfinished) => found.ok(
            JOURNAL,
            format!("no damage seen within {}s, which is not all of it; {schema}", LOOK.as_secs()),
        ),
        Ok(Quick::Damaged(why)) => found.error(JOURNAL, format!("it is damaged: {why}"), restore),
        Err(error) => found.error(JOURNAL, format!("{:#}", anyhow::Error::new(error)), restore),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::doctor::State;

    #[test]
    fn a_disk_is_told_of_before_it_is_full() {
        for (free, expected) in [
            (0, State::Error),
            (NEXT_TO_NOTHING - 1, State::Error),
            (NEXT_TO_NOTHING, State::Warning),
            (LITTLE - 1, State::Warning),
            (LITTLE, State::Ok),
        ] {
            let mut found = Findings::new();
            room(Path::new("data"), free, &mut found);
            assert_eq!(found.all()[0].state, expected, "{free}");
        }
    }
}
