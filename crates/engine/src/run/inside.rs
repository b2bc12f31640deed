//! Blocks and parallels: steps with steps inside.

use super::next::{Progress, record_event};
use super::{Run, StepRecord, StepState, locate};
use crate::command::{Command, Deadline};
use crate::event::EventBody;
use riposte_model::{Failure, StepPath};
use riposte_playbook::{Step, StepKind};
use serde_json::Value;

impl Run {
    /// Goes on inside a block or a parallel, and ends it when what is inside has ended.
    pub(super) fn inside(
        &self,
        step: &Step,
        path: &StepPath,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        let progress = match &step.kind {
            StepKind::Block(steps) => self.list(steps, Some(path), deadline, commands),
            StepKind::Parallel { branches, max } => self.branches(branches, *max, path, deadline, commands),
            StepKind::Action(_)
            | StepKind::Wait(_)
            | StepKind::Stop(_)
            | StepKind::Fail(_)
            | StepKind::Set(_) => Progress::UnderWay,
        };
        let ended = match progress {
            Progress::UnderWay => return Progress::UnderWay,
            Progress::Passed | Progress::Stopped(_) => {
                EventBody::StepSucceeded { step: path.clone(), output: Value::Null }
            }
            Progress::Failed(at, failure) => {
                let failure =
                    Failure { message: format!("step `{at}` failed: {}", failure.message), ..failure };
                EventBody::StepFailed { step: path.clone(), failure }
            }
        };
        record_event(commands, ended)
    }

    /// All branches side by side, at most `max` at once. It ends when all have ended, whatever became of them, so that
    /// nothing is abandoned half-way; a failure counts before a `stop`, the first branch before the others. Once one has
    /// failed or stopped, no branch begins that had to wait for its turn.
    fn branches(
        &self,
        branches: &[Vec<Step>],
        max: usize,
        path: &StepPath,
        deadline: Deadline,
        commands: &mut Vec<Command>,
    ) -> Progress {
        let mut under_way = 0;
        let mut failed = None;
        let mut stopped = None;
        for (number, branch) in branches.iter().enumerate() {
            let turn = path.turn(number);
            let no_turn =
                under_way >= max || (max < branches.len() && (failed.is_some() || stopped.is_some()));
            if no_turn && !self.has_begun(branch, &turn) {
                continue;
            }
            match self.list(branch, Some(&turn), deadline, commands) {
                Progress::UnderWay => under_way += 1,
                Progress::Passed => {}
                Progress::Stopped(message) => stopped = stopped.or(Some(message)),
                Progress::Failed(at, failure) => failed = failed.or(Some((at, failure))),
            }
        }
        match (under_way, failed, stopped) {
            (1.., _, _) => Progress::UnderWay,
            (0, Some((at, failure)), _) => Progress::Failed(at, failure),
            (0, None, Some(message)) => Progress::Stopped(message),
            (0, None, None) => Progress::Passed,
        }
    }

    /// Whether what is around the step has ended. Only a question can then still be under way, in a branch that had not begun
    /// when another one failed or stopped: nothing was recorded of it, and nothing need be.
    pub(crate) fn is_abandoned(&self, step: &StepPath) -> bool {
        locate::ancestors(step).any(|around| {
            matches!(self.record(&around), Some(StepRecord { state: StepState::Ended { .. }, .. }))
        })
    }

    fn has_begun(&self, branch: &[Step], turn: &StepPath) -> bool {
        branch.iter().any(|step| self.record(&turn.child(&step.id)).is_some())
    }

    /// A block that has ended may have done so at a `stop` inside it, which ends the run.
    pub(super) fn stop_inside(&self, step: &Step, path: &StepPath) -> Option<Progress> {
        let inner: Vec<(StepPath, &Step)> = match &step.kind {
            StepKind::Block(steps) => steps.iter().map(|step| (path.child(&step.id), step)).collect(),
            StepKind::Parallel { branches, .. } => branches
                .iter()
                .enumerate()
                .flat_map(|(number, branch)| {
                    branch.iter().map(move |step| (path.turn(number).child(&step.id), step))
                })
                .collect(),
            StepKind::Action(_)
            | StepKind::Wait(_)
            | StepKind::Stop(_)
            | StepKind::Fail(_)
            | StepKind::Set(_) => return None,
        };
        inner.into_iter().find_map(|(path, step)| match step.kind {
            StepKind::Stop(_) => self.stops.get(&path).cloned().map(Progress::Stopped),
            _ => self.stop_inside(step, &path),
        })
    }

    /// What the provider may go on doing although nobody here waits for it any more.
    pub(super) fn left_open(&self) -> String {
        let open: Vec<String> = self
            .steps
            .iter()
            .filter_map(|(step, record)| match &record.state {
                StepState::Accepted { provider_id, .. } => Some(format!("`{step}` as {provider_id}")),
                _ => None,
            })
            .collect();
        if open.is_empty() {
            String::new()
        } else {
            format!("; not known to have ended at the provider: {}", open.join(", "))
        }
    }
}
