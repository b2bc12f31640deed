//! What an expression reads.

use std::ops::Range;

use crate::ir::{Kind, Node, Operator};

/// A root name and the properties read from it: `steps.isolate.output`, `inputs["device_id"]`.
///
/// It ends where the names end: at an index that is no string literal, a function, an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The root, then each property. Never empty.
    pub segments: Vec<Segment>,
    /// From the root's first byte to the last segment's end.
    pub span: Range<usize>,
    /// What surely holds wherever this is read, because of what stands on its left
    /// (`a.b == "x" && a.c`, `a.b == "x" ? a.c : 0`).
    pub facts: Vec<Fact>,
}

/// Something that holds because a condition was true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// `has(a.b)`: it is there.
    There(Vec<String>),
    /// `a.b == "text"`.
    Is(Vec<String>, String),
    /// The condition with this text, blanks aside, was true.
    Holds(String),
}

/// One name of a [`Reference`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The name.
    pub name: String,
    /// Where exactly that name is.
    pub span: Range<usize>,
    /// Whether the expression copes with its absence: it is the last name in `has(..)`, it stands at or after `.?`,
    /// or it is read only where a `has(..)` on its left said that it is there
    /// (`has(a.b) && a.b > 1`, `has(a.b) ? a.b : 0`).
    pub guarded: bool,
}

impl Reference {
    /// The root's name.
    pub fn root(&self) -> &str {
        self.segments.first().map_or("", |segment| &segment.name)
    }

    /// The same, in a text that holds this one's text from byte `by` on.
    #[must_use]
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.span = self.span.start + by..self.span.end + by;
        for segment in &mut self.segments {
            segment.span = segment.span.start + by..segment.span.end + by;
        }
        self
    }

    /// The root and the properties, by name.
    pub fn route(&self) -> Vec<&str> {
        self.segments.iter().map(|segment| segment.name.as_str()).collect()
    }
}

/// What an expression reads, in the order of the text.
pub(crate) fn collect(root: &Node, source: &str) -> Vec<Reference> {
    let mut walk = Walk { source, found: Vec::new(), known: Vec::new() };
    walk.visit(root);
    walk.found.sort_by_key(|reference| reference.span.start);
    walk.found
}

/// What holds if a condition is true.
pub(crate) fn facts(root: &Node, source: &str) -> Vec<Fact> {
    tested(root, true, source)
}

struct Walk<'s> {
    source: &'s str,
    found: Vec<Reference>,
    /// What surely holds at this place, because a condition on the way here said so.
    known: Vec<Fact>,
}

impl Walk<'_> {
    fn visit(&mut self, node: &Node) {
        if let Some(segments) = route(node) {
            return self.push(segments);
        }
        match &node.kind {
            Kind::And(left, right) => {
                self.visit(left);
                self.visit_knowing(right, tested(left, true, self.source));
            }
            Kind::Or(left, right) => {
                self.visit(left);
                self.visit_knowing(right, tested(left, false, self.source));
            }
            Kind::Conditional(parts) => {
                let [test, yes, no] = &**parts;
                self.visit(test);
                self.visit_knowing(yes, tested(test, true, self.source));
                self.visit_knowing(no, tested(test, false, self.source));
            }
            _ => node.children().into_iter().for_each(|child| self.visit(child)),
        }
    }

    fn visit_knowing(&mut self, node: &Node, known: Vec<Fact>) {
        let before = self.known.len();
        self.known.extend(known);
        self.visit(node);
        self.known.truncate(before);
    }

    fn push(&mut self, mut segments: Vec<Segment>) {
        for known in &self.known {
            let Fact::There(known) = known else { continue };
            let common = segments.iter_mut().zip(known).take_while(|(segment, name)| segment.name == **name);
            common.for_each(|(segment, _)| segment.guarded = true);
        }
        if let (Some(first), Some(last)) = (segments.first(), segments.last()) {
            let span = first.span.start..last.span.end;
            self.found.push(Reference { segments, span, facts: self.known.clone() });
        }
    }
}

/// The names of a chain of selections from a root, if the node is one.
fn route(node: &Node) -> Option<Vec<Segment>> {
    match &node.kind {
        Kind::Root(name) => {
            Some(vec![Segment { name: name.clone(), span: node.span.clone(), guarded: false }])
        }
        Kind::Select { operand, name, optional } => extended(operand, name, node, *optional),
        Kind::Has { operand, name } => extended(operand, name, node, true),
        _ => None,
    }
}

fn extended(operand: &Node, name: &str, node: &Node, guarded: bool) -> Option<Vec<Segment>> {
    // `has` gives a boolean: a selection from it is no longer a route.
    if matches!(operand.kind, Kind::Has { .. }) {
        return None;
    }
    let mut segments = route(operand)?;
    // Behind `.?` everything is optional.
    let optional =
        matches!(&operand.kind, Kind::Select { .. }) && segments.last().is_some_and(|last| last.guarded);
    segments.push(Segment { name: name.to_owned(), span: node.at.clone(), guarded: guarded || optional });
    Some(segments)
}

/// What holds if a condition gave `answer`.
fn tested(condition: &Node, answer: bool, source: &str) -> Vec<Fact> {
    let mut facts = match (&condition.kind, answer) {
        (Kind::Has { .. }, true) => names(condition).map(Fact::There).into_iter().collect(),
        (Kind::Not(inner), answer) => tested(inner, !answer, source),
        (Kind::And(left, right), true) | (Kind::Or(left, right), false) => {
            let mut both = tested(left, answer, source);
            both.extend(tested(right, answer, source));
            both
        }
        (Kind::Binary(Operator::Equal, left, right), true)
        | (Kind::Binary(Operator::NotEqual, left, right), false) => {
            let is = |one: &Node, other: &Node| Some(Fact::Is(names(one)?, other.as_text()?.to_owned()));
            is(left, right).or_else(|| is(right, left)).into_iter().collect()
        }
        _ => Vec::new(),
    };
    if answer && let Some(text) = source.get(condition.span.clone()) {
        facts.push(Fact::Holds(text.split_whitespace().collect()));
    }
    facts
}

/// The names of a route.
fn names(node: &Node) -> Option<Vec<String>> {
    Some(route(node)?.into_iter().map(|segment| segment.name).collect())
}
