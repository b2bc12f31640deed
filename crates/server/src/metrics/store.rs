//! What the journal's writer does.

use super::Metrics;
use super::labels::{ByOutcome, disk};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use riposte_engine::StoreError;
use std::time::Duration;

pub(super) struct StoreMetrics {
    took: Histogram,
    commits: Family<ByOutcome, Counter>,
    requests: Counter,
    events: Counter,
    full: Gauge,
}

impl StoreMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = StoreMetrics {
            took: disk(),
            commits: Family::default(),
            requests: Counter::default(),
            events: Counter::default(),
            full: Gauge::default(),
        };
        registry.register_with_unit(
            "riposte_journal_commit",
            "How long a commit took until it was on disk",
            Unit::Seconds,
            metrics.took.clone(),
        );
        registry.register(
            "riposte_journal_commits",
            "Commits by outcome (done, full, failed)",
            metrics.commits.clone(),
        );
        registry.register(
            "riposte_journal_requests",
            "Requests to the journal that a commit has served: several share one",
            metrics.requests.clone(),
        );
        registry.register(
            "riposte_journal_events",
            "Events that were to be written by commits that were done",
            metrics.events.clone(),
        );
        registry.register(
            "riposte_disk_full",
            "Whether the last commit failed because the disk is full (1), or not (0)",
            metrics.full.clone(),
        );
        for outcome in ["done", "full", "failed"] {
            drop(metrics.commits.get_or_create(&ByOutcome { outcome }));
        }
        metrics
    }
}

impl Metrics {
    /// A commit of so many requests with so many events has ended.
    pub fn committed(&self, requests: usize, events: usize, took: Duration, failed: Option<&StoreError>) {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let outcome = match failed {
            None => "done",
            Some(StoreError::Full(_)) => "full",
            Some(_) => "failed",
        };
        self.store.commits.get_or_create(&ByOutcome { outcome }).inc();
        self.store.full.set(i64::from(outcome == "full"));
        if failed.is_none() {
            self.store.took.observe(took.as_secs_f64());
            self.store.requests.inc_by(count(requests));
            self.store.events.inc_by(count(events));
        }
    }
}
