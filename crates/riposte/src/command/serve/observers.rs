//! Several who want to know what happens in runs.

use riposte_engine::{Event, Note, Observer, Run, RunStarted};
use riposte_model::{RunId, StepPath, Timestamp};
use std::sync::Arc;

/// Tells each of them, in this order.
pub(super) struct Observers(pub(super) Vec<Arc<dyn Observer>>);

impl Observer for Observers {
    fn begun(&self, run: RunId, started: &RunStarted, at: Timestamp) {
        self.0.iter().for_each(|observer| observer.begun(run, started, at));
    }

    fn recorded(&self, run: &Run, event: &Event) {
        self.0.iter().for_each(|observer| observer.recorded(run, event));
    }

    fn noted(&self, run: RunId, step: &StepPath, note: &Note) {
        self.0.iter().for_each(|observer| observer.noted(run, step, note));
    }
}
