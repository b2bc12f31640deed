//! One request with many spans, as OTLP over HTTP has it (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>).

use anyhow::{Context as _, Result};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use prost::Message as _;
use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use riposte_server::config::SecretSource;
use secrecy::ExposeSecret as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::Instant;

/// How long a collector may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often it is said that it does not take spans.
const COMPLAINTS: Duration = Duration::from_secs(60);

/// Sends spans to one collector.
#[derive(Debug)]
pub(super) struct Exporter {
    client: Client,
    address: String,
    resource: ResourceAttributesWithSchema,
    /// Spans are exported by a thread of their own; the network belongs to the runtime.
    runtime: Handle,
    complaints: Arc<Complaints>,
}

impl Exporter {
    pub(super) fn new(endpoint: &str, headers: &[(String, SecretSource)]) -> Result<Exporter> {
        let mut secrets = HeaderMap::new();
        for (name, source) in headers {
            let name: HeaderName = name.parse().with_context(|| format!("the header `{name}`"))?;
            let value = source.read().with_context(|| format!("the header `{name}`"))?;
            let mut value = HeaderValue::from_str(value.expose_secret())
                .with_context(|| format!("the header `{name}` has what no header may have"))?;
            value.set_sensitive(true);
            secrets.insert(name, value);
        }
        // reqwest panics without a provider. An error here only says that one is installed already.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .user_agent(concat!("riposte/", env!("CARGO_PKG_VERSION")))
            .default_headers(secrets)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .timeout(TIMEOUT)
            .build()?;
        Ok(Exporter {
            client,
            address: format!("{endpoint}/v1/traces"),
            resource: ResourceAttributesWithSchema::default(),
            runtime: Handle::current(),
            complaints: Arc::default(),
        })
    }
}

impl SpanExporter for Exporter {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        let spans = batch.len();
        let request = ExportTraceServiceRequest {
            resource_spans: group_spans_by_resource_and_scope(batch, &self.resource),
        };
        let request = self
            .client
            .post(&self.address)
            .header(CONTENT_TYPE, "application/x-protobuf")
            .body(request.encode_to_vec());
        let complaints = self.complaints.clone();
        let sending = self.runtime.spawn(async move {
            // A proxy or a collector may echo what it was sent: the address and the status are enough.
            let sent = request.send().await.and_then(reqwest::Response::error_for_status);
            if let Err(error) = &sent {
                complaints.make(spans, error);
            }
            sent.is_ok()
        });
        async move {
            match sending.await {
                Ok(true) => Ok(()),
                Ok(false) | Err(_) => Err(OTelSdkError::InternalFailure("spans were not taken".to_owned())),
            }
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}

/// What is said of a collector that takes nothing, now and then.
#[derive(Debug, Default)]
struct Complaints {
    last: Mutex<Option<Instant>>,
}

impl Complaints {
    fn make(&self, spans: usize, error: &reqwest::Error) {
        if self.is_due(Instant::now()) {
            let error: &dyn std::error::Error = error;
            tracing::warn!(
                error,
                spans,
                "the collector takes no spans, and they are lost; said once a minute"
            );
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| now.duration_since(last) >= COMPLAINTS);
        if due {
            *last = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_that_takes_nothing_is_complained_of_once_a_minute() {
        let (complaints, now) = (Complaints::default(), Instant::now());
        let said =
            [0, 1, 59, 60, 61, 119, 120].map(|second| complaints.is_due(now + Duration::from_secs(second)));
        assert_eq!(said, [true, false, false, true, false, false, true]);
    }
}
