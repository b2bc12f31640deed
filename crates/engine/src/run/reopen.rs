//! Opening a failed run again: which steps are repeated, and which stay as they are.
//!
//! What is found is what the engine does, and also what a person is shown first. Only failed steps begin anew, and the
//! handlers that came after them; whoever has ended well, or was allowed not to, is not touched.

use super::{Item, Run, StepRecord, StepState};
use crate::event::StepStatus;
use riposte_model::{RunId, StepPath, Timestamp};
use riposte_playbook::{Block, OnError, Section, Step, StepKind};
use std::collections::HashSet;

/// What retrying a run does to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reopening {
    /// The steps that failed, and how each of them goes on. None if nothing can be repeated.
    pub again: Vec<(StepPath, Again)>,
    /// Steps of `on_failure` and `always` that had begun, and begin anew when their turn comes.
    pub handlers: Vec<StepPath>,
    /// Steps with others inside that are open again.
    around: Vec<StepPath>,
    /// Loops and their items that are open again.
    items: Vec<(StepPath, usize)>,
}

/// How a failed step goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum Again {
    /// It calls nobody itself, or had not called: it begins as ever.
    Anew,
    /// Its call certainly failed: it is made once more.
    Call {
        /// The number of that attempt.
        attempt: u32,
    },
    /// Nobody knows what became of its call: it is looked for, and made again only if it certainly was not carried out.
    LookFor {
        /// The attempt in doubt.
        attempt: u32,
    },
    /// The provider has accepted it and not said how it ended: it is looked at, and called again only if it failed.
    LookAt {
        /// The provider's id.
        provider_id: String,
    },
    /// The run that it called is retried from its own failed step.
    Run(RunId),
}

impl Run {
    /// What retrying this run would do.
    pub fn reopening(&self) -> Reopening {
        let mut found = Reopening::default();
        self.find_block(&self.playbook.body, None, &mut found);
        found
    }

    /// Whether something inside begins anew: what failed first and was not dealt with, or, if there is nothing of that, one of
    /// the steps that follow in any case.
    fn find_block(&self, block: &Block, inside: Option<&StepPath>, found: &mut Reopening) -> bool {
        let settled = inside.is_some_and(|inside| self.has_settled(&block.on_failure, inside));
        if settled || !self.find_list(&block.steps, inside, Section::Steps, found) {
            return self.find_list(&block.always, inside, Section::Always, found);
        }
        for (section, list) in [(Section::OnFailure, &block.on_failure), (Section::Always, &block.always)] {
            let begun = list.iter().map(|step| section.path(inside, &step.id));
            found.handlers.extend(begun.filter(|path| self.record(path).is_some()));
        }
        true
    }

    /// Whether the steps that follow a failure in a block were begun, and have ended well.
    fn has_settled(&self, on_failure: &[Step], inside: &StepPath) -> bool {
        let mut any = false;
        for step in on_failure {
            let path = Section::OnFailure.path(Some(inside), &step.id);
            match self.record(&path).map(|record| &record.state) {
                Some(StepState::Ended { status: StepStatus::Failed, .. })
                    if step.on_error == OnError::Fail =>
                {
                    return false;
                }
                Some(StepState::Ended { .. }) => any = true,
                // After a `stop`, nothing follows.
                None => return any && self.stops.keys().any(|stop| on_failure_of(stop, inside)),
                Some(_) => return false,
            }
        }
        any
    }

    fn find_list(
        &self,
        steps: &[Step],
        inside: Option<&StepPath>,
        section: Section,
        found: &mut Reopening,
    ) -> bool {
        for step in steps {
            let path = section.path(inside, &step.id);
            let Some(record) = self.record(&path) else { return false };
            match &record.state {
                StepState::Ended { status: StepStatus::Failed, .. } if step.on_error == OnError::Fail => {
                    return self.find_step(step, path, found);
                }
                StepState::Ended { .. } => {}
                // What follows is of a run that was cancelled, and not of one that failed.
                StepState::Open | StepState::Looping { .. } => return self.find_inside(step, &path, found),
                StepState::LeftOpen { provider_id, .. } => {
                    found.again.push((path, Again::LookAt { provider_id: provider_id.clone() }));
                    return true;
                }
                StepState::Calling { .. }
                | StepState::Sleeping { .. }
                | StepState::Intended { .. }
                | StepState::Unknown { .. }
                | StepState::Accepted { .. }
                | StepState::Backoff { .. } => return false,
            }
        }
        false
    }

    /// A step that has failed.
    fn find_step(&self, step: &Step, path: StepPath, found: &mut Reopening) -> bool {
        if self.find_inside(step, &path, found) {
            found.around.push(path);
            return true;
        }
        // It failed by what it computes of what is inside: begun anew, it would repeat all of that.
        if self.unfinished.get(&path).is_some_and(|state| matches!(state, StepState::Looping { .. }))
            || (!step.lists().is_empty() && self.steps.keys().any(|other| other.is_inside(&path)))
        {
            return false;
        }
        let again = match (&step.kind, self.unfinished.get(&path)) {
            (_, Some(StepState::Calling { run })) => Again::Run(*run),
            (_, Some(StepState::Unknown { intent, .. })) => Again::LookFor { attempt: intent.attempt },
            (_, Some(StepState::Accepted { provider_id, .. })) => {
                Again::LookAt { provider_id: provider_id.clone() }
            }
            (StepKind::Action(_), _) => Again::Call { attempt: self.attempts_of(&path) + 1 },
            _ => Again::Anew,
        };
        found.again.push((path, again));
        true
    }

    fn attempts_of(&self, path: &StepPath) -> u32 {
        let begun = match self.record(path).map(|record| &record.state) {
            Some(StepState::Ended { attempts, .. }) => *attempts,
            _ => 0,
        };
        begun.max(self.attempts_before(path))
    }

    fn find_inside(&self, step: &Step, path: &StepPath, found: &mut Reopening) -> bool {
        match &step.kind {
            StepKind::Block(block) => self.find_block(block, Some(path), found),
            StepKind::Parallel { branches, .. } => {
                let turns = branches.iter().enumerate();
                // Every one that failed, and not the first alone.
                turns
                    .filter(|(number, branch)| {
                        self.find_list(branch, Some(path), Section::Turn(*number), found)
                    })
                    .count()
                    > 0
            }
            StepKind::ForEach(each) => {
                let state = self.unfinished.get(path).or(self.record(path).map(|record| &record.state));
                let Some(StepState::Looping { ended, .. }) = state else { return false };
                let mut any = false;
                for (number, item) in ended.all().enumerate() {
                    let has_failed = match item {
                        Some(Item { failure: Some(_), .. }) => each.on_item_error == OnError::Fail,
                        Some(_) => false,
                        // Under way when the run was cancelled, or not begun.
                        None => true,
                    };
                    if has_failed && self.find_list(&each.steps, Some(path), Section::Turn(number), found) {
                        found.items.push((path.clone(), number));
                        any = true;
                    }
                }
                any
            }
            StepKind::Action(_)
            | StepKind::Call(_)
            | StepKind::Wait(_)
            | StepKind::Stop(_)
            | StepKind::Fail(_)
            | StepKind::Set(_) => false,
        }
    }

    /// Opens the run again.
    pub(super) fn reopen(&mut self, at: Timestamp) {
        let found = self.reopening();
        self.finished = None;
        self.cancelled_by = None;
        self.forget_handlers(&found.handlers);
        let mut anew = HashSet::new();
        for (path, _) in &found.again {
            self.leave_trace(path, true);
            let goes_on = match self.unfinished.remove(path) {
                Some(state) => {
                    self.steps.insert(path.clone(), StepRecord { started_at: at, state });
                    true
                }
                None => self.is_left_open(path),
            };
            if goes_on {
                self.leaves_nothing(path);
            } else {
                anew.insert(path);
            }
            self.scope.reopen(&self.playbook, path);
        }
        self.steps.retain(|path, _| !anew.contains(path));
        for path in found.around {
            let state = self.unfinished.remove(&path).unwrap_or(StepState::Open);
            self.scope.reopen(&self.playbook, &path);
            self.steps.insert(path, StepRecord { started_at: at, state });
        }
        for (path, number) in found.items {
            if let Some(StepRecord { state: StepState::Looping { ended, .. }, .. }) =
                self.steps.get_mut(&path)
            {
                ended.reopen(number);
            }
        }
        self.set_going(at);
    }

    fn is_left_open(&self, path: &StepPath) -> bool {
        matches!(self.record(path).map(|record| &record.state), Some(StepState::LeftOpen { .. }))
    }

    /// What is not over has all its time before it, and is looked at soon.
    fn set_going(&mut self, at: Timestamp) {
        for record in self.steps.values_mut() {
            match &mut record.state {
                StepState::Ended { .. } => continue,
                StepState::LeftOpen { attempt, provider_id, claim, .. } => {
                    let (attempt, provider_id) = (*attempt, std::mem::take(provider_id));
                    record.state =
                        StepState::Accepted { attempt, provider_id, since: at, claim: claim.take() };
                }
                StepState::Accepted { since, .. } => *since = at,
                StepState::Open
                | StepState::Looping { .. }
                | StepState::Calling { .. }
                | StepState::Sleeping { .. }
                | StepState::Intended { .. }
                | StepState::Unknown { .. }
                | StepState::Backoff { .. } => {}
            }
            record.started_at = at;
        }
    }

    /// Steps of handlers, with all that is inside, are as if they had not begun; what they did is not forgotten.
    fn forget_handlers(&mut self, handlers: &[StepPath]) {
        if handlers.is_empty() {
            return;
        }
        let handler = |path: &StepPath| {
            handlers.iter().find(|handler| *handler == path || path.is_inside(handler)).cloned()
        };
        let gone: Vec<(StepPath, StepPath)> =
            self.steps.keys().filter_map(|path| Some((path.clone(), handler(path)?))).collect();
        for (path, handler) in &gone {
            // The turns of a loop that begins anew may be for other items.
            let turns = self.playbook.turns(path);
            let same = !turns.iter().any(|turn| StepPath::root(turn).is_inside(handler));
            self.leave_trace(path, same);
            self.unfinished.remove(path);
            self.scope.reopen(&self.playbook, path);
        }
        self.steps.retain(|path, _| handler(path).is_none());
        self.stops.retain(|path, _| handler(path).is_none());
        for handler in handlers {
            self.scope.forget_inside(handler);
        }
    }
}

fn on_failure_of(path: &StepPath, inside: &StepPath) -> bool {
    path.is_inside(&inside.child(Section::NAMES[0]))
}
