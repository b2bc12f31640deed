//! [`Expression`]: the crate's front door.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use crate::ir::Node;
use crate::{
    Bindings, Checked, Explained, Explanation, Fact, Problem, Reference, Scope, check, decided, eval,
    reference, syntax,
};

/// A compiled expression. A copy shares the compiled form.
#[derive(Clone, Debug)]
pub struct Expression {
    compiled: Arc<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    source: String,
    root: Node,
}

impl Expression {
    /// Compiles one expression of at most 2 KiB. Everything wrong that can be told without a scope is reported.
    pub fn parse(source: &str) -> Result<Expression, Vec<Problem>> {
        let root = syntax::parse(source)?;
        Ok(Expression { compiled: Arc::new(Compiled { source: source.to_owned(), root }) })
    }

    /// As written.
    pub fn source(&self) -> &str {
        &self.compiled.source
    }

    /// Infers the type of the result, and reports everything wrong under a scope.
    pub fn check(&self, scope: &Scope) -> Checked {
        check::check(&self.compiled.root, scope)
    }

    /// What it reads, in the order of the text.
    pub fn references(&self) -> Vec<Reference> {
        reference::collect(&self.compiled.root, &self.compiled.source)
    }

    /// What surely holds wherever this condition was true.
    pub fn facts(&self) -> Vec<Fact> {
        reference::facts(&self.compiled.root, &self.compiled.source)
    }

    /// The conditions in it whose answer does not depend on anything that it reads, and that answer: the whole, or else
    /// operands of `&&` and `||` and what stands before `?`.
    pub fn decided(&self) -> Vec<(Range<usize>, bool)> {
        decided::collect(&self.compiled.root)
    }

    /// The same, of the conditions inside a value: the whole is none.
    pub(crate) fn decided_inside(&self) -> Vec<(Range<usize>, bool)> {
        decided::inside(&self.compiled.root)
    }

    /// Computes the result.
    pub fn evaluate(&self, bindings: &Bindings<'_>) -> Result<Value, Problem> {
        eval::evaluate(&self.compiled.root, bindings)
    }

    /// Computes the result as [`evaluate`](Self::evaluate) does, within the same fuel, and tells what every part of it
    /// gave. For people: it takes longer, and is never needed to run anything.
    pub fn explain(&self, bindings: &Bindings<'_>) -> Explanation {
        let (result, explained) = eval::explain(&self.compiled.root, &self.compiled.source, bindings);
        Explanation { result, expressions: vec![explained] }
    }

    /// Computes a condition; any result but a boolean is a [`ProblemKind::Type`](crate::ProblemKind::Type).
    pub fn evaluate_bool(&self, bindings: &Bindings<'_>) -> Result<bool, Problem> {
        eval::evaluate_bool(&self.compiled.root, bindings)
    }

    /// Computes a scalar as text; `None` if the result is none.
    pub(crate) fn evaluate_text(&self, bindings: &Bindings<'_>) -> Result<Option<String>, Problem> {
        eval::evaluate_text(&self.compiled.root, bindings)
    }

    /// The same as [`evaluate_text`](Self::evaluate_text), and what every part of it gave.
    pub(crate) fn explain_text(
        &self,
        bindings: &Bindings<'_>,
    ) -> (Result<Option<String>, Problem>, Explained) {
        eval::explain_text(&self.compiled.root, &self.compiled.source, bindings)
    }

    /// Every part of it, as long as none has been evaluated.
    pub(crate) fn not_evaluated(&self) -> Explained {
        Explained::not_evaluated(&self.compiled.root, &self.compiled.source)
    }
}
