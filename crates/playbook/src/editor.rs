//! The playbook language as JSON Schema 2020-12, for editors: the YAML language server completes and checks by it.
//!
//! It says what a file may look like, action arguments included; what depends on more than one place (references, types
//! of expressions, unique names) is the checker's alone. It is closed wherever the language is, and wider than the
//! language where a schema cannot tell: no playbook that loads is marked as wrong. `if` and `then` choose the kind of a
//! step and the arguments of an action, so that a mistake is told about the kind that was meant, and not about all.

mod input;
mod step;
mod trigger;
mod value;

use riposte_model::Catalogue;
use serde_json::{Map, Value, json};

/// The schema of a playbook whose actions are these.
pub fn editor_schema(catalogue: &Catalogue) -> Value {
    let mut definitions = Map::new();
    value::define(&mut definitions);
    input::define(&mut definitions);
    trigger::define(&mut definitions);
    step::define(&mut definitions, catalogue);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A riposte playbook",
        "description": "What starts it, what it needs, what it does.",
        "type": "object",
        "required": ["name", "steps"],
        "additionalProperties": false,
        "properties": {
            "name": {
                "description": "Kebab-case, unique among the loaded playbooks",
                "type": "string",
                "pattern": value::KEBAB_CASE,
            },
            "description": { "description": "One line for people", "type": "string" },
            "inputs": {
                "description": "What a run needs to start: a JSON Schema for each. What has no `default` is required",
                "type": "object",
                "propertyNames": { "pattern": value::SNAKE_CASE },
                "additionalProperties": reference("input"),
            },
            "triggers": { "description": "What starts runs", "type": "array", "items": reference("trigger") },
            "concurrency": reference("concurrency"),
            "defaults": {
                "description": "For every action that does not say otherwise",
                "type": "object",
                "additionalProperties": false,
                "properties": { "retry": reference("retry"), "timeout": reference("duration") },
            },
            "steps": described("What it does, in order", reference("steps")),
            "on_failure": described("Runs when a step failed and nothing handled it; `failure` is in scope", reference("steps")),
            "always": described("Runs whatever happened", reference("steps")),
            "outputs": described("What the run gives back, computed at its end", reference("values")),
        },
        "$defs": definitions,
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// Beside `$ref` some editors read nothing else.
fn described(words: &str, schema: Value) -> Value {
    object([("description", json!(words)), ("allOf", Value::Array(vec![schema]))])
}

/// A mapping with exactly these keys.
fn closed(properties: Value, required: &[&str]) -> Value {
    let mut keywords =
        vec![("type", json!("object")), ("additionalProperties", json!(false)), ("properties", properties)];
    if !required.is_empty() {
        keywords.push(("required", json!(required)));
    }
    object(keywords)
}

fn object<'k>(keywords: impl IntoIterator<Item = (&'k str, Value)>) -> Value {
    Value::Object(keywords.into_iter().map(|(keyword, value)| (keyword.to_owned(), value)).collect())
}

/// One of a few words.
fn words(description: &str, words: &[&str]) -> Value {
    json!({ "description": description, "type": "string", "enum": words })
}

/// The keys that tell one kind from another: the others do not say that they are missing.
fn any_of_keys<'k>(keys: impl IntoIterator<Item = &'k str>) -> Value {
    keys.into_iter().map(|key| json!({ "required": [key] })).collect()
}
