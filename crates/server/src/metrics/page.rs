//! `GET /metrics`.

use super::{Metrics, Process, Readings};
use crate::http::Doors;
use crate::schedule;
use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE as CONTENT_TYPE_HEADER, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use riposte_executor::Host;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What the page is.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How long the host has to show that it lives.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// What stands behind the page.
pub struct Page {
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Who drives runs.
    pub host: Host,
    /// The doors for webhooks.
    pub doors: Doors,
    /// What came of the times of schedules.
    pub schedules: Arc<schedule::Meter>,
    /// The journal's file.
    pub journal: PathBuf,
}

impl Page {
    async fn read(&self) -> Readings {
        let journal = self.journal.clone();
        let files = tokio::task::spawn_blocking(move || (size(&journal), free(&journal), Process::now()));
        let (journal_bytes, disk_free_bytes, process) = files.await.unwrap_or_default();
        Readings {
            counts: self.host.counts(),
            alive: tokio::time::timeout(HEARTBEAT, self.host.beats()).await.is_ok(),
            hooks: self.doors.names(),
            webhooks: self.doors.meter().counts(),
            filtered: self.doors.meter().filtered(),
            fires: self.schedules.counts(),
            journal_bytes,
            disk_free_bytes,
            process,
        }
    }
}

/// The route of the page.
pub fn router(page: Arc<Page>) -> Router {
    Router::new().route("/metrics", get(show)).with_state(page)
}

async fn show(State(page): State<Arc<Page>>) -> Response {
    let readings = page.read().await;
    let headers = [
        (CONTENT_TYPE_HEADER, CONTENT_TYPE),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, page.metrics.page(&readings)).into_response()
}

/// What a journal and its log take.
fn size(journal: &Path) -> Option<u64> {
    let mut log = journal.as_os_str().to_owned();
    log.push("-wal");
    let length = |path: &Path| std::fs::metadata(path).ok().map(|file| file.len());
    Some(length(journal)? + length(Path::new(&log)).unwrap_or(0))
}

/// What may still be written beside it by somebody who is not root.
fn free(journal: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(journal.parent()?).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}
