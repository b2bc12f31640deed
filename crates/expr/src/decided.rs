//! Conditions that literals decide: whatever a run brings, their answer is the same.

use std::ops::Range;

use crate::ir::{Kind, Literal, Node};
use crate::{Bindings, eval};

/// The outermost conditions that are decided, with their answers.
pub(crate) fn collect(root: &Node) -> Vec<(Range<usize>, bool)> {
    let mut found = Vec::new();
    match answer(root) {
        Some(answer) => found.push((root.span.clone(), answer)),
        None => visit(root, &mut found),
    }
    found
}

/// The outermost conditions inside a value that are decided, with their answers.
pub(crate) fn inside(root: &Node) -> Vec<(Range<usize>, bool)> {
    let mut found = Vec::new();
    visit(root, &mut found);
    found
}

fn visit(node: &Node, found: &mut Vec<(Range<usize>, bool)>) {
    let tests: Vec<&Node> = match &node.kind {
        Kind::And(left, right) | Kind::Or(left, right) => vec![left, right],
        Kind::Conditional(parts) => vec![&parts[0]],
        _ => Vec::new(),
    };
    let decided: Vec<_> = tests.iter().filter_map(|test| Some((test.span.clone(), answer(test)?))).collect();
    if decided.is_empty() {
        node.children().into_iter().for_each(|child| visit(child, found));
    } else {
        found.extend(decided);
    }
}

/// The answer, if it is always the same.
fn answer(node: &Node) -> Option<bool> {
    match &node.kind {
        Kind::Literal(Literal::Bool(value)) => Some(*value),
        Kind::Not(inner) => answer(inner).map(|value| !value),
        Kind::And(left, right) => match (answer(left), answer(right)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Kind::Or(left, right) => match (answer(left), answer(right)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Kind::Binary(..) | Kind::Matches(..) | Kind::Call(..) if reads_nothing(node) => {
            eval::evaluate_bool(node, &Bindings::new()).ok()
        }
        _ => None,
    }
}

fn reads_nothing(node: &Node) -> bool {
    !matches!(node.kind, Kind::Root(_) | Kind::Local(_)) && node.children().into_iter().all(reads_nothing)
}
