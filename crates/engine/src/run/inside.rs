//! Blocks and parallels: steps with steps inside.

use super::next::{Progress, record_event};
use super::place::Place;
use super::{Run, StepRecord, StepState};
use crate::command::{Command, Deadline};
use crate::event::EventBody;
use riposte_model::{ErrorKind, StepPath};
use riposte_playbook::{Block, Section, Step, StepKind};
use serde_json::Value;

/// What it means that what follows a failure has ended well.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Handled {
    /// The failure is dealt with: a block goes on as if it had not been.
    Settled,
    /// It was told, and is still one: a run has failed.
    Told,
}

impl Run {
    /// Goes on inside a block or a parallel, and ends it when what is inside has ended.
    pub(super) fn inside(
        &self,
        step: &Step,
        path: &StepPath,
        place: &Place<'_>,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        let progress = match &step.kind {
            StepKind::Block(block) => {
                self.block(block, Some(path), place, deadline, Handled::Settled, commands)
            }
            StepKind::Parallel { branches, max } => {
                self.branches(branches, *max, path, place, deadline, commands)
            }
            StepKind::Action(_)
            | StepKind::ForEach(_)
            | StepKind::Call(_)
            | StepKind::Wait(_)
            | StepKind::Stop(_)
            | StepKind::Fail(_)
            | StepKind::Set(_) => Progress::UnderWay,
        };
        let step = path.clone();
        let ended = match progress {
            Progress::UnderWay => return Progress::UnderWay,
            Progress::Passed | Progress::Stopped => EventBody::StepSucceeded { step, output: Value::Null },
            Progress::Failed(at, failure) => EventBody::StepFailed { step, failure, because_of: Some(at) },
        };
        record_event(commands, ended)
    }

    /// The steps; then, after a failure, what follows it; then what follows in any case. The time limit is that of the
    /// steps: what deals with their failure may be about just that, and has the time of what is around.
    pub(super) fn block(
        &self,
        block: &Block,
        inside: Option<&StepPath>,
        place: &Place<'_>,
        deadline: Deadline,
        handled: Handled,
        commands: &mut Vec<Command>,
    ) -> Progress {
        let mut progress = self.list(&block.steps, &place.within(inside, Section::Steps, deadline), commands);
        if let Progress::Failed(at, failure) = &progress
            && !block.on_failure.is_empty()
        {
            let handler = place.within(inside, Section::OnFailure, place.deadline);
            let handler = handler.with_failure(Some((at, failure)));
            match (self.list(&block.on_failure, &handler, commands), handled) {
                (Progress::UnderWay, _) => return Progress::UnderWay,
                (answer, Handled::Settled) => progress = answer,
                (_, Handled::Told) => {}
            }
        }
        if matches!(progress, Progress::UnderWay) || block.always.is_empty() {
            return progress;
        }
        let failure = match &progress {
            Progress::Failed(at, failure) => Some((at, failure)),
            Progress::UnderWay | Progress::Passed | Progress::Stopped => None,
        };
        let always = place.within(inside, Section::Always, place.deadline).with_failure(failure);
        match (self.list(&block.always, &always, commands), progress) {
            (Progress::UnderWay, _) => Progress::UnderWay,
            // What failed first is the reason.
            (Progress::Failed(at, failure), Progress::Passed | Progress::Stopped) => {
                Progress::Failed(at, failure)
            }
            (_, progress) => progress,
        }
    }

    /// All branches side by side, at most `max` at once. It ends when all have ended, whatever became of them, so that
    /// nothing is abandoned half-way; a failure counts before a `stop`, the first branch before the others. Once one has
    /// failed or stopped, no branch begins that had to wait for its turn.
    fn branches(
        &self,
        branches: &[Vec<Step>],
        max: usize,
        path: &StepPath,
        place: &Place<'_>,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        let mut under_way = 0;
        let mut failed = None;
        let mut stopped = false;
        for (number, branch) in branches.iter().enumerate() {
            let no_turn = under_way >= max || (max < branches.len() && (failed.is_some() || stopped));
            if no_turn && !self.has_begun(branch, &path.turn(number)) {
                continue;
            }
            match self.list(branch, &place.within(Some(path), Section::Turn(number), deadline), commands) {
                Progress::UnderWay => under_way += 1,
                Progress::Passed => {}
                Progress::Stopped => stopped = true,
                Progress::Failed(at, failure) => failed = failed.or(Some((at, failure))),
            }
        }
        match (under_way, failed, stopped) {
            (1.., _, _) => Progress::UnderWay,
            (0, Some((at, failure)), _) => Progress::Failed(at, failure),
            (0, None, true) => Progress::Stopped,
            (0, None, false) => Progress::Passed,
        }
    }

    /// Whether what is around the step has ended. Only a question can then still be under way, in a branch that had not begun
    /// when another one failed or stopped: nothing was recorded of it, and nothing need be.
    pub(crate) fn is_abandoned(&self, step: &StepPath) -> bool {
        ancestors(step).any(|around| {
            matches!(self.record(&around), Some(StepRecord { state: StepState::Ended { .. }, .. }))
        })
    }

    pub(super) fn has_begun(&self, branch: &[Step], turn: &StepPath) -> bool {
        branch.iter().any(|step| self.record(&turn.child(&step.id)).is_some())
    }

    /// Whether a `stop` was reached inside of a step: whatever became of that, the run ends.
    pub(super) fn has_stopped_inside(&self, path: &StepPath) -> bool {
        self.stops.keys().any(|stop| stop.is_inside(path))
    }

    /// What the provider may go on doing although nobody here waits for it any more: for this run, and for those that it
    /// called and that were cancelled with it.
    pub(super) fn left_open(&self) -> String {
        let open: Vec<String> = self
            .steps
            .iter()
            .filter_map(|(step, record)| match &record.state {
                StepState::LeftOpen { provider_id, .. } => Some(format!("`{step}` as {provider_id}")),
                StepState::Ended { failure: Some(failure), .. } if failure.kind == ErrorKind::Cancelled => {
                    let open = open_part(&failure.message)?.strip_prefix(OPEN)?;
                    Some(format!("{open} (called by `{step}`)"))
                }
                _ => None,
            })
            .collect();
        if open.is_empty() { String::new() } else { format!("{OPEN}{}", open.join(", ")) }
    }
}

/// How a message goes on when something may be under way at the provider.
const OPEN: &str = "; not known to have ended at the provider: ";

/// The part of a cancelled run's message that says what may be under way at the provider.
pub(super) fn open_part(message: &str) -> Option<&str> {
    message.get(message.find(OPEN)?..)
}

/// The paths of the steps around this one, innermost first: of `a.b[2].on_failure.c`, `a.b` and `a`.
pub(super) fn ancestors(path: &StepPath) -> impl Iterator<Item = StepPath> {
    let text = path.as_str();
    let cuts: Vec<usize> = text.match_indices('.').map(|(at, _)| at).collect();
    cuts.into_iter().rev().filter_map(|at| {
        let parent = &text[..at];
        let last = parent.rsplit('.').next().unwrap_or(parent);
        if Section::NAMES.contains(&last) {
            return None;
        }
        Some(StepPath::root(
            parent.strip_suffix(']').and_then(|p| p.rsplit_once('[')).map_or(parent, |(p, _)| p),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ancestors_are_steps_without_their_turn() {
        let path = StepPath::root("on_failure").child("a").child("b").turn(2).child("always").child("c");
        let names: Vec<_> = ancestors(&path).map(|path| path.to_string()).collect();
        assert_eq!(names, ["on_failure.a.b", "on_failure.a"]);
    }
}
