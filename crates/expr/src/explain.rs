//! What an evaluation shows when somebody asks why: every part of an expression with the value it had.

use std::ops::Range;

use serde_json::Value;

use crate::Problem;
use crate::ir::{Kind, Node};

/// Most items of one loop whose passes are told; the rest are counted.
pub(crate) const MOST_PASSES: usize = 20;
/// Most parts that one explanation tells: loops within loops end here, whatever [`MOST_PASSES`] would allow.
pub(crate) const MOST_PARTS: usize = 5_000;
/// About how many characters of a value are shown.
pub(crate) const MOST_SHOWN: usize = 200;

/// An evaluation, told part by part.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What [`Expression::evaluate`](crate::Expression::evaluate) or [`Template::evaluate`](crate::Template::evaluate)
    /// gives for the same bindings: the same value, or the same problem.
    pub result: Result<Value, Problem>,
    /// The expression, or each expression of a template, in the order of the text.
    pub expressions: Vec<Explained>,
}

/// A part of an expression, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// Its text as written, parentheses around the whole of it aside.
    pub source: String,
    /// Where that stands, in bytes of the text given to `parse`.
    pub span: Range<usize>,
    /// What sort of part it is.
    pub role: Role,
    /// What became of it.
    pub outcome: Outcome,
    /// The parts it is made of, in the order of the text; of a loop only what it runs over.
    pub parts: Vec<Explained>,
    /// What a loop did with its items; `None` for what is no loop.
    pub passes: Option<Passes>,
}

/// What a part of an expression is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its value is its text.
    Literal,
    /// A name, or something read from another part: `inputs`, `a.b`, `a[0]`, `a.?b`.
    Reference,
    /// It computes.
    Operation,
}

/// What became of a part.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It has a value.
    Value(Shown),
    /// It has none, for this reason.
    Failed(Problem),
    /// It has none because a part of it failed, which says why.
    FailedInside,
    /// It was not evaluated: the other side of `&&`, `||` or `? :` had decided, or something failed before it.
    NotEvaluated,
}

/// A value for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// JSON, cut after about 200 characters: an ellipsis stands for what is left out. What JSON cannot say is written as in
    /// an expression (`optional.none()`).
    pub text: String,
    /// What it is: `a string`, `an int`.
    pub sort: String,
}

/// What a loop did with its items.
#[derive(Clone, Debug, PartialEq)]
pub struct Passes {
    /// How the expression calls the item.
    pub variable: String,
    /// The first items, at most 20, in their order.
    pub first: Vec<Pass>,
    /// How many more there were. A loop that has its answer looks at no further ones, and those are not counted.
    pub more: usize,
}

/// What a loop did with one item.
#[derive(Clone, Debug, PartialEq)]
pub struct Pass {
    /// The item; of a map, the key.
    pub item: Shown,
    /// The condition of a `map` with three arguments, and the body.
    pub parts: Vec<Explained>,
}

impl Explained {
    /// A part, and all parts of it, that was not evaluated.
    pub(crate) fn not_evaluated(node: &Node, source: &str) -> Explained {
        let parts = node.children().into_iter().map(|child| Explained::not_evaluated(child, source));
        Explained { parts: parts.collect(), ..Explained::new(node, source, Outcome::NotEvaluated) }
    }

    /// A part without its parts.
    pub(crate) fn new(node: &Node, source: &str, outcome: Outcome) -> Explained {
        Explained {
            source: source.get(node.span.clone()).unwrap_or_default().to_owned(),
            span: node.span.clone(),
            role: Role::of(node),
            outcome,
            parts: Vec::new(),
            passes: None,
        }
    }

    /// The same, in a text that holds this one's text from byte `by` on.
    #[must_use]
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.shift(by);
        self
    }

    fn shift(&mut self, by: usize) {
        self.span = self.span.start + by..self.span.end + by;
        if let Outcome::Failed(problem) = &mut self.outcome {
            problem.span = problem.span.start + by..problem.span.end + by;
        }
        let passes = self.passes.iter_mut().flat_map(|passes| &mut passes.first);
        let inside = passes.flat_map(|pass| &mut pass.parts);
        self.parts.iter_mut().chain(inside).for_each(|part| part.shift(by));
    }
}

impl Role {
    fn of(node: &Node) -> Role {
        match &node.kind {
            Kind::Literal(_) => Role::Literal,
            Kind::Root(_) | Kind::Local(_) | Kind::Select { .. } | Kind::Index { .. } => Role::Reference,
            Kind::Has { .. }
            | Kind::Not(_)
            | Kind::Negate(_)
            | Kind::And(..)
            | Kind::Or(..)
            | Kind::Conditional(_)
            | Kind::Binary(..)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Call(..)
            | Kind::Matches(..)
            | Kind::JsonPath(..)
            | Kind::Loop(_) => Role::Operation,
        }
    }
}
