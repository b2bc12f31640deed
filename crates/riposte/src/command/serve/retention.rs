//! Keeping the journal to its age and size.

use riposte_engine::Clock;
use riposte_executor::SystemClock;
use riposte_journal::Prune;
use riposte_model::Timestamp;
use riposte_server::config::RetentionConfig;
use std::convert::Infallible;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::watch;

/// How often that is seen to.
const EVERY: Duration = Duration::from_secs(3600);

/// Prunes the journal from time to time, and when it is told otherwise how much is kept, for ever.
pub(super) async fn keep(path: &Path, mut told: watch::Receiver<RetentionConfig>) -> Infallible {
    loop {
        let retention = *told.borrow_and_update();
        let now = SystemClock.now();
        let age = i64::try_from(retention.finished_runs.as_millis()).unwrap_or(i64::MAX);
        let finished_before = Some(Timestamp::from_millis(now.as_millis().saturating_sub(age)));
        let prune = Prune { finished_before, size: Some(retention.size), keep: 0, now, dry_run: false };
        match prune.carry_out(path).await {
            Ok(pruned) if pruned.runs > 0 => {
                tracing::info!(runs = pruned.runs, events = pruned.events, "pruned");
                if pruned.bytes_in_use > retention.size {
                    tracing::warn!(
                        bytes = pruned.bytes_in_use,
                        "the journal is larger than `retention: size`, and all that is left is not over"
                    );
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "not pruned; tried again later");
            }
        }
        let mut changed = pin!(told.changed());
        tokio::select! {
            () = SystemClock.sleep_until(now.saturating_add(EVERY)) => {}
            Ok(()) = &mut changed => {}
        }
    }
}
