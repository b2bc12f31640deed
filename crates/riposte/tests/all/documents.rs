//! The playbooks that stand in documents, whole or in part.

use crate::support::repository;

/// Around a part of a playbook: what the parts in the documents read.
const INPUTS: &str = r#"inputs:
  device_id: { type: string, pattern: "^[0-9a-f]{40}$" }
  severity: { type: string, enum: [Low, Medium, High], default: High }
  alert_id: { type: string }
  device_ids: { type: array, items: { type: string, pattern: "^[0-9a-f]{40}$" }, default: [] }
"#;

/// A step that reads every input, so that no part is blamed for what it leaves to others.
const READER: &str = "  - set: { all: \"${{ inputs }}\" }\n";

/// The text of a document of the repository.
pub(crate) fn text(document: &str) -> String {
    std::fs::read_to_string(repository(document)).unwrap()
}

/// The blocks of a document in this language, in order.
pub(crate) fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let opening = format!("```{language}\n");
    text.split(opening.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// Every playbook of a document. A block with a `name` is one; a list is steps of one; anything else is some of its keys.
pub(crate) fn playbooks(document: &str) -> Vec<String> {
    blocks(&text(document), "yaml").into_iter().map(whole).collect()
}

fn whole(block: &str) -> String {
    let has = |key: &str| block.lines().any(|line| line.starts_with(key));
    if has("name:") {
        return block.to_owned();
    }
    let inputs = if has("inputs:") { "" } else { INPUTS };
    if block.starts_with("- ") {
        let steps: String = block.lines().map(|line| format!("  {line}\n")).collect();
        return format!("name: part\n{inputs}steps:\n{READER}{steps}");
    }
    assert!(!has("steps:"), "a part with `steps` needs a `name`: {block}");
    format!("name: part\n{inputs}{block}steps:\n{READER}")
}
