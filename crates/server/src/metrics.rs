//! What is counted, and the page that shows it (`/metrics`).
//!
//! [`Metrics`] owns the registry. Whoever does the work tells it what has happened, by methods that take plain values: the
//! binary connects them with the client of Defender and with the journal, which are not known here. What is read rather than
//! counted (queues, files, the process) is put in when the page is asked for, from [`Readings`].
//!
//! The page is open to whoever reaches the address, so nothing on it names a device, a user, a run or an address, and every
//! label has few values: playbooks that were loaded, actions of the catalogue, operations of the client, statuses.

mod doubts;
mod gauges;
mod labels;
mod names;
mod page;
mod process;
mod provider;
mod runs;
mod store;

pub use gauges::Readings;
pub use page::{CONTENT_TYPE, Page, router};
pub use process::Process;

use gauges::Gauges;
use names::Names;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use provider::ProviderMetrics;
use riposte_model::{PlaybookName, Timestamp};
use runs::RunMetrics;
use std::sync::atomic::AtomicU64;
use store::StoreMetrics;

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    names: Names,
    runs: RunMetrics,
    provider: ProviderMetrics,
    store: StoreMetrics,
    gauges: Gauges,
    reload_failed: Gauge,
    reloaded_at: Gauge<f64, AtomicU64>,
}

impl Metrics {
    /// Nothing counted yet, by a riposte of this version.
    pub fn new(version: &str) -> Metrics {
        let mut registry = Registry::default();
        let version = Info::new(vec![("version", version.to_owned())]);
        registry.register("riposte_build", "The version that runs", version);
        let (reload_failed, reloaded_at) = (Gauge::default(), Gauge::default());
        registry.register(
            "riposte_reload_failed",
            "Whether the last reload was refused, so that what was loaded before is still served (1), or not (0)",
            reload_failed.clone(),
        );
        registry.register_with_unit(
            "riposte_reload_last_success_timestamp",
            "When what is served was loaded",
            Unit::Seconds,
            reloaded_at.clone(),
        );
        Metrics {
            names: Names::default(),
            runs: RunMetrics::new(&mut registry),
            provider: ProviderMetrics::new(&mut registry),
            store: StoreMetrics::new(&mut registry),
            gauges: Gauges::new(&mut registry),
            reload_failed,
            reloaded_at,
            registry,
        }
    }

    /// Playbooks were loaded, at first or anew; from now on their runs are counted under their names.
    pub fn loaded<'n>(&self, playbooks: impl IntoIterator<Item = &'n PlaybookName>, now: Timestamp) {
        for name in playbooks {
            if let Some(label) = self.names.learn(name) {
                self.runs.expect(&label);
            }
        }
        self.reload_failed.set(0);
        self.reloaded_at.set(seconds(now));
    }

    /// A reload was refused.
    pub fn not_loaded(&self) {
        self.reload_failed.set(1);
    }

    /// The page, in OpenMetrics' text format, with what is read now.
    pub fn page(&self, readings: &Readings) -> String {
        self.gauges.set(readings, &self.names);
        let mut page = String::with_capacity(32 * 1024);
        // Writing to a text does not fail.
        let _ = encode(&mut page, &self.registry);
        page
    }
}

/// Seconds since 1970.
fn seconds(at: Timestamp) -> f64 {
    std::time::Duration::from_millis(u64::try_from(at.as_millis()).unwrap_or(0)).as_secs_f64()
}

#[cfg(test)]
mod tests;
