//! Strings that hold `${{ expression }}` parts.

use riposte_model::Schema;
use serde_json::Value;

use crate::{Bindings, Checked, Problem, Reference, Scope};

/// A string that may hold `${{ expression }}` parts.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
}

impl Template {
    /// Compiles it. `$${{` is a literal `${{`. Offsets of problems are in `text`.
    pub fn parse(text: &str) -> Result<Template, Vec<Problem>> {
        Ok(Template { text: text.to_owned() })
    }

    /// The text it always gives (unescaped), if there is no expression in it.
    pub fn as_literal(&self) -> Option<&str> {
        Some(&self.text)
    }

    /// Whether it is one expression with nothing around it, and so keeps that expression's type.
    pub fn is_whole(&self) -> bool {
        false
    }

    /// Checks every expression; inside a longer string each must give a scalar.
    pub fn check(&self, _scope: &Scope) -> Checked {
        Checked { schema: Schema::string(), problems: Vec::new() }
    }

    /// What its expressions read, in the order of the text.
    pub fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// Computes the text, or the one expression's value.
    pub fn evaluate(&self, _bindings: &Bindings<'_>) -> Result<Value, Problem> {
        Ok(Value::Null)
    }
}
