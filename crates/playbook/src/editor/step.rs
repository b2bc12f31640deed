//! Steps: what each kind has, and what each action takes.

use super::{any_of_keys, closed, described, reference, value, words};
use riposte_model::{ActionSpec, Catalogue};
use serde_json::{Map, Value, json};

/// The kinds of step, and what each does.
const KINDS: [(&str, &str); 9] = [
    ("action", "Calls a connector"),
    ("steps", "Steps in order, as one: with `on_failure` and `always`, a try, catch and finally"),
    ("parallel", "Branches side by side; ends when all have ended"),
    ("for_each", "The same steps for each item of a list"),
    ("call", "Runs another playbook, and waits for it"),
    ("wait", "Sleeps, through restarts too"),
    ("stop", "Ends the run as succeeded, with this message"),
    ("fail", "Ends the run as failed, with this message"),
    ("set", "Computes values once: `steps.<id>.output.<name>`"),
];

pub(super) fn define(definitions: &mut Map<String, Value>, catalogue: &Catalogue) {
    let steps = json!({ "type": "array", "minItems": 1, "items": reference("step") });
    definitions.insert("steps".to_owned(), steps);
    let mut properties: Map<String, Value> =
        KINDS.iter().map(|(kind, words)| ((*kind).to_owned(), json!({ "description": words }))).collect();
    properties.extend(common());
    let rules: Vec<Value> = KINDS
        .iter()
        .map(|(kind, _)| {
            // The `steps` of a loop are its own.
            let is_kind = match *kind {
                "steps" => json!({ "required": ["steps"], "not": { "required": ["for_each"] } }),
                kind => json!({ "required": [kind] }),
            };
            json!({ "if": is_kind, "then": reference(&format!("step_{kind}")) })
        })
        .collect();
    definitions.insert(
        "step".to_owned(),
        json!({
            "type": "object",
            "properties": properties,
            "anyOf": any_of_keys(KINDS.iter().map(|(kind, _)| *kind)),
            "allOf": rules,
        }),
    );
    for (kind, _) in KINDS {
        definitions.insert(format!("step_{kind}"), of_kind(kind, catalogue));
    }
    for action in catalogue.iter() {
        definitions.insert(with(action), value::arguments(&action.arguments));
    }
}

/// Keys of every step.
fn common() -> Map<String, Value> {
    let keys = json!({
        "id": {
            "description": "Snake_case, unique in the playbook; needed when something refers to the step",
            "type": "string", "pattern": value::SNAKE_CASE,
        },
        "if": described("False: the step is skipped", reference("condition")),
        "timeout": described("The step's whole duration, retries and waiting included", reference("duration")),
        "on_error": words("`continue`: the step's status is `failed`, and what follows goes on", &["fail", "continue"]),
    });
    match keys {
        Value::Object(keys) => keys,
        _ => Map::new(),
    }
}

/// A step of one kind, with no other keys than its own.
fn of_kind(kind: &str, catalogue: &Catalogue) -> Value {
    let most = |words: &str| json!({ "description": words, "type": "integer", "minimum": 1 });
    let (own, required) = match kind {
        "action" => return action(catalogue),
        "steps" => (
            json!({
                "steps": reference("steps"),
                "on_failure": described("Runs when one of the steps failed; `failure` is in scope", reference("steps")),
                "always": described("Runs whatever happened", reference("steps")),
            }),
            &["steps"][..],
        ),
        "parallel" => (
            json!({
                "parallel": {
                    "type": "array", "minItems": 1,
                    "items": closed(json!({ "steps": reference("steps") }), &["steps"]),
                },
                "max": most("Most branches at once; all of them, if it is not given"),
            }),
            &["parallel"][..],
        ),
        "for_each" => (
            json!({
                "for_each": described("Gives the list", reference("expression")),
                "as": { "description": "What the item is called inside", "type": "string", "pattern": value::SNAKE_CASE },
                "steps": reference("steps"),
                "outputs": described("What each item gives", reference("values")),
                "max": most("Most items at once; 1 if it is not given"),
                "on_item_error": words("Whether an item's failure ends the loop", &["stop", "continue"]),
            }),
            &["for_each", "steps"][..],
        ),
        "call" => (
            json!({
                "call": { "description": "The playbook's name", "type": "string", "pattern": value::KEBAB_CASE },
                "with": { "description": "Its inputs", "type": ["object", "null"] },
            }),
            &["call"][..],
        ),
        "wait" => (
            json!({
                "wait": {
                    "anyOf": [
                        reference("duration"),
                        closed(json!({ "until": described("Gives a moment", reference("expression")) }), &["until"]),
                    ],
                },
            }),
            &["wait"][..],
        ),
        "set" => (json!({ "set": { "allOf": [reference("values")], "minProperties": 1 } }), &["set"][..]),
        message => (json!({ message: reference("message") }), &[][..]),
    };
    let mut schema = closed(own, required);
    add_common(&mut schema);
    schema
}

fn add_common(schema: &mut Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.extend(common());
    }
}

fn action(catalogue: &Catalogue) -> Value {
    let names: Vec<Value> = catalogue
        .iter()
        .map(|action| json!({ "const": action.name.as_str(), "description": action.summary }))
        .collect();
    let mut schema = closed(
        json!({
            "action": { "description": "Connection and operation", "type": "string" },
            "with": { "description": "Its arguments" },
            "retry": described("When a failed call is tried again", reference("retry")),
            "select": described("Keeps only these nodes of the answer, as a list", reference("path")),
            "await": words(
                "`completed`: ends at the provider's final status; `accepted`: when the provider took it",
                &["completed", "accepted"],
            ),
        }),
        &["action"],
    );
    add_common(&mut schema);
    let rules: Vec<Value> = catalogue.iter().map(|action| rule(action)).collect();
    if names.is_empty() {
        // A choice of nothing is no schema.
        return json!(false);
    }
    schema["properties"]["action"]["anyOf"] = Value::Array(names);
    schema["allOf"] = Value::Array(rules);
    schema
}

/// What stands beside the name of one action.
fn rule(action: &ActionSpec) -> Value {
    let name = action.name.as_str();
    let needs_some = action.arguments.as_object().is_some_and(|object| {
        object.properties.values().any(|property| property.required && property.default.is_none())
    });
    let arguments = reference(&with(action));
    let mut then = if needs_some {
        json!({ "properties": { "with": arguments }, "required": ["with"] })
    } else {
        // `with:` and nothing below it.
        json!({ "properties": { "with": { "anyOf": [arguments, { "type": "null" }] } } })
    };
    if let (true, Some(properties)) =
        (action.completion.is_answer(), then.get_mut("properties").and_then(Value::as_object_mut))
    {
        properties.insert("await".to_owned(), json!(false));
    }
    json!({ "if": { "properties": { "action": { "const": name } }, "required": ["action"] }, "then": then })
}

fn with(action: &ActionSpec) -> String {
    format!("with_{}", action.name.as_str().replace('.', "_"))
}
