//! Which trace a span belongs to.
//!
//! A run's trace has the run's id, so that whoever has one finds the other, and all stretches of a run, before and after a
//! restart, are in one trace. Each stretch is a root there: a span that is around all of them would have to live for days, in a
//! process that may not.

use opentelemetry::Context;
use opentelemetry::trace::{SpanBuilder, SpanId, TraceContextExt as _, TraceId, Tracer};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SdkTracer, Span};
use std::cell::Cell;

/// Where a span says which run it is about.
const RUN_ID: &str = "run_id";

thread_local! {
    /// The trace of the span that this thread is beginning.
    static TRACE: Cell<Option<TraceId>> = const { Cell::new(None) };
}

/// Begins spans; one that is inside no other and is about a run, in the trace of the run.
#[derive(Clone, Debug)]
pub(super) struct ByRun(pub(super) SdkTracer);

impl Tracer for ByRun {
    type Span = Span;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> Span {
        if !parent.span().span_context().is_valid() {
            TRACE.set(trace(&builder));
        }
        let span = self.0.build_with_context(builder, parent);
        TRACE.set(None);
        span
    }
}

/// The trace of the run that a span is about: the run's id is as long as a trace's.
fn trace(builder: &SpanBuilder) -> Option<TraceId> {
    let attributes = builder.attributes.as_ref()?;
    let id = attributes.iter().find(|attribute| attribute.key.as_str() == RUN_ID)?.value.as_str();
    TraceId::from_hex(id.strip_prefix("run_")?).ok()
}

/// Ids by chance, but for the trace of a run.
#[derive(Debug, Default)]
pub(super) struct Ids {
    random: RandomIdGenerator,
}

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        TRACE.take().unwrap_or_else(|| self.random.new_trace_id())
    }

    fn new_span_id(&self) -> SpanId {
        self.random.new_span_id()
    }
}
