//! What the client of a provider does.

use super::Metrics;
use super::labels::{ByClass, ByOperation, ByOutcome, Request, answer};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

pub(super) struct ProviderMetrics {
    requests: Family<Request, Counter>,
    took: Family<ByOperation, Histogram>,
    tokens: Family<ByOutcome, Counter>,
    waited: Family<ByClass, Counter<f64, AtomicU64>>,
    throttled: Family<ByClass, Counter<f64, AtomicU64>>,
}

impl ProviderMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = ProviderMetrics {
            requests: Family::default(),
            took: Family::new_with_constructor(answer),
            tokens: Family::default(),
            waited: Family::default(),
            throttled: Family::default(),
        };
        registry.register(
            "riposte_defender_requests",
            "Requests to Defender by operation and status of the answer (none: no answer)",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "riposte_defender_request",
            "How long Defender took to answer, by operation",
            Unit::Seconds,
            metrics.took.clone(),
        );
        registry.register(
            "riposte_defender_tokens",
            "Tokens that were asked for, by outcome (granted, refused)",
            metrics.tokens.clone(),
        );
        registry.register_with_unit(
            "riposte_defender_turn_wait",
            "How long calls have waited for their turn within Defender's limits, by class of calls",
            Unit::Seconds,
            metrics.waited.clone(),
        );
        registry.register_with_unit(
            "riposte_defender_throttled",
            "How long Defender has refused calls for being too many, by class of calls",
            Unit::Seconds,
            metrics.throttled.clone(),
        );
        for outcome in ["granted", "refused"] {
            drop(metrics.tokens.get_or_create(&ByOutcome { outcome }));
        }
        metrics
    }
}

impl Metrics {
    /// A request to Defender has ended with this status, or without an answer. `operation` is one of the client's own names.
    pub fn request(&self, operation: &'static str, status: Option<u16>, took: Duration) {
        let status = status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        self.provider.requests.get_or_create(&Request { operation, status }).inc();
        self.provider.took.get_or_create(&ByOperation { operation }).observe(took.as_secs_f64());
    }

    /// A token was asked for.
    pub fn token(&self, granted: bool) {
        let outcome = if granted { "granted" } else { "refused" };
        self.provider.tokens.get_or_create(&ByOutcome { outcome }).inc();
    }

    /// A call of a class has waited for its turn.
    pub fn waited(&self, class: &'static str, time: Duration) {
        self.provider.waited.get_or_create(&ByClass { class }).inc_by(time.as_secs_f64());
    }

    /// A class of calls is closed for this much longer than it was.
    pub fn throttled(&self, class: &'static str, longer: Duration) {
        self.provider.throttled.get_or_create(&ByClass { class }).inc_by(longer.as_secs_f64());
    }
}
