//! Notes what an evaluation did, part by part, while it runs.
//!
//! The machine tells when it begins and leaves a node, and when a loop takes up an item. What is noted costs no fuel and
//! changes nothing: whoever asks why gets the answer that was given.

use crate::eval::shown::shown;
use crate::eval::value::Val;
use crate::explain::{Explained, MOST_PARTS, MOST_PASSES, Outcome, Pass, Passes};
use crate::ir::{Kind, Loop, Node};
use crate::problem::Problem;

/// What was noted so far.
pub(super) struct Trace<'a> {
    source: &'a str,
    /// What is under way: nodes, and passes of loops. The outermost, which collects the whole, is always there.
    open: Vec<Frame<'a>>,
    parts: usize,
}

/// One node, or one pass of a loop, that is under way.
#[derive(Default)]
struct Frame<'a> {
    parts: Vec<(&'a Node, Explained)>,
    /// Of a loop: what became of the items so far.
    passes: Vec<Pass>,
    more: usize,
    /// Of a pass: its item.
    item: Option<crate::explain::Shown>,
}

impl<'a> Trace<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Trace { source, open: vec![Frame::default()], parts: 0 }
    }

    /// A node is about to be evaluated.
    pub(super) fn enter(&mut self) {
        self.open.push(Frame::default());
    }

    /// A node has been evaluated.
    pub(super) fn leave(&mut self, node: &'a Node, result: &Result<Val<'a>, Problem>) {
        let Some(mut frame) = self.open.pop() else { return };
        let outcome = match result {
            Ok(value) => Outcome::Value(shown(value)),
            Err(problem) if frame.holds(problem) => Outcome::FailedInside,
            Err(problem) => Outcome::Failed(problem.clone()),
        };
        let mut explained = Explained::new(node, self.source, outcome);
        if let Kind::Loop(parts) = &node.kind {
            explained.parts = vec![frame.take(&parts.range, self.source)];
            explained.passes =
                Some(Passes { variable: parts.variable.clone(), first: frame.passes, more: frame.more });
        } else {
            let children = node.children().into_iter();
            explained.parts = children.map(|child| frame.take(child, self.source)).collect();
        }
        self.parts += 1;
        if let Some(outer) = self.open.last_mut() {
            outer.parts.push((node, explained));
        }
    }

    /// A loop takes up its next item. False if this pass is not to be noted, but only counted.
    pub(super) fn begin_pass(&mut self, item: &Val<'a>) -> bool {
        let full = self.parts >= MOST_PARTS;
        let Some(frame) = self.open.last_mut() else { return false };
        if full || frame.passes.len() == MOST_PASSES {
            frame.more += 1;
            return false;
        }
        self.open.push(Frame { item: Some(shown(item)), ..Frame::default() });
        true
    }

    /// A loop is done with an item.
    pub(super) fn end_pass(&mut self, parts: &'a Loop) {
        let Some(mut frame) = self.open.pop() else { return };
        let Some(item) = frame.item.take() else { return };
        let parts = parts.filter.iter().chain(std::iter::once(&parts.body));
        let parts = parts.map(|part| frame.take(part, self.source)).collect();
        if let Some(outer) = self.open.last_mut() {
            outer.passes.push(Pass { item, parts });
        }
    }

    /// The whole expression, once it has been left.
    pub(super) fn finish(mut self, root: &'a Node) -> Explained {
        let frame = self.open.pop();
        frame.unwrap_or_default().take(root, self.source)
    }
}

impl Frame<'_> {
    /// What was noted of a part of this node.
    fn take(&mut self, node: &Node, source: &str) -> Explained {
        match self.parts.iter().position(|(noted, _)| std::ptr::eq(*noted, node)) {
            Some(index) => self.parts.swap_remove(index).1,
            None => Explained::not_evaluated(node, source),
        }
    }

    /// Whether a part of this node failed with this problem, or failed because a part of its own did.
    fn holds(&self, problem: &Problem) -> bool {
        let parts = self.parts.iter().map(|(_, part)| part);
        parts.chain(self.passes.iter().flat_map(|pass| &pass.parts)).any(|part| match &part.outcome {
            Outcome::Failed(noted) => noted == problem,
            Outcome::FailedInside => true,
            Outcome::Value(_) | Outcome::NotEvaluated => false,
        })
    }
}
