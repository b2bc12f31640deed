//! Loading everything anew that may change while the daemon runs: all of it, or nothing.

use super::counted::Counted;
use super::working::{Snapshot, Sources, Working};
use crate::render::clean;
use riposte_engine::Clock;
use riposte_executor::{Host, SystemClock};
use riposte_playbook::Playbook;
use riposte_server::config::{Config, RetentionConfig};
use riposte_server::http::Doors;
use riposte_server::reload::{Loaded, NotLoaded, Reload, Status};
use riposte_server::schedule::Scheduler;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::watch;

/// Who gets what is loaded.
pub(super) struct Takers {
    pub(super) host: Host,
    pub(super) playbooks: Arc<RwLock<Vec<Arc<Playbook>>>>,
    pub(super) doors: Doors,
    pub(super) scheduler: Arc<Scheduler>,
    pub(super) retention: watch::Sender<RetentionConfig>,
    pub(super) counted: Counted,
}

/// Loads anew.
pub(super) struct Reloader {
    sources: Sources,
    /// What the daemon was started with.
    started: Option<Config>,
    takers: Takers,
    /// What was looked at last, whether it could be loaded or not. Held while something is loaded, so that two are one after the
    /// other.
    seen: Mutex<Snapshot>,
    status: Mutex<Status>,
}

impl Reloader {
    /// After what was loaded at the start.
    pub(super) fn new(
        sources: Sources,
        seen: Snapshot,
        started: Option<Config>,
        loaded: Loaded,
        takers: Takers,
    ) -> Arc<Reloader> {
        let status = Mutex::new(Status { started_at: loaded.at, loaded, failed: None });
        Arc::new(Reloader { sources, started, takers, seen: Mutex::new(seen), status })
    }

    /// The files and folders that everything is loaded from.
    pub(super) fn places(&self) -> Vec<PathBuf> {
        let playbooks = lock(&self.seen).paths.clone();
        playbooks.into_iter().chain(self.sources.config_file().map(PathBuf::from)).collect()
    }

    /// Loads everything anew if anything is different from what was looked at last.
    pub(super) fn reload_what_changed(&self) {
        let mut seen = lock(&self.seen);
        let now = self.sources.look();
        if now != *seen {
            tracing::info!("playbooks or the configuration have changed");
            // Told in the log; the next change is looked at like this one.
            let _ = self.take(now, &mut seen);
        }
    }

    fn take(&self, snapshot: Snapshot, seen: &mut Snapshot) -> Result<Loaded, NotLoaded> {
        let loaded = self.sources.load(&snapshot);
        *seen = snapshot;
        let at = SystemClock.now();
        match loaded {
            Ok(working) => {
                let needs_restart = self.needs_restart(working.config.as_ref());
                let loaded = count(&working, needs_restart);
                self.hand_over(working);
                self.now_is(loaded.clone());
                for key in &loaded.needs_restart {
                    tracing::warn!(key, "changed in the configuration, and counts after a restart");
                }
                tracing::info!(
                    playbooks = loaded.playbooks,
                    webhooks = loaded.webhooks,
                    schedules = loaded.schedules,
                    "loaded"
                );
                Ok(loaded)
            }
            Err(error) => {
                let why = format!("{error:#}").lines().map(clean).collect::<Vec<_>>().join("; ");
                self.takers.counted.not_loaded();
                // Whoever reads the log and asks then is told the same.
                lock(&self.status).failed = Some(NotLoaded { at, why: why.clone() });
                tracing::error!(why, "not loaded, and what was loaded before stays");
                Err(NotLoaded { at, why })
            }
        }
    }

    fn now_is(&self, loaded: Loaded) {
        let mut status = lock(&self.status);
        (status.loaded, status.failed) = (loaded, None);
    }

    fn hand_over(&self, Working { config, playbooks, hooks }: Working) {
        let Takers { host, playbooks: list, doors, scheduler, retention, counted } = &self.takers;
        counted.loaded(&playbooks);
        host.replace(playbooks.clone());
        doors.replace(hooks);
        scheduler.replace(playbooks.clone());
        *list.write().unwrap_or_else(PoisonError::into_inner) = playbooks;
        if let Some(config) = config {
            doors.limit_bodies(config.webhooks.body_limit);
            retention.send_if_modified(|kept| std::mem::replace(kept, config.retention) != config.retention);
        }
    }

    fn needs_restart(&self, newer: Option<&Config>) -> Vec<&'static str> {
        let (Some(started), Some(newer)) = (&self.started, newer) else { return Vec::new() };
        let mut keys = started.needs_restart(newer);
        keys.retain(|key| *key != "listen" || !self.sources.is_listen_named());
        keys
    }
}

impl Reload for Reloader {
    fn reload(&self) -> Result<Loaded, NotLoaded> {
        let mut seen = lock(&self.seen);
        let now = self.sources.look();
        self.take(now, &mut seen)
    }

    fn status(&self) -> Status {
        lock(&self.status).clone()
    }
}

/// How much is loaded.
pub(super) fn count(working: &Working, needs_restart: Vec<&'static str>) -> Loaded {
    Loaded {
        at: SystemClock.now(),
        playbooks: working.playbooks.len(),
        webhooks: working.hooks.iter().count(),
        schedules: working.playbooks.iter().map(|playbook| playbook.schedules().count()).sum(),
        needs_restart,
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
