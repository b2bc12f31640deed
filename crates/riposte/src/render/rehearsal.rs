//! What a dry run has not called.

use crate::render::describe::text;
use crate::render::style::Style;
use crate::render::{clean, table};
use riposte_actions::Rehearsed;
use serde_json::{Value, json};

/// The calls, each with its arguments.
pub(crate) fn lines(calls: &[Rehearsed], style: Style) -> String {
    if calls.is_empty() {
        return "a run would have changed nothing".to_owned();
    }
    let mut lines = vec![style.strong("a run would have called")];
    for call in calls {
        lines.push(format!("  {}", call.action));
        let rows: Vec<Vec<String>> = call
            .arguments
            .iter()
            .map(|(name, value)| vec![format!("    {}", clean(name)), clean(&text(value))])
            .collect();
        lines.extend(table(&rows));
    }
    lines.join("\n")
}

/// The same for programs.
pub(crate) fn document(calls: &[Rehearsed]) -> Value {
    calls.iter().map(|call| json!({ "action": call.action, "arguments": call.arguments })).collect()
}
