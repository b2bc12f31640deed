//! Whether what the journal says of a run's actions is what the provider did.

use crate::life::living::Living;
use crate::life::world::NEVER;
use crate::life::{Broken, Invariant, Lived};
use crate::provider::{Provider, Truth};
use riposte_engine::RunStatus;
use riposte_engine::{Claimant, EventBody, Marker, StepState, StepStatus};
use riposte_model::{Completion, Effect, ErrorKind, StepPath, Timestamp};
use riposte_playbook::{ActionStep, Await, StepKind};

/// Whether a step that has failed says that its call was not carried out.
fn says_nothing_was_done(effect: Effect, state: &StepState) -> bool {
    let StepState::Ended { failure: Some(failure), .. } = state else { return false };
    match failure.kind {
        ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Invalid => true,
        // Of a change with its answer; what must not be repeated says that it had not ended.
        ErrorKind::Timeout => effect == Effect::Idempotent,
        _ => false,
    }
}

impl Living {
    /// The run has ended, and what it says of its steps is true.
    pub(super) fn is_settled(&self, provider: &Provider) -> Lived<()> {
        if !self.is_over() {
            return Err(Broken(Invariant::RunsEnd, format!("{} never ended", self.id)));
        }
        let untrue = |what: String| Broken(Invariant::ReportsAreTrue, format!("{}: {what}", self.id));
        for (step, record) in self.run.steps() {
            let effect = self.action(step).map_or(Effect::Read, |action| action.spec.effect);
            let succeeded = matches!(record.state, StepState::Ended { status: StepStatus::Succeeded, .. });
            let done = self.done(step, provider);
            if effect != Effect::Read && succeeded && done == 0 {
                return Err(untrue(format!("`{step}` is recorded as succeeded, and was not carried out")));
            }
            if done > 0 && says_nothing_was_done(effect, &record.state) {
                return Err(untrue(format!("`{step}` says that nothing was done, and was carried out")));
            }
            let in_doubt = matches!(
                record.state,
                StepState::Intended { .. } | StepState::Unknown { .. } | StepState::Calling { .. }
            );
            let is_over = matches!(record.state, StepState::Ended { .. });
            // A cancelled run leaves what only waits.
            if in_doubt || (!is_over && self.run.status() != RunStatus::Cancelled) {
                return Err(untrue(format!("it is over, and `{step}` is {}", record.state.as_str())));
            }
        }
        Ok(())
    }

    /// What the provider does for a run is over when the run is, or the journal says that it may not be. And where the
    /// journal says how it ended, or that it was taken back, that is so.
    pub(super) fn leaves_nothing_open_untold(&self, provider: &Provider) -> Lived<()> {
        let end = self.journal.last().map_or(self.run.started_at(), |event| event.at);
        for (step, record) in self.run.steps() {
            let followed = |action: &&ActionStep| action.spec.completion == Completion::Followed;
            let Some(action) = self.action(step).filter(followed) else { continue };
            let marker = Marker::new(self.id, step, 1);
            for truth in provider.truth(marker.of_any_attempt(), end) {
                let is_told = match &record.state {
                    StepState::Ended { status: StepStatus::Succeeded, .. } => {
                        truth == Truth::EndedWell || action.until == Await::Accepted
                    }
                    StepState::Ended { failure: Some(failure), .. } => match failure.kind {
                        ErrorKind::Cancelled => truth == Truth::Withdrawn,
                        ErrorKind::Timeout | ErrorKind::UnknownOutcome => true,
                        _ => matches!(truth, Truth::EndedBadly | Truth::Withdrawn),
                    },
                    StepState::LeftOpen { .. } => true,
                    _ => false,
                };
                if !is_told {
                    let state = record.state.as_str();
                    let what = format!("`{step}` of {} is {state}, and at the provider {truth:?}", self.id);
                    return Err(Broken(Invariant::ReportsAreTrue, what));
                }
            }
        }
        Ok(())
    }

    /// Who made the call with this marker, when it was written down, and when its step was over: if this run did.
    pub(super) fn sent(&self, marker: &Marker) -> Option<(Claimant, Timestamp, Timestamp)> {
        let (step, at) = self.journal.iter().find_map(|event| match &event.body {
            EventBody::CallIntended(intent) if intent.marker == *marker => Some((&intent.step, event.at)),
            _ => None,
        })?;
        let about_it = |event: &&riposte_engine::Event| event.body.step() == Some(step);
        let over = match self.run.record(step).map(|record| &record.state) {
            Some(StepState::Ended { .. } | StepState::LeftOpen { .. }) => {
                self.journal.iter().rev().find(about_it).map_or(NEVER, |event| event.at)
            }
            _ => NEVER,
        };
        Some((self.claimant(step), at, over))
    }

    /// How often the provider has carried out what a step asked for.
    pub(super) fn done(&self, step: &StepPath, provider: &Provider) -> u64 {
        provider.done.get(Marker::new(self.id, step, 1).of_any_attempt()).copied().unwrap_or(0)
    }

    /// The step's action, if it is one.
    pub(super) fn action(&self, step: &StepPath) -> Option<&ActionStep> {
        match &self.run.step(step)?.kind {
            StepKind::Action(action) => Some(action),
            _ => None,
        }
    }
}
