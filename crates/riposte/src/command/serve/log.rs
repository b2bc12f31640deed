//! What a daemon's log says of runs: that they begin and end, and what goes wrong on the way; and how it is set up.

use crate::logging::{self, Levels};
use crate::telemetry::{self, Telemetry};
use anyhow::Result;
use riposte_engine::{Event, EventBody, Note, Observer, Run, RunStarted, RunStatus};
use riposte_model::{RunId, StepPath, Timestamp};
use riposte_server::config::{Config, LogLevel};

/// Begins to log, and to send spans, as configured; `-v` on the command line counts more.
pub(super) fn start(config: Option<&Config>, verbose: u8) -> Result<Option<Telemetry>> {
    let (mut log, telemetry) =
        config.map(|config| (config.log.clone(), config.telemetry.clone())).unwrap_or_default();
    if verbose > 1 {
        log.levels.default = LogLevel::Debug;
    }
    let (telemetry, spans) = telemetry::start(&telemetry)?.unzip();
    logging::start(Levels::of(&log.levels), log.format, spans)?;
    Ok(telemetry)
}

/// Writes to the log.
pub(crate) struct Log;

impl Observer for Log {
    fn begun(&self, run_id: RunId, started: &RunStarted, _: Timestamp) {
        tracing::info!(%run_id, playbook = started.playbook.as_str(), "run started");
    }

    fn recorded(&self, run: &Run, event: &Event) {
        let (run_id, playbook) = (run.id(), run.playbook().name.as_str());
        match &event.body {
            EventBody::RunFinished(finished) if finished.status == RunStatus::Failed => {
                let why = finished.failure.as_ref().map(ToString::to_string);
                tracing::warn!(%run_id, playbook, step = finished.step.as_ref().map(StepPath::as_str), why, "run failed");
            }
            EventBody::RunFinished(finished) => {
                tracing::info!(%run_id, playbook, status = finished.status.as_str(), "run finished");
            }
            EventBody::CancelRequested { by } => {
                tracing::warn!(%run_id, playbook, by, "run is being cancelled");
            }
            EventBody::OutcomeUnknown { step, failure, .. } => {
                let why = failure.to_string();
                tracing::warn!(%run_id, playbook, %step, why, "nobody can say yet whether the call was carried out");
            }
            body => {
                let step = body.step().map(StepPath::as_str);
                tracing::debug!(%run_id, playbook, step, kind = body.kind(), "recorded");
            }
        }
    }

    fn noted(&self, run_id: RunId, step: &StepPath, note: &Note) {
        tracing::debug!(%run_id, %step, ?note, "noted");
    }
}
