//! What starts runs.

use super::{any_of_keys, closed, described, reference, value, words};
use crate::Zone;
use serde_json::{Map, Value, json};

pub(super) fn define(definitions: &mut Map<String, Value>) {
    let mut define = |name: &str, schema: Value| definitions.insert(name.to_owned(), schema);
    define(
        "trigger",
        json!({
            "type": "object",
            "properties": {
                "webhook": { "description": "The last part of the address `/hooks/<name>`, kebab-case", "type": "string" },
                "schedule": { "description": "When, in five fields of cron, six with the second first, or like `@daily`" },
            },
            "anyOf": any_of_keys(["webhook", "schedule"]),
            "allOf": [
                { "if": { "required": ["webhook"] }, "then": reference("webhook") },
                { "if": { "required": ["schedule"] }, "then": reference("schedule") },
            ],
        }),
    );
    define(
        "webhook",
        closed(
            json!({
                "webhook": { "type": "string", "pattern": value::KEBAB_CASE },
                "auth": reference("auth"),
                "each": described("One run for each node that this path selects in the body", reference("path")),
                "bind": {
                    "description": "How inputs are taken from the body: a path that selects one node for each",
                    "type": "object",
                    "additionalProperties": {
                        "anyOf": [
                            reference("path"),
                            closed(json!({
                                "path": reference("path"),
                                "optional": { "description": "No node is fine too", "type": "boolean" },
                            }), &["path"]),
                        ],
                    },
                },
                "if": described("False: acknowledged, no run", reference("condition")),
                "dedupe": described(
                    "The same key again within the window is answered with the first run",
                    closed(
                        json!({ "key": reference("expression"), "window": reference("duration") }),
                        &["key", "window"],
                    ),
                ),
            }),
            &["webhook", "auth"],
        ),
    );
    define(
        "credential",
        closed(json!({ "credential": { "type": "string", "minLength": 1 } }), &["credential"]),
    );
    let mut ways = closed(
        json!({
            "hmac_sha256": closed(
                json!({ "secret": reference("credential"), "header": { "type": "string", "minLength": 1 } }),
                &["secret", "header"],
            ),
            "standard_webhooks": closed(json!({ "secret": reference("credential") }), &["secret"]),
            "bearer": closed(json!({ "token": reference("credential") }), &["token"]),
        }),
        &[],
    );
    if let Some(map) = ways.as_object_mut() {
        map.insert("minProperties".to_owned(), json!(1));
        map.insert("maxProperties".to_owned(), json!(1));
    }
    define(
        "auth",
        json!({ "description": "How a sender proves itself", "anyOf": [ways, { "const": "none" }] }),
    );
    define(
        "schedule",
        closed(
            json!({
                "schedule": {
                    "description": "When: minute, hour, day of the month, month, day of the week",
                    "type": "string", "minLength": 1,
                    "examples": ["*/15 * * * *", "30 2 * * MON-FRI", "@daily"],
                },
                "timezone": {
                    "description": "Whose clocks: a name of the IANA database; UTC if it is not given",
                    "type": "string", "enum": Zone::names().collect::<Vec<_>>(),
                },
                "missed": words("What becomes of times at which nobody was there", &["skip", "once", "all"]),
                "overlap": words("What becomes of a time at which the run before has not ended", &["skip", "queue", "allow"]),
                "jitter": described("Each run starts up to this much later", reference("duration")),
                "inputs": { "description": "The inputs of every run, written out", "type": "object" },
            }),
            &["schedule"],
        ),
    );
    define(
        "concurrency",
        described(
            "How many runs may be under way at once, for each value of the key",
            closed(
                json!({
                    "key": reference("expression"),
                    "limit": { "type": "integer", "minimum": 1 },
                    "when_full": words("What becomes of one more", &["queue", "skip"]),
                }),
                &["key"],
            ),
        ),
    );
}
