//! The invariants, in prose and code.

use super::{Life, Living, World};
use crate::provider::{Provider, Truth};
use riposte_engine::{Event, EventBody, Marker, Run, RunStatus, StepState, StepStatus};
use riposte_model::{Completion, Effect, ErrorKind, StepPath, Timestamp};
use riposte_playbook::{ActionStep, Await, StepKind};

impl World {
    /// Whether all invariants hold at the end of a life.
    pub(super) fn judge(mut self) -> Result<Life, String> {
        // Whatever is still on its way counts.
        self.provider.arrive(Timestamp::from_millis(i64::MAX), &mut self.random);
        for living in &self.runs {
            living.can_be_taken_up_anywhere()?;
            living.is_settled(&self.provider)?;
            living.leaves_nothing_open_untold(&self.provider)?;
            self.begins_nothing_once_cancelled(living)?;
        }
        for (step, count) in &self.provider.done {
            if *count > 1 {
                return Err(format!("{step}…] was carried out {count} times"));
            }
        }
        self.each_call_is_one_run()?;
        let cancelled = |living: &&Living| living.run.status() == RunStatus::Cancelled;
        self.life.cancels = u32::try_from(self.runs.iter().filter(cancelled).count()).unwrap_or(u32::MAX);
        for (_, record) in self.runs.iter().flat_map(|living| living.run.steps()) {
            match &record.state {
                StepState::LeftOpen { .. } => self.life.left_open += 1,
                StepState::Ended { failure: Some(failure), attempts: 1.., .. }
                    if failure.kind == ErrorKind::Cancelled =>
                {
                    self.life.withdrawals += 1;
                }
                _ => {}
            }
        }
        self.life.events = self.runs.iter().map(|living| living.journal.len()).sum();
        self.life.effects = self.provider.done.values().sum();
        Ok(self.life)
    }

    /// Once somebody wants a run to end, nothing new leaves for it, or for those that it has called.
    fn begins_nothing_once_cancelled(&self, living: &Living) -> Result<(), String> {
        let acts = |event: &&Event| {
            matches!(event.body, EventBody::CallIntended(_) | EventBody::ChildStarted { .. })
        };
        let mut around = Some(living);
        while let Some(one) = around {
            // Of one moment nobody can say which half came first, but in the run itself.
            let late = |event: &&Event| one.cancelled_at().is_some_and(|moment| event.at > moment);
            if let Some(event) = living.journal.iter().filter(acts).find(late) {
                return Err(format!("{} of {} follows the end of {}", event.body.kind(), living.id, one.id));
            }
            let parent = one.run.started().parent.as_ref();
            around = parent.and_then(|parent| self.runs.iter().find(|other| other.id == parent.run));
        }
        let events = living.journal.iter();
        let mut after = events.skip_while(|event| !matches!(event.body, EventBody::CancelRequested { .. }));
        after.find(acts).map_or(Ok(()), |event| Err(format!("{} follows a cancellation", event.body.kind())))
    }

    /// Each called run is known to exactly one step, and has ended before its caller said so.
    fn each_call_is_one_run(&self) -> Result<(), String> {
        let events = || self.runs.iter().flat_map(|living| &living.journal);
        for living in self.runs.iter().skip(1) {
            let started =
                |body: &EventBody| matches!(body, EventBody::ChildStarted { run, .. } if *run == living.id);
            let finished =
                |body: &EventBody| matches!(body, EventBody::ChildFinished { run, .. } if *run == living.id);
            let (starts, ends) = (
                events().filter(|event| started(&event.body)).count(),
                events().filter(|event| finished(&event.body)).count(),
            );
            if (starts, ends) != (1, 1) {
                return Err(format!("{} was begun {starts} times and ended {ends} times", living.id));
            }
        }
        Ok(())
    }
}

/// Whether a step that has failed says that its call was not carried out.
fn says_nothing_was_done(state: &StepState) -> bool {
    matches!(state, StepState::Ended { failure: Some(failure), .. }
        if matches!(failure.kind, ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Invalid))
}

impl Living {
    /// Whenever a process dies, what it left is a beginning of this history: each must load, and know what is next.
    fn can_be_taken_up_anywhere(&self) -> Result<(), String> {
        let replayed =
            Run::replay(self.id, self.playbook.clone(), &self.journal).map_err(|error| error.to_string())?;
        if !replayed.steps().eq(self.run.steps()) || replayed.finished() != self.run.finished() {
            return Err("the live state is not the fold of the journal".to_owned());
        }
        for length in 1..=self.journal.len() {
            let begun = Run::replay(self.id, self.playbook.clone(), &self.journal[..length])
                .map_err(|error| format!("the first {length} events do not load: {error}"))?;
            if begun.finished().is_none() && begun.next().is_empty() {
                return Err(format!("after {length} events nothing is left to do, and the run is not over"));
            }
        }
        Ok(())
    }

    /// The run has ended, and what it says of its steps is true.
    fn is_settled(&self, provider: &Provider) -> Result<(), String> {
        if self.run.finished().is_none() {
            return Err(format!("{} never ended", self.id));
        }
        for (step, record) in self.run.steps() {
            let succeeded = matches!(record.state, StepState::Ended { status: StepStatus::Succeeded, .. });
            let strikes = self.run.step(step).is_some_and(|step| match &step.kind {
                StepKind::Action(action) => action.spec.effect == Effect::Once,
                _ => false,
            });
            let marker = Marker::new(self.id, step, 1);
            let done = provider.done.get(marker.of_any_attempt()).copied().unwrap_or(0);
            if strikes && succeeded && done != 1 {
                return Err(format!(
                    "step `{step}` is recorded as succeeded and was carried out {done} times"
                ));
            }
            if strikes && done > 0 && says_nothing_was_done(&record.state) {
                return Err(format!("step `{step}` says that nothing was done, and was carried out"));
            }
            let in_doubt = matches!(
                record.state,
                StepState::Intended { .. } | StepState::Unknown { .. } | StepState::Calling { .. }
            );
            let is_over = matches!(record.state, StepState::Ended { .. });
            // A cancelled run leaves what only waits.
            if in_doubt || (!is_over && self.run.status() != RunStatus::Cancelled) {
                return Err(format!("the run is over and step `{step}` is {}", record.state.as_str()));
            }
        }
        Ok(())
    }

    /// What the provider does for a run is over when the run is, or the journal says that it may not be. And where the
    /// journal says how it ended, or that it was taken back, that is so.
    fn leaves_nothing_open_untold(&self, provider: &Provider) -> Result<(), String> {
        let end = self.journal.last().map_or(self.run.started_at(), |event| event.at);
        for (step, record) in self.run.steps() {
            let Some(action) = self.followed(step) else { continue };
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
                    return Err(format!("step `{step}` is {state}, and at the provider it is {truth:?}"));
                }
            }
        }
        Ok(())
    }

    /// The step's action, if it opens something that is then followed to its end.
    fn followed(&self, step: &StepPath) -> Option<&ActionStep> {
        match &self.run.step(step)?.kind {
            StepKind::Action(action) if action.spec.completion == Completion::Followed => Some(action),
            _ => None,
        }
    }

    /// When somebody wanted it to end.
    fn cancelled_at(&self) -> Option<Timestamp> {
        let asked = |event: &&Event| matches!(event.body, EventBody::CancelRequested { .. });
        self.journal.iter().find(asked).map(|event| event.at)
    }
}
