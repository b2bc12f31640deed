//! What a checked playbook is: the only form that leaves the loader.
//!
//! Whatever could be decided from the file and the catalogue has been decided: names resolve, literals fit their
//! schemas, expressions and paths are compiled. A plan is immutable and shared (`Arc<Playbook>`).

use crate::computed::Computed;
use crate::inputs::Inputs;
use crate::retry;
use crate::trigger::Trigger;
use riposte_expr::{Expression, Path};
use riposte_model::{ActionSpec, PlaybookName, SourceHash};
use std::sync::Arc;
use std::time::Duration;

/// One playbook, checked.
#[derive(Clone, Debug)]
pub struct Playbook {
    /// Unique among the loaded playbooks.
    pub name: PlaybookName,
    /// SHA-256 of [`Playbook::source`]: the version a run is pinned to.
    pub hash: SourceHash,
    /// The file's text, as it was checked.
    pub source: Arc<str>,
    /// One line for people.
    pub description: Option<String>,
    /// What a run needs to start.
    pub inputs: Inputs,
    /// What starts a run.
    pub triggers: Vec<Trigger>,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// What the run gives back, computed at its end.
    pub outputs: Vec<(String, Computed)>,
}

impl Playbook {
    /// Every call of a connector, wherever it stands, in the order of the file.
    pub fn actions(&self) -> Vec<(&Step, &ActionStep)> {
        fn collect<'p>(steps: &'p [Step], found: &mut Vec<(&'p Step, &'p ActionStep)>) {
            for step in steps {
                match &step.kind {
                    StepKind::Action(action) => found.push((step, action)),
                    StepKind::Block(inner) => collect(inner, found),
                    StepKind::Parallel { branches, .. } => {
                        branches.iter().for_each(|branch| collect(branch, found));
                    }
                    StepKind::Wait(_) | StepKind::Stop(_) | StepKind::Fail(_) | StepKind::Set(_) => {}
                }
            }
        }
        let mut found = Vec::new();
        collect(&self.steps, &mut found);
        found
    }
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// As written, or `<kind>_<position>` (counted from 1 in its list) if it was not.
    pub id: String,
    /// Line of the file on which the step begins, from 1.
    pub line: u32,
    /// `if`: false skips the step.
    pub condition: Option<Expression>,
    /// The whole duration as written; [`Step::time_limit`] knows the defaults.
    pub timeout: Option<Duration>,
    /// What a failure means for what follows.
    pub on_error: OnError,
    /// What it does.
    pub kind: StepKind,
}

/// What a step's failure means for what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// The enclosing block, and in the end the run, fails.
    Fail,
    /// The step's status is `failed` and the run goes on.
    Continue,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Calls a connector.
    Action(Box<ActionStep>),
    /// Steps in order, as one.
    Block(Vec<Step>),
    /// Branches side by side; ends when all have ended, fails if any failed.
    Parallel {
        /// Each branch's steps, in order.
        branches: Vec<Vec<Step>>,
        /// Most branches under way at once.
        max: usize,
    },
    /// Sleeps, through restarts too.
    Wait(Duration),
    /// Ends the run as succeeded, here, with this message.
    Stop(Computed),
    /// Ends the run as failed, here, with this message.
    Fail(Computed),
    /// Computes values once.
    Set(Vec<(String, Computed)>),
}

/// A call of a connector.
#[derive(Clone, Debug)]
pub struct ActionStep {
    /// What the catalogue says of the action.
    pub spec: Arc<ActionSpec>,
    /// Its arguments, in the order of the file.
    pub with: Vec<(String, Computed)>,
    /// When to try again.
    pub retry: retry::Policy,
    /// Keeps only these nodes of the output, as a list.
    pub select: Option<Path>,
    /// When the step has ended.
    pub until: Await,
}

/// When a step that calls a followed action has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Await {
    /// At the provider's final status.
    Completed,
    /// When the provider took it.
    Accepted,
}

impl Step {
    /// The step's whole duration, retries and waiting included: as written, else the action's default, else the kind's.
    /// `None` for a block without a limit of its own: its steps have theirs.
    pub fn time_limit(&self) -> Option<Duration> {
        self.timeout.or(match &self.kind {
            StepKind::Action(action) => Some(action.spec.default_timeout),
            StepKind::Block(_)
            | StepKind::Parallel { .. }
            | StepKind::Wait(_)
            | StepKind::Stop(_)
            | StepKind::Fail(_)
            | StepKind::Set(_) => None,
        })
    }
}
