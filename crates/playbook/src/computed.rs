//! Values of the file in which strings may hold `${{ }}`.

use riposte_expr::{Bindings, Problem, Template};
use serde_json::{Map, Value};

/// A value that is known at load, or computed from what happened.
#[derive(Clone, Debug)]
pub enum Computed {
    /// Known at load.
    Literal(Value),
    /// A string with expressions in it.
    Template(Template),
    /// A list with something computed inside.
    List(Vec<Computed>),
    /// A mapping with something computed inside.
    Map(Vec<(String, Computed)>),
}

impl Computed {
    /// The value under these bindings. The problem's message names the expression; its span is within the template.
    pub fn evaluate(&self, bindings: &Bindings<'_>) -> Result<Value, Problem> {
        match self {
            Computed::Literal(value) => Ok(value.clone()),
            Computed::Template(template) => template.evaluate(bindings),
            Computed::List(items) => {
                items.iter().map(|item| item.evaluate(bindings)).collect::<Result<_, _>>().map(Value::Array)
            }
            Computed::Map(entries) => evaluate_entries(entries, bindings).map(Value::Object),
        }
    }
}

/// Evaluates named values in order; the first problem wins.
pub fn evaluate_entries(
    entries: &[(String, Computed)],
    bindings: &Bindings<'_>,
) -> Result<Map<String, Value>, Problem> {
    entries.iter().map(|(name, value)| Ok((name.clone(), value.evaluate(bindings)?))).collect()
}
