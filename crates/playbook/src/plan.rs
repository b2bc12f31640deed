//! What a checked playbook is: the only form that leaves the loader.
//!
//! Whatever could be decided from the file and the catalogue has been decided: names resolve, literals fit their
//! schemas, expressions and paths are compiled. A plan is immutable and shared (`Arc<Playbook>`).

mod walk;

use crate::computed::Computed;
use crate::inputs::Inputs;
use crate::retry;
use crate::trigger::Trigger;
use riposte_expr::{Expression, Path};
use riposte_model::{ActionSpec, PlaybookName, SourceHash};
use std::sync::Arc;
use std::time::Duration;

pub use walk::Section;

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
    /// How many runs may be under way at once.
    pub concurrency: Option<Concurrency>,
    /// What it does, in order; what follows a failure that nothing handled; what follows in any case.
    pub body: Block,
    /// What the run gives back, computed at its end.
    pub outputs: Vec<(String, Computed)>,
}

/// Steps in order, as one: try, catch, finally.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// What it does.
    pub steps: Vec<Step>,
    /// What follows when one of its steps failed and was not allowed to.
    pub on_failure: Vec<Step>,
    /// What follows in any case.
    pub always: Vec<Step>,
}

/// How many runs of a playbook may be under way at once.
#[derive(Clone, Debug)]
pub struct Concurrency {
    /// Runs with different keys do not count for each other. Over `inputs` and `trigger`.
    pub key: Expression,
    /// Most runs under way with one key.
    pub limit: u32,
    /// What becomes of one more.
    pub when_full: WhenFull,
}

/// What becomes of a run for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// It waits for its turn.
    Queue,
    /// It does not begin.
    Skip,
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
    /// The whole duration as written, else that of `defaults`; [`Step::time_limit`] knows the rest.
    pub timeout: Option<Duration>,
    /// What a failure means for what follows.
    pub on_error: OnError,
    /// What it does.
    pub kind: StepKind,
}

/// What a step's, or an item's, failure means for what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// The enclosing block, and in the end the run, fails.
    Fail,
    /// The status is `failed` and the run goes on.
    Continue,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Calls a connector.
    Action(Box<ActionStep>),
    /// Steps in order, as one.
    Block(Block),
    /// Branches side by side; ends when all have ended, fails if any failed.
    Parallel {
        /// Each branch's steps, in order.
        branches: Vec<Vec<Step>>,
        /// Most branches under way at once.
        max: usize,
    },
    /// The same steps for each item of a list.
    ForEach(Box<ForEach>),
    /// Runs another playbook as a run of its own, and waits for it.
    Call(Box<CallStep>),
    /// Sleeps, through restarts too.
    Wait(Wait),
    /// Ends the run as succeeded, here, with this message.
    Stop(Computed),
    /// Ends the run as failed, here, with this message.
    Fail(Computed),
    /// Computes values once.
    Set(Vec<(String, Computed)>),
}

/// The same steps for each item of a list.
#[derive(Clone, Debug)]
pub struct ForEach {
    /// Gives the list, once.
    pub items: Expression,
    /// What the item is called inside.
    pub name: String,
    /// The steps of one item, in order.
    pub steps: Vec<Step>,
    /// What each item gives, computed at its end.
    pub outputs: Vec<(String, Computed)>,
    /// Most items under way at once.
    pub max: usize,
    /// Whether an item's failure ends the loop.
    pub on_item_error: OnError,
}

/// Runs another playbook.
#[derive(Clone, Debug)]
pub struct CallStep {
    /// Which one.
    pub playbook: PlaybookName,
    /// Its inputs, in the order of the file.
    pub with: Vec<(String, Computed)>,
}

/// How long a `wait` lasts.
#[derive(Clone, Debug)]
pub enum Wait {
    /// This long.
    For(Duration),
    /// Until the moment that this gives; not at all, if that has passed.
    Until(Expression),
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

impl StepKind {
    /// What it is called where steps are counted: its action's name, else the key that it is written with.
    pub fn word(&self) -> &str {
        match self {
            StepKind::Action(action) => action.spec.name.as_str(),
            StepKind::Block(_) => "block",
            StepKind::Parallel { .. } => "parallel",
            StepKind::ForEach(_) => "for_each",
            StepKind::Call(_) => "call",
            StepKind::Wait(_) => "wait",
            StepKind::Stop(_) => "stop",
            StepKind::Fail(_) => "fail",
            StepKind::Set(_) => "set",
        }
    }
}

impl Step {
    /// The step's whole duration, retries and waiting included: as written, else the action's default. `None` for what
    /// ends by itself, or when the steps inside do.
    pub fn time_limit(&self) -> Option<Duration> {
        self.timeout.or(match &self.kind {
            StepKind::Action(action) => Some(action.spec.default_timeout),
            StepKind::Block(_)
            | StepKind::Parallel { .. }
            | StepKind::ForEach(_)
            | StepKind::Call(_)
            | StepKind::Wait(_)
            | StepKind::Stop(_)
            | StepKind::Fail(_)
            | StepKind::Set(_) => None,
        })
    }
}
