//! One HTTP request on its way, and the span that it leaves in a trace.

use tracing::field::Empty;
use url::Url;

use crate::{
    budget::Class,
    client::Leave,
    error::Error,
    request::{Body, Method},
};

/// One HTTP request, ready to leave.
pub(crate) struct Outgoing<'a> {
    pub(crate) operation: &'static str,
    pub(crate) class: Class,
    pub(crate) leave: &'a Leave,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) body: &'a Body,
    /// Most bytes that its answer may have.
    pub(crate) limit: usize,
}

impl Outgoing<'_> {
    /// The request as a span, in the words of OpenTelemetry's conventions for HTTP clients. No path and no query: they hold
    /// ids and filters, and the operation says what is asked.
    pub(crate) fn span(&self) -> tracing::Span {
        let method = self.method.as_str();
        tracing::debug_span!(
            "request",
            otel.name = format_args!("{method} {}", self.operation),
            otel.kind = "client",
            operation = self.operation,
            http.request.method = method,
            server.address = self.url.host_str().unwrap_or_default(),
            server.port = self.url.port_or_known_default(),
            http.response.status_code = Empty,
            error.type = Empty,
            otel.status_code = Empty,
        )
    }

    /// Says in its span what came of it.
    pub(crate) fn tell(&self, status: Option<u16>, error: Option<&Error>) {
        let span = tracing::Span::current();
        if let Some(status) = status {
            span.record("http.response.status_code", status);
        }
        if let Some(error) = error {
            span.record("otel.status_code", "ERROR");
            match status.filter(|status| *status >= 400) {
                Some(status) => span.record("error.type", tracing::field::display(status)),
                None => span.record("error.type", tracing::field::debug(error.delivery())),
            };
        }
    }
}
