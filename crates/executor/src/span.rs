//! Spans around the work: who reads the log below (a request of a client) learns the run and the step from them.
//!
//! A run may live for days, and leaves memory while it only waits. So a span lives as long as a stretch of driving does, and a
//! run has as many as it has stretches; they belong together by the run's id. A step's span is one task's: a call, a look, a
//! wait while the run is in memory.
//!
//! Spans cost up to a tenth of all that a run does. Those inside which nobody says anything but details are details themselves, and are
//! made only if somebody wants those, or traces.

use riposte_engine::{Run, RunStatus, StepState};
use riposte_model::StepPath;
use tracing::Span;
use tracing::field::Empty;

/// Around one stretch of driving a run.
pub(crate) fn run(run: &Run) -> Span {
    tracing::debug_span!(
        "run",
        run_id = %run.id(),
        playbook = run.playbook().name.as_str(),
        status = Empty,
        otel.status_code = Empty,
    )
}

/// Says in a run's span how the run has ended.
pub(crate) fn ended(span: &Span, run: &Run) {
    span.record("status", run.status().as_str());
    if run.status() == RunStatus::Failed {
        span.record("otel.status_code", "ERROR");
    }
}

/// Around a task for a step that only waits, inside the span of its run.
pub(crate) fn wait(run: &Run, path: &StepPath) -> Span {
    tracing::debug_span!("step", step = path.as_str(), action = word(run, path), attempt = attempt(run, path))
}

/// Around any other task for a step. A client warns of what it meets on the way, so it has all that such a line should say.
pub(crate) fn work(run: &Run, path: &StepPath) -> Span {
    tracing::info_span!(
        "step",
        run_id = %run.id(),
        playbook = run.playbook().name.as_str(),
        step = path.as_str(),
        action = word(run, path),
        attempt = attempt(run, path),
    )
}

fn word<'r>(run: &'r Run, path: &StepPath) -> &'r str {
    run.step(path).map_or("", |step| step.kind.word())
}

/// Which attempt is under way.
fn attempt(run: &Run, path: &StepPath) -> u32 {
    match run.record(path).map(|record| &record.state) {
        Some(StepState::Intended { intent, .. } | StepState::Unknown { intent, .. }) => intent.attempt,
        Some(StepState::Accepted { attempt, .. } | StepState::LeftOpen { attempt, .. }) => *attempt,
        Some(StepState::Backoff { next_attempt, .. }) => *next_attempt,
        Some(StepState::Ended { attempts, .. }) => *attempts,
        Some(
            StepState::Open
            | StepState::Looping { .. }
            | StepState::Calling { .. }
            | StepState::Sleeping { .. },
        )
        | None => 1,
    }
}
