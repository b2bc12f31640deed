//! Noticing that playbooks or the configuration have changed.
//!
//! What is told of changes is only a hint: editors write a file beside and rename it, and a mounted volume is replaced by moving
//! a symbolic link. So whatever the hint, all files are looked at again ([`Reloader::reload_what_changed`]), once it has been
//! quiet for a moment. Folders are watched anew before that, because a folder that was replaced is watched no more. Where
//! nothing is told, as on some network file systems, they are looked at from time to time.

mod hints;
mod places;

use self::hints::Hints;
use self::places::Places;
use super::reload::Reloader;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long it has to be quiet: a copy of many files is one change.
const QUIET: Duration = Duration::from_millis(300);

/// Longest wait for that.
const RESTLESS: Duration = Duration::from_secs(5);

/// How often everything is looked at without a hint.
const ANYWAY: Duration = Duration::from_secs(60);

/// Reloads whatever changes, for ever.
pub(super) async fn keep(reloader: Arc<Reloader>) -> Infallible {
    let mut hints = None;
    loop {
        let places = reloader.places();
        // Before looking, so that what changes meanwhile is a hint.
        watch(&mut hints, Places::of(&places));
        let at_work = reloader.clone();
        if tokio::task::spawn_blocking(move || at_work.reload_what_changed()).await.is_err() {
            tracing::error!("loading what has changed panicked, which is a bug in riposte");
        }
        if reloader.places() == places {
            let hint = async || match &hints {
                Some(hints) => hints.next().await,
                None => std::future::pending().await,
            };
            let _ = timeout(ANYWAY, settled(hint)).await;
        }
    }
}

/// Has these places tell of changes.
fn watch(hints: &mut Option<Hints>, places: Places) {
    if hints.is_none() {
        *hints = Hints::new().inspect_err(not_told).ok();
    }
    if let Some(hints) = hints {
        hints.watch(places);
    }
}

fn not_told(error: &std::io::Error) {
    tracing::warn!(%error, "changes are not told: playbooks are looked at once a minute, and at SIGHUP");
}

/// Waits for a hint, and until there has been no other for a moment.
async fn settled(hint: impl AsyncFn()) {
    hint().await;
    let last = Instant::now() + RESTLESS;
    while timeout(QUIET, hint()).await.is_ok() {
        if Instant::now() >= last {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
