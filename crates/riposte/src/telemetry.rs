//! Spans over OTLP, if the configuration names a collector.
//!
//! ```text
//!   tracing ──► spans of ours ──► ByRun ──► queue ──► a thread ──► Exporter ──► POST /v1/traces
//! ```
//!
//! Nothing of this may hold up a run: a span that finds the queue full is dropped, and a collector that does not answer is
//! complained of once a minute. Spans hold ids of runs and names of steps, actions and operations, and nothing else.

mod exporter;
mod trace;

use crate::logging::{Spans, is_ours};
use anyhow::{Context as _, Result};
use exporter::Exporter;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanLimits,
};
use riposte_server::config::TelemetryConfig;
use std::time::Duration;
use trace::{ByRun, Ids};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;

/// Spans that wait to be sent. More are dropped: some megabytes, and minutes of a busy daemon.
const QUEUE: usize = 8192;

/// Most spans of one request.
const BATCH: usize = 512;

/// How often spans are sent.
const DELAY: Duration = Duration::from_secs(5);

/// How long the end of the daemon waits for the last spans.
const LAST_SPANS: Duration = Duration::from_secs(3);

/// Sends spans until it is closed.
pub(crate) struct Telemetry {
    provider: SdkTracerProvider,
}

/// What sends spans to the collector that is configured, and what takes them; nothing, if none is. Must be called within a tokio
/// runtime.
pub(crate) fn start(config: &TelemetryConfig) -> Result<Option<(Telemetry, Spans)>> {
    let Some(endpoint) = &config.otlp_endpoint else { return Ok(None) };
    let exporter = Exporter::new(endpoint, &config.otlp_headers).context("spans cannot be sent")?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE)
        .with_max_export_batch_size(BATCH)
        .with_scheduled_delay(DELAY)
        .build();
    let resource = Resource::builder_empty()
        .with_attribute(KeyValue::new("service.name", "riposte"))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    // All that the environment could say otherwise is said here: the configuration is the file.
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOn)
        .with_span_limits(SpanLimits::default())
        .with_id_generator(Ids::default())
        .with_resource(resource)
        .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batches).build())
        .build();
    let spans = tracing_opentelemetry::layer()
        .with_tracer(ByRun(provider.tracer("riposte")))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_context_activation(false)
        .with_filter(filter_fn(|metadata| metadata.is_span() && is_ours(metadata)));
    Ok(Some((Telemetry { provider }, Box::new(spans))))
}

impl Telemetry {
    /// Sends what is left, for a short while.
    pub(crate) async fn close(self) {
        let flushed = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(LAST_SPANS));
        if !matches!(flushed.await, Ok(Ok(()))) {
            tracing::warn!("the last spans may not have reached the collector");
        }
    }
}
