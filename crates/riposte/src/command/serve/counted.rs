//! What the daemon counts: the registry of metrics, told by those who do the work.

use riposte_defender::Class;
use riposte_engine::Clock;
use riposte_executor::SystemClock;
use riposte_journal::Commit;
use riposte_playbook::Playbook;
use riposte_server::metrics::Metrics;
use std::sync::Arc;
use std::time::Duration;

/// Counts. Clones are the same.
#[derive(Clone)]
pub(super) struct Counted {
    pub(super) metrics: Arc<Metrics>,
}

impl Counted {
    pub(super) fn new() -> Counted {
        Counted { metrics: Arc::new(Metrics::new(env!("CARGO_PKG_VERSION"))) }
    }

    /// These playbooks are served from now on.
    pub(super) fn loaded(&self, playbooks: &[Arc<Playbook>]) {
        self.metrics.loaded(playbooks.iter().map(|playbook| &playbook.name), SystemClock.now());
    }

    /// A reload was refused, and what was loaded is served.
    pub(super) fn not_loaded(&self) {
        self.metrics.not_loaded();
    }
}

impl riposte_defender::Meter for Counted {
    fn request(&self, operation: &'static str, status: Option<u16>, took: Duration) {
        self.metrics.request(operation, status, took);
    }

    fn token(&self, granted: bool) {
        self.metrics.token(granted);
    }

    fn waited(&self, class: Class, time: Duration) {
        self.metrics.waited(class.name(), time);
    }

    fn throttled(&self, class: Class, longer: Duration) {
        self.metrics.throttled(class.name(), longer);
    }
}

impl riposte_journal::Meter for Counted {
    fn committed(&self, commit: &Commit<'_>) {
        self.metrics.committed(commit.requests, commit.events, commit.took, commit.failed);
    }
}
