//! Schemas that an author writes for inputs: the subset of JSON Schema that the language reads.

use super::{closed, reference};
use riposte_model::Format;
use serde_json::{Map, Value, json};

/// The types, with the keywords that say something about them.
const TYPES: [(&str, &[&str]); 7] = [
    ("string", &["enum", "pattern", "minLength", "maxLength", "format"]),
    ("integer", &["minimum", "maximum"]),
    ("number", &["minimum", "maximum"]),
    ("boolean", &[]),
    ("array", &["items", "minItems", "maxItems"]),
    ("object", &["properties", "required", "additionalProperties"]),
    ("null", &[]),
];

pub(super) fn define(definitions: &mut Map<String, Value>) {
    let names: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
    let size = json!({ "type": "integer", "minimum": 0 });
    let mut schema = closed(
        json!({
            "type": {
                "description": "`[string, \"null\"]` for one that may be null",
                "anyOf": [
                    { "enum": names },
                    {
                        "type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": true,
                        // In YAML `null` without quotes is null, and says what it means.
                        "items": { "enum": names.iter().map(|name| json!(name)).chain([Value::Null]).collect::<Vec<_>>() },
                    },
                ],
            },
            "description": { "type": "string" },
            "default": { "description": "The value when none is given; without one the input is required" },
            "enum": { "type": "array", "minItems": 1, "uniqueItems": true, "items": { "type": ["string", "null"] } },
            "pattern": { "description": "A regular expression in the syntax of RE2, not anchored", "type": "string" },
            "minLength": size,
            "maxLength": size,
            "format": { "enum": Format::ALL.map(Format::as_str) },
            "minimum": { "type": "number" },
            "maximum": { "type": "number" },
            "items": reference("input"),
            "minItems": size,
            "maxItems": size,
            "properties": { "type": "object", "additionalProperties": reference("input") },
            "required": { "type": "array", "items": { "type": "string" } },
            "additionalProperties": { "type": "boolean" },
        }),
        &[],
    );
    let rules: Vec<Value> = TYPES.iter().map(|(name, own)| rule(name, own)).chain([untyped()]).collect();
    if let Some(map) = schema.as_object_mut() {
        map.insert("allOf".to_owned(), Value::Array(rules));
    }
    definitions.insert("input".to_owned(), schema);
}

/// Only keywords that say something about a type stand beside it.
fn rule(name: &str, own: &[&str]) -> Value {
    let is_type = match name {
        // Beside another type it only says that null fits too.
        "null" => json!({ "enum": ["null", ["null"]] }),
        _ => json!({ "anyOf": [{ "const": name }, { "type": "array", "contains": { "const": name } }] }),
    };
    let keywords: Vec<&str> =
        ["type", "description", "default"].into_iter().chain(own.iter().copied()).collect();
    json!({
        "if": { "properties": { "type": is_type }, "required": ["type"] },
        "then": { "propertyNames": { "enum": keywords } },
    })
}

/// Without a type: choices are texts, and everything else fits anything.
fn untyped() -> Value {
    let with_choices: Vec<&str> =
        ["description", "default"].into_iter().chain(TYPES[0].1.iter().copied()).collect();
    json!({
        "if": { "not": { "required": ["type"] } },
        "then": {
            "if": { "required": ["enum"] },
            "then": { "propertyNames": { "enum": with_choices } },
            "else": { "propertyNames": { "enum": ["description", "default"] } },
        },
    })
}
