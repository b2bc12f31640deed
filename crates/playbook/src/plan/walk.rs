//! Walking a plan: which lists of steps there are, how their paths look, and which step a path means.

use super::{ActionStep, Block, CallStep, Playbook, Step, StepKind};
use riposte_model::StepPath;

/// Where in a step, or in the playbook, a list of steps stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The steps of a block: `contain.isolate`.
    Steps,
    /// What follows a failure: `contain.on_failure.tell`.
    OnFailure,
    /// What follows in any case: `contain.always.tell`.
    Always,
    /// A branch of a `parallel`, or the steps of a loop in one of its turns: `sweep[3].isolate`.
    Turn(usize),
}

impl Section {
    /// Path segments that name a list of a block, and so can be no step's id.
    pub const NAMES: [&str; 2] = ["on_failure", "always"];

    /// The path of a step in a list that stands there in `inside`; `None`: in the playbook itself.
    pub fn path(self, inside: Option<&StepPath>, id: &str) -> StepPath {
        let named = |name: &str| match inside {
            Some(inside) => inside.child(name).child(id),
            None => StepPath::root(name).child(id),
        };
        match (self, inside) {
            (Section::OnFailure, _) => named(Section::NAMES[0]),
            (Section::Always, _) => named(Section::NAMES[1]),
            (Section::Turn(number), Some(inside)) => inside.turn(number).child(id),
            (Section::Steps, Some(inside)) => inside.child(id),
            // The playbook has no turns.
            (Section::Steps | Section::Turn(_), None) => StepPath::root(id),
        }
    }
}

impl Block {
    /// Its lists.
    fn lists(&self) -> [&[Step]; 3] {
        [&self.steps, &self.on_failure, &self.always]
    }
}

impl Step {
    /// The lists of steps inside; those of a loop once.
    pub fn lists(&self) -> Vec<&[Step]> {
        match &self.kind {
            StepKind::Block(block) => block.lists().into(),
            StepKind::Parallel { branches, .. } => branches.iter().map(Vec::as_slice).collect(),
            StepKind::ForEach(each) => vec![&each.steps],
            StepKind::Action(_)
            | StepKind::Call(_)
            | StepKind::Wait(_)
            | StepKind::Stop(_)
            | StepKind::Fail(_)
            | StepKind::Set(_) => Vec::new(),
        }
    }
}

impl Playbook {
    /// Every step, wherever it stands, in the order of the file.
    pub fn steps(&self) -> Vec<&Step> {
        fn collect<'p>(steps: &'p [Step], found: &mut Vec<&'p Step>) {
            for step in steps {
                found.push(step);
                step.lists().into_iter().for_each(|list| collect(list, found));
            }
        }
        let mut found = Vec::new();
        self.body.lists().into_iter().for_each(|list| collect(list, &mut found));
        found
    }

    /// Every call of a connector, wherever it stands, in the order of the file.
    pub fn actions(&self) -> Vec<(&Step, &ActionStep)> {
        fn action(step: &Step) -> Option<(&Step, &ActionStep)> {
            match &step.kind {
                StepKind::Action(action) => Some((step, action)),
                _ => None,
            }
        }
        self.steps().into_iter().filter_map(action).collect()
    }

    /// Every call of another playbook, wherever it stands, in the order of the file.
    pub fn calls(&self) -> Vec<(&Step, &CallStep)> {
        fn call(step: &Step) -> Option<(&Step, &CallStep)> {
            match &step.kind {
                StepKind::Call(call) => Some((step, call)),
                _ => None,
            }
        }
        self.steps().into_iter().filter_map(call).collect()
    }

    /// The step that a path means, with those around it, the outermost first; empty if there is none.
    pub fn route(&self, path: &StepPath) -> Vec<&Step> {
        let mut here = Here::Block(&self.body);
        let mut route = Vec::new();
        for part in path.as_str().split('.') {
            let (id, turn) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
                Some((id, number)) => (id, number.parse::<usize>().ok()),
                None => (part, None),
            };
            match (here, id) {
                (Here::Block(block), "on_failure") => here = Here::List(&block.on_failure),
                (Here::Block(block), "always") => here = Here::List(&block.always),
                (list, id) => {
                    let steps = list.steps();
                    let Some(step) = steps.iter().find(|step| step.id == id) else { return Vec::new() };
                    here = Here::inside(step, turn);
                    route.push(step);
                }
            }
        }
        route
    }

    /// The turns of loops that a step is in, the outermost first: of `a[1].b.c[0].d`, `a[1]` and `a[1].b.c[0]`, if `a` and
    /// `c` are loops.
    pub fn turns<'t>(&self, path: &'t StepPath) -> Vec<&'t str> {
        let route = self.route(path);
        let mut steps = route.iter();
        let mut turns = Vec::new();
        let mut end = 0;
        for part in path.as_str().split('.') {
            end += part.len();
            if !Section::NAMES.contains(&part)
                && let Some(Step { kind: StepKind::ForEach(_), .. }) = steps.next()
                && part.ends_with(']')
            {
                turns.extend(path.as_str().get(..end));
            }
            end += 1;
        }
        turns
    }

    /// The step that a path means; `None` if there is none.
    pub fn step(&self, path: &StepPath) -> Option<&Step> {
        self.route(path).pop()
    }
}

/// What a path has led to.
#[derive(Clone, Copy)]
enum Here<'p> {
    Block(&'p Block),
    List(&'p [Step]),
}

impl<'p> Here<'p> {
    fn steps(self) -> &'p [Step] {
        match self {
            Here::Block(block) => &block.steps,
            Here::List(steps) => steps,
        }
    }

    fn inside(step: &'p Step, turn: Option<usize>) -> Self {
        match (&step.kind, turn) {
            (StepKind::Block(block), None) => Here::Block(block),
            (StepKind::Parallel { branches, .. }, Some(number)) => {
                Here::List(branches.get(number).map_or(&[], Vec::as_slice))
            }
            (StepKind::ForEach(each), Some(_)) => Here::List(&each.steps),
            _ => Here::List(&[]),
        }
    }
}
