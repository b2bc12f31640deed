//! What is read when the page is asked for: queues, answers at the doors, files, the process.

use super::labels::{ByHook, Fired, Webhook};
use super::names::Names;
use super::process::Process;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use riposte_executor::Counts;
use riposte_model::PlaybookName;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a webhook is called that is none.
const NO_HOOK: &str = "(none)";

/// Answers that are shown before they are given: a refusal that appears with the first of its kind cannot be seen to grow by it.
const EXPECTED: [u16; 4] = [202, 401, 429, 503];

/// What there is to be read.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// How many runs are where.
    pub counts: Counts,
    /// Whether whoever gives runs their turns has answered.
    pub alive: bool,
    /// The webhooks that are there.
    pub hooks: Vec<String>,
    /// How often each webhook was answered with which status; all addresses that lead nowhere under an empty name.
    pub webhooks: BTreeMap<(String, u16), u64>,
    /// How many events of each webhook no trigger wanted.
    pub filtered: BTreeMap<String, u64>,
    /// How often schedules of which playbook have come to what.
    pub fires: BTreeMap<(PlaybookName, &'static str), u64>,
    /// Bytes of the journal's files.
    pub journal_bytes: Option<u64>,
    /// Bytes that may still be written to its disk.
    pub disk_free_bytes: Option<u64>,
    /// This process.
    pub process: Option<Process>,
}

type Seconds = Counter<f64, AtomicU64>;

pub(super) struct Gauges {
    live: Gauge,
    at_work: Gauge,
    parked: Gauge,
    ready: Gauge,
    troubled: Gauge,
    alive: Gauge,
    webhooks: Family<Webhook, Counter>,
    filtered: Family<ByHook, Counter>,
    fires: Family<Fired, Counter>,
    journal: Gauge,
    disk_free: Gauge,
    started: Gauge<f64, AtomicU64>,
    cpu: Seconds,
    memory: Gauge,
    open_files: Gauge,
    max_files: Gauge,
}

impl Gauges {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let live = gauge("riposte_runs_live", "Runs in memory");
        let at_work = gauge("riposte_runs_at_work", "Runs at work, or waiting for an answer");
        let parked = gauge("riposte_runs_parked", "Runs that wait without being in memory");
        let ready = gauge("riposte_runs_ready", "Runs with something to do that wait for room");
        let troubled = gauge(
            "riposte_runs_troubled",
            "Runs that are left alone: with what there is now they cannot be driven",
        );
        let alive = gauge(
            "riposte_host_alive",
            "Whether what gives runs their turns has answered within two seconds (1), or not (0)",
        );
        let open_files = gauge("process_open_fds", "Open file descriptors");
        let max_files = gauge("process_max_fds", "Most file descriptors that may be open");
        let mut bytes = |name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register_with_unit(name, help, Unit::Bytes, gauge.clone());
            gauge
        };
        let journal = bytes("riposte_journal_size", "The journal's files");
        let disk_free = bytes("riposte_disk_free", "What may still be written to the journal's disk");
        let memory = bytes("process_resident_memory", "Resident memory");
        let (webhooks, filtered, fires) = (Family::default(), Family::default(), Family::default());
        let (started, cpu) = (Gauge::default(), Counter::default());
        registry.register(
            "riposte_webhook_requests",
            "Requests to webhooks, by webhook and status of the answer; (none): addresses that lead nowhere",
            Family::clone(&webhooks),
        );
        registry.register(
            "riposte_webhook_events_filtered",
            "Events that no trigger wanted, by webhook: nothing else is left of them",
            Family::clone(&filtered),
        );
        registry.register(
            "riposte_schedule_fires",
            "Times of schedules, by playbook and what came of them (begun, known, waiting, skipped, missed, refused, let_go)",
            Family::clone(&fires),
        );
        registry.register_with_unit(
            "process_start_time",
            "When the process started, since 1970",
            Unit::Seconds,
            Gauge::clone(&started),
        );
        registry.register_with_unit(
            "process_cpu",
            "Time that the process has spent on processors",
            Unit::Seconds,
            Counter::clone(&cpu),
        );
        Gauges {
            live,
            at_work,
            parked,
            ready,
            troubled,
            alive,
            webhooks,
            filtered,
            fires,
            journal,
            disk_free,
            started,
            cpu,
            memory,
            open_files,
            max_files,
        }
    }

    pub(super) fn set(&self, readings: &Readings, names: &Names) {
        let Counts { live, at_work, parked, ready, troubled } = readings.counts;
        for (gauge, count) in [
            (&self.live, live),
            (&self.at_work, at_work),
            (&self.parked, parked),
            (&self.ready, ready),
            (&self.troubled, troubled),
        ] {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        self.alive.set(i64::from(readings.alive));
        for (hook, answer) in readings.hooks.iter().flat_map(|hook| EXPECTED.map(|answer| (hook, answer))) {
            drop(self.webhooks.get_or_create(&Webhook { hook: hook.clone(), answer }));
        }
        for ((hook, answer), count) in &readings.webhooks {
            let hook = if hook.is_empty() { NO_HOOK } else { hook }.to_owned();
            set(&self.webhooks.get_or_create(&Webhook { hook, answer: *answer }), *count);
        }
        for (hook, count) in &readings.filtered {
            set(&self.filtered.get_or_create(&ByHook { hook: hook.clone() }), *count);
        }
        let mut fires = BTreeMap::new();
        for ((playbook, what), count) in &readings.fires {
            *fires.entry((names.label(playbook), *what)).or_insert(0) += count;
        }
        for ((playbook, what), count) in fires {
            set(&self.fires.get_or_create(&Fired { playbook, what }), count);
        }
        let known = |gauge: &Gauge, value: Option<u64>| {
            if let Some(value) = value {
                gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
            }
        };
        known(&self.journal, readings.journal_bytes);
        known(&self.disk_free, readings.disk_free_bytes);
        if let Some(process) = &readings.process {
            self.started.set(process.started_at);
            self.cpu.inner().store(process.cpu_seconds.to_bits(), Ordering::Relaxed);
            known(&self.memory, Some(process.resident_bytes));
            known(&self.open_files, Some(process.open_files));
            known(&self.max_files, process.max_files);
        }
    }
}

/// A counter that somebody else keeps.
fn set(counter: &Counter, count: u64) {
    counter.inner().store(count, Ordering::Relaxed);
}
