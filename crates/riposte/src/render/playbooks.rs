//! The playbooks of a daemon, as a table.

use crate::render::style::Style;
use crate::render::{clean, table};
use serde_json::Value;

/// Those of the API's answer.
pub(crate) fn lines(answer: &Value, style: Style) -> String {
    let playbooks = answer.get("playbooks").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if playbooks.is_empty() {
        return "no playbooks".to_owned();
    }
    let text =
        |playbook: &Value, key: &str| clean(playbook.get(key).and_then(Value::as_str).unwrap_or_default());
    let head = ["PLAYBOOK", "STATE", "DESCRIPTION"].map(str::to_owned).to_vec();
    let rows = playbooks.iter().map(|playbook| {
        let state = style.status("enabled");
        vec![text(playbook, "name"), state, text(playbook, "description")]
    });
    table(&std::iter::once(head).chain(rows).collect::<Vec<_>>()).join("\n")
}
