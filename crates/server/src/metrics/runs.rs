//! What happens in runs, as an observer of their events.

use super::Metrics;
use super::doubts::Doubts;
use super::labels::{ByAction, ByPlaybook, RunEnd, StepEnd, long};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use riposte_engine::{Event, EventBody, Note, Observer, Run, RunStarted, RunStatus};
use riposte_model::{RunId, StepPath, Timestamp};
use std::sync::Arc;

/// How a run can end.
const ENDS: [RunStatus; 3] = [RunStatus::Succeeded, RunStatus::Failed, RunStatus::Cancelled];

pub(super) struct RunMetrics {
    started: Family<ByPlaybook, Counter>,
    ended: Family<RunEnd, Counter>,
    lasted: Family<ByPlaybook, Histogram>,
    steps: Family<StepEnd, Counter>,
    steps_lasted: Family<ByAction, Histogram>,
    retries: Family<ByAction, Counter>,
    unknown: Counter,
    not_withdrawn: Counter,
    in_doubt: Gauge,
    doubts: Doubts,
}

impl RunMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = RunMetrics {
            started: Family::default(),
            ended: Family::default(),
            lasted: Family::new_with_constructor(long),
            steps: Family::default(),
            steps_lasted: Family::new_with_constructor(long),
            retries: Family::default(),
            unknown: Counter::default(),
            not_withdrawn: Counter::default(),
            in_doubt: Gauge::default(),
            doubts: Doubts::default(),
        };
        registry.register(
            "riposte_runs_started",
            "Runs that have begun, called ones included, by playbook",
            metrics.started.clone(),
        );
        registry.register(
            "riposte_runs",
            "Runs that have ended, called ones included, by playbook and status",
            metrics.ended.clone(),
        );
        registry.register_with_unit(
            "riposte_run_duration",
            "How long runs took from their beginning to their end, by playbook",
            Unit::Seconds,
            metrics.lasted.clone(),
        );
        registry.register(
            "riposte_steps",
            "Steps that have ended, by action (or kind of step) and outcome (succeeded, failed, skipped)",
            metrics.steps.clone(),
        );
        registry.register_with_unit(
            "riposte_step_duration",
            "How long steps took, waiting and other attempts included, by action (or kind of step)",
            Unit::Seconds,
            metrics.steps_lasted.clone(),
        );
        registry.register(
            "riposte_step_retries",
            "Attempts that have failed and are followed by another one, by action",
            metrics.retries.clone(),
        );
        registry.register(
            "riposte_outcomes_unknown",
            "Calls of which nobody could say at once whether they were carried out",
            metrics.unknown.clone(),
        );
        registry.register(
            "riposte_withdrawals_failed",
            "Actions of cancelled runs that could not be taken back, and may still be carried out",
            metrics.not_withdrawn.clone(),
        );
        registry.register(
            "riposte_calls_in_doubt",
            "Calls that are being looked for because nobody can say whether they were carried out",
            metrics.in_doubt.clone(),
        );
        metrics
    }

    /// Shows a playbook before its first run ends: what appears with its first failure cannot be seen to grow by it.
    pub(super) fn expect(&self, playbook: &Arc<str>) {
        drop(self.started.get_or_create(&ByPlaybook { playbook: playbook.clone() }));
        for status in ENDS {
            drop(self.ended.get_or_create(&RunEnd { playbook: playbook.clone(), status: status.as_str() }));
        }
    }

    fn step_ended(
        &self,
        run: &Run,
        step: &StepPath,
        outcome: &'static str,
        time: Option<(Timestamp, Timestamp)>,
    ) {
        let action = run.step(step).map_or("", |step| step.kind.word()).to_owned();
        self.steps.get_or_create(&StepEnd { action: action.clone(), outcome }).inc();
        if let Some((from, to)) = time {
            self.steps_lasted.get_or_create(&ByAction { action }).observe(to.since(from).as_secs_f64());
        }
    }

    fn settle(&self, run: RunId, step: Option<&StepPath>) {
        match step {
            Some(step) => self.doubts.settle(run, step),
            None => self.doubts.settle_all(run),
        }
        self.show_doubts();
    }

    fn show_doubts(&self) {
        self.in_doubt.set(i64::try_from(self.doubts.count()).unwrap_or(i64::MAX));
    }
}

impl Observer for Metrics {
    fn begun(&self, _: RunId, started: &RunStarted, _: Timestamp) {
        let playbook = self.names.label(&started.playbook);
        self.runs.started.get_or_create(&ByPlaybook { playbook }).inc();
    }

    fn recorded(&self, run: &Run, event: &Event) {
        let metrics = &self.runs;
        let began = |step: &StepPath| run.record(step).map(|record| (record.started_at, event.at));
        match &event.body {
            EventBody::RunFinished(finished) => {
                let playbook = self.names.label(&run.playbook().name);
                let end = RunEnd { playbook: playbook.clone(), status: finished.status.as_str() };
                metrics.ended.get_or_create(&end).inc();
                let lasted = event.at.since(run.started_at()).as_secs_f64();
                metrics.lasted.get_or_create(&ByPlaybook { playbook }).observe(lasted);
                metrics.settle(run.id(), None);
            }
            EventBody::StepSkipped { step } => metrics.step_ended(run, step, "skipped", None),
            EventBody::StepSucceeded { step, .. }
            | EventBody::TimerFired { step }
            | EventBody::ChildFinished { step, failure: None, .. } => {
                metrics.step_ended(run, step, "succeeded", began(step));
                metrics.settle(run.id(), Some(step));
            }
            EventBody::StepFailed { step, .. } | EventBody::ChildFinished { step, failure: Some(_), .. } => {
                metrics.step_ended(run, step, "failed", began(step));
                metrics.settle(run.id(), Some(step));
            }
            EventBody::CallSucceeded { step, started_at, .. } => {
                metrics.step_ended(run, step, "succeeded", Some((*started_at, event.at)));
                metrics.settle(run.id(), Some(step));
            }
            EventBody::CallFailed { step, started_at, retry_at: None, .. } => {
                metrics.step_ended(run, step, "failed", Some((*started_at, event.at)));
                metrics.settle(run.id(), Some(step));
            }
            EventBody::CallFailed { step, retry_at: Some(_), .. } => {
                let action = run.step(step).map_or("", |step| step.kind.word()).to_owned();
                metrics.retries.get_or_create(&ByAction { action }).inc();
                metrics.settle(run.id(), Some(step));
            }
            EventBody::OutcomeUnknown { step, .. } => {
                metrics.unknown.inc();
                metrics.doubts.arise(run.id(), step);
                metrics.show_doubts();
            }
            EventBody::Reconciled { step, .. } => metrics.settle(run.id(), Some(step)),
            EventBody::WithdrawalFailed { .. } => {
                metrics.not_withdrawn.inc();
            }
            EventBody::RunStarted(_)
            | EventBody::CallIntended(_)
            | EventBody::CallAccepted { .. }
            | EventBody::LoopStarted { .. }
            | EventBody::ItemEnded { .. }
            | EventBody::ChildStarted { .. }
            | EventBody::TimerSet { .. }
            | EventBody::StepTakenUp { .. }
            | EventBody::CancelRequested { .. }
            | EventBody::RunRetried { .. } => {}
        }
    }

    fn noted(&self, run: RunId, step: &StepPath, note: &Note) {
        if let Note::Looking(_) = note {
            self.runs.doubts.arise(run, step);
            self.runs.show_doubts();
        }
    }
}
