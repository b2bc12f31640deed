//! What a daemon's log says of runs: that they begin and end, and what goes wrong on the way.

use crate::render::clean;
use riposte_engine::{Event, EventBody, Note, Observer, Run, RunStatus};
use riposte_model::{RunId, StepPath};

/// Writes to the log.
pub(crate) struct Log;

impl Observer for Log {
    fn recorded(&self, run: &Run, event: &Event) {
        let (run_id, playbook) = (run.id(), run.playbook().name.as_str());
        match &event.body {
            EventBody::RunStarted(_) => tracing::info!(%run_id, playbook, "run started"),
            EventBody::RunFinished(finished) if finished.status == RunStatus::Failed => {
                let why = finished.failure.as_ref().map(|failure| clean(&failure.to_string()));
                tracing::warn!(%run_id, playbook, step = ?finished.step, why, "run failed");
            }
            EventBody::RunFinished(finished) => {
                tracing::info!(%run_id, playbook, status = finished.status.as_str(), "run finished");
            }
            EventBody::CancelRequested { by } => {
                tracing::warn!(%run_id, playbook, by = clean(by), "run is being cancelled");
            }
            EventBody::OutcomeUnknown { step, failure, .. } => {
                let why = clean(&failure.to_string());
                tracing::warn!(%run_id, playbook, %step, why, "nobody can say yet whether the call was carried out");
            }
            body => tracing::debug!(%run_id, playbook, step = ?body.step(), kind = body.kind(), "recorded"),
        }
    }

    fn noted(&self, run_id: RunId, step: &StepPath, note: &Note) {
        tracing::debug!(%run_id, %step, ?note, "noted");
    }
}
