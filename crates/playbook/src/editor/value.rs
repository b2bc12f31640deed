//! Values, and where `${{ }}` may stand in them.

use super::{closed, words};
use crate::retry::{MAX_ATTEMPTS, Policy};
use riposte_model::{ErrorKind, Schema};
use serde_json::{Map, Value, json};

/// The names of inputs, steps and values.
pub(super) const SNAKE_CASE: &str = "^[a-z](?:[a-z0-9_]{0,62}[a-z0-9])?$";
/// The names of playbooks and webhooks.
pub(super) const KEBAB_CASE: &str = "^[a-z](?:[a-z0-9-]{0,62}[a-z0-9])?$";
/// `1h30m`.
const DURATION: &str = "^(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?(?:[0-9]+ms)?$";

pub(super) fn define(definitions: &mut Map<String, Value>) {
    let mut define = |name: &str, schema: Value| definitions.insert(name.to_owned(), schema);
    define(
        "duration",
        json!({
            "description": "Like `90s`, `5m`, `1h30m` or `7d`",
            "type": "string", "minLength": 2, "pattern": DURATION,
        }),
    );
    define(
        "condition",
        json!({
            "description": "An expression (CEL) that gives a boolean, without braces",
            "type": ["string", "boolean"],
        }),
    );
    define("expression", json!({ "description": "An expression (CEL), without braces", "type": "string" }));
    define("path", json!({ "description": "A JSONPath (RFC 9535)", "type": "string", "pattern": "^\\$" }));
    define(
        "template",
        json!({ "description": "Computed when the step runs", "type": "string", "pattern": "\\$\\{\\{" }),
    );
    define("message", json!({ "description": "Text for people; may hold `${{ }}`", "type": "string" }));
    define(
        "values",
        json!({
            "description": "Names and values; texts may hold `${{ }}`",
            "type": "object",
            "propertyNames": { "pattern": SNAKE_CASE },
        }),
    );
    let repeated: Vec<&str> =
        ErrorKind::ALL.into_iter().filter(|kind| Policy::may_repeat(*kind)).map(ErrorKind::as_str).collect();
    let duration = |words: &str| super::described(words, super::reference("duration"));
    define(
        "retry",
        closed(
            json!({
                "attempts": {
                    "description": "Attempts in all, the first one included",
                    "type": "integer", "minimum": 1, "maximum": MAX_ATTEMPTS,
                },
                "initial": duration("The first pause"),
                "factor": {
                    "description": "What each pause is multiplied by",
                    "type": "number", "minimum": 1, "maximum": 10,
                },
                "max": duration("The longest pause"),
                "jitter": words("`equal` draws each pause between its half and its whole", &["equal", "none"]),
                "on": {
                    "description": "The kinds of failure that are tried again; all that are safe, if this is not given",
                    "type": "array", "minItems": 1, "items": { "enum": repeated },
                },
            }),
            &[],
        ),
    );
}

/// What arguments may be: each fits its schema, or is computed, wholly or in a part of it.
pub(super) fn arguments(schema: &Schema) -> Value {
    let mut value = schema.to_json();
    open_parts(&mut value);
    value
}

fn open_parts(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else { return };
    if let Some(properties) = map.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(open);
    }
    if let Some(items) = map.get_mut("items") {
        open(items);
    }
}

/// Lets a text with `${{ }}` stand for a value.
fn open(schema: &mut Value) {
    open_parts(schema);
    let Some(map) = schema.as_object_mut() else { return };
    let is_text = map.get("type").is_some_and(|name| *name == "string");
    let is_free = map.keys().all(|key| matches!(key.as_str(), "type" | "description" | "default"));
    if !map.contains_key("type") || (is_text && is_free) {
        return;
    }
    // What people read stays outside, where it is shown for both.
    let mut outer = Map::new();
    for key in ["description", "default"] {
        if let Some(value) = map.shift_remove(key) {
            outer.insert(key.to_owned(), value);
        }
    }
    let literal = Value::Object(std::mem::take(map));
    outer.insert("anyOf".to_owned(), json!([literal, super::reference("template")]));
    *map = outer;
}
