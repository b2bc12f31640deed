//! The configuration as JSON Schema 2020-12, for editors. What [`super::load`] reads stands beside it; a test compares the
//! keys of both.

use crate::config::{CLOUDS, LogFormat, RateLimits, Role};
use serde_json::{Value, json};

/// The schema of a configuration.
pub fn schema() -> Value {
    let text = |words: &str| json!({ "description": words, "type": "string", "minLength": 1 });
    let duration = |words: &str| {
        json!({
            "description": words, "type": "string", "minLength": 2,
            "pattern": "^(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?(?:[0-9]+ms)?$",
        })
    };
    let size = |words: &str| json!({ "description": words, "type": "string", "pattern": "^0*[1-9][0-9]*(?:KiB|MiB|GiB|TiB)$" });
    let secret = |words: &str| {
        json!({
            "description": words,
            "type": "object",
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
            "properties": {
                "credential": text("A systemd credential"),
                "file": text("A file"),
                "env": text("A variable of the environment"),
            },
        })
    };
    let connection = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["kind", "tenant_id"],
        "oneOf": [
            { "required": ["client_id", "client_secret"] },
            { "required": ["client_id", "certificate"] },
            { "required": ["client_id", "federated_token_file"] },
            { "required": ["managed_identity"] },
        ],
        "properties": {
            "kind": { "const": "defender" },
            "tenant_id": text("The tenant's id or domain"),
            "client_id": text("The application's id, or that of a user-assigned managed identity"),
            "client_secret": secret("Where the application's secret is"),
            "certificate": secret("Where the application's certificate is, in PEM, perhaps with its private key"),
            "certificate_key": secret("Where the certificate's private key is, if elsewhere"),
            "federated_token_file": text("A file with a token of another issuer, read anew for each request"),
            "managed_identity": {
                "description": "The identity of the machine that this runs on",
                "type": "object",
                "additionalProperties": false,
                "required": ["kind"],
                "dependentSchemas": { "endpoint": { "properties": { "kind": { "const": "vm" } } } },
                "properties": {
                    "kind": { "description": "What kind of machine", "type": "string", "enum": ["vm", "app_service"] },
                    "endpoint": text("Scheme, host and port of the identity endpoint, instead of Azure's"),
                },
            },
            "cloud": { "description": "Which of Microsoft's clouds", "type": "string", "enum": CLOUDS },
            "endpoint": text("Scheme, host and port of the API, instead of a cloud's"),
            "authority": text("Scheme, host and port of the token endpoint, instead of a cloud's"),
            "visibility_delay": duration("How long Defender's list of machine actions may lag behind"),
            "rate_limits": {
                "description": "Which limits calls are held to before they are sent",
                "type": "string",
                "enum": RateLimits::WORDS.map(|(word, _)| word),
            },
            "poll": {
                "description": "How often pending actions are asked after",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "shortest": duration("The shortest pause"),
                    "longest": duration("The longest pause"),
                },
            },
        },
        "dependentRequired": {
            "endpoint": ["authority"], "authority": ["endpoint"], "certificate_key": ["certificate"],
        },
        "if": { "required": ["cloud"] },
        "then": { "not": { "required": ["endpoint"] } },
    });
    let hosts = |words: &str, fewest: u32| {
        json!({
            "description": words, "type": "array", "minItems": fewest,
            "items": { "type": "string", "minLength": 1 },
        })
    };
    let http = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["kind", "allow_hosts"],
        "properties": {
            "kind": { "const": "http" },
            "allow_hosts": hosts("The hosts that may be called, like hooks.example.com, *.example.com, or with :PORT", 1),
            "allow_private": hosts("Those of them that may have private or loopback addresses", 0),
            "allow_http": { "description": "Whether plain http is spoken too", "type": "boolean" },
            "auth": {
                "description": "Secrets, by the one host that each is sent to",
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["secret"],
                    "properties": {
                        "secret": secret("Where the secret is"),
                        "in": {
                            "description": "Where a request carries it; `url`: where the address says {secret}",
                            "type": "string", "enum": ["header", "url"],
                        },
                        "header": text("The header; Authorization if absent"),
                        "scheme": {
                            "description": "What stands before the secret; Bearer if absent, and may be empty",
                            "type": "string",
                        },
                    },
                    "if": { "properties": { "in": { "const": "url" } }, "required": ["in"] },
                    "then": { "not": { "anyOf": [{ "required": ["header"] }, { "required": ["scheme"] }] } },
                },
            },
        },
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "riposte's configuration",
        "type": "object",
        "additionalProperties": false,
        "required": ["connections"],
        "properties": {
            "listen": text("Where the daemon listens, like 127.0.0.1:8750"),
            "playbooks": {
                "description": "The playbooks that the daemon serves: a folder, or a list of files and folders",
                "oneOf": [
                    { "type": "string", "minLength": 1 },
                    { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } },
                ],
            },
            "webhooks": {
                "description": "What webhooks take",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "body_limit": {
                        "description": "How large a body may be, up to 64MiB", "type": "string",
                        "pattern": "^0*[1-9][0-9]*(?:KiB|MiB)$",
                    },
                    "rate": {
                        "description": "How many requests each webhook takes in a second, a minute or an hour, like 100/s",
                        "type": "string", "pattern": "^0*[1-9][0-9]*/[smh]$",
                    },
                },
            },
            "api": {
                "description": "The daemon's API",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "tokens": {
                        "description": "Who may ask over the network; nobody, if there are none",
                        "type": "array",
                        "maxItems": 256,
                        "items": {
                            "type": "object",
                            "additionalProperties": false,
                            "required": ["name", "role", "sha256"],
                            "properties": {
                                "name": {
                                    "description": "Who holds it, as it stands in records", "type": "string",
                                    "pattern": "^[a-z0-9][a-z0-9-]{0,63}$",
                                },
                                "role": {
                                    "description": "What may be done with it: look; also act; also reload",
                                    "type": "string",
                                    "enum": Role::WORDS.map(|(word, _)| word),
                                },
                                "sha256": {
                                    "description": "The token's SHA-256: printf %s TOKEN | sha256sum",
                                    "type": "string", "pattern": "^[0-9a-fA-F]{64}$",
                                },
                            },
                        },
                    },
                },
            },
            "data_dir": text("Folder of the journal and of downloads"),
            "downloads": {
                "description": "What is downloaded",
                "type": "object",
                "additionalProperties": false,
                "properties": { "limit": size("How large one file may be") },
            },
            "retention": {
                "description": "What the journal keeps of runs that are over",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "finished_runs": duration("How long a run stays after its end"),
                    "size": size("How much room everything may take before runs that are over go earlier"),
                },
            },
            "credentials": {
                "description": "Where the credentials are that playbooks name, by that name; else they are systemd credentials",
                "type": "object",
                "additionalProperties": secret("Where it is"),
            },
            "log": {
                "description": "What the daemon logs, and where",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "level": {
                        "description": "How much, like info, or info,riposte_defender=debug for single parts of riposte",
                        "type": "string",
                        "pattern": "^ *(?:riposte[A-Za-z0-9_:]* *= *)?(?:off|error|warn|info|debug|trace) *(?:, *(?:riposte[A-Za-z0-9_:]* *= *)?(?:off|error|warn|info|debug|trace) *)*$",
                    },
                    "format": {
                        "description": "auto: to systemd's journal if stderr leads there, otherwise as text",
                        "type": "string",
                        "enum": LogFormat::WORDS.map(|(word, _)| word),
                    },
                },
            },
            "telemetry": {
                "description": "Where the daemon's spans go",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "otlp_endpoint": {
                        "description": "Where a collector takes OTLP over HTTP, like http://127.0.0.1:4318: https, or http on this machine",
                        "type": ["string", "null"],
                        "pattern": "^https?://",
                    },
                    "otlp_headers": {
                        "description": "What is sent along, by the header's name",
                        "type": "object",
                        "additionalProperties": secret("Where the header's value is"),
                    },
                },
            },
            "connections": {
                "description": "By the name that action names begin with",
                "type": "object",
                "additionalProperties": false,
                "properties": { "defender": connection, "http": http },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load;

    /// The keys that the parser knows where this one stands: it lists them when it does not know one.
    fn known(source: &str) -> Vec<String> {
        let report = load("riposte.yaml", source).unwrap_err();
        let help = report.diagnostics().iter().flat_map(|problem| &problem.help);
        let list = help.filter_map(|help| help.strip_prefix("valid keys: ")).next().unwrap();
        list.split(", ").map(|key| key.trim_matches('`').to_owned()).collect()
    }

    #[test]
    fn the_schema_has_every_key_that_the_parser_reads_and_no_other() {
        let root = "/properties";
        let connection = "/properties/connections/properties/defender/properties";
        let http = "/properties/connections/properties/http/properties";
        for (source, place) in [
            ("qqqqqqqq: 1\n".to_owned(), root.to_owned()),
            ("connections: { defender: { qqqqqqqq: 1 } }\n".to_owned(), connection.to_owned()),
            ("webhooks: { qqqqqqqq: 1 }\n".to_owned(), format!("{root}/webhooks/properties")),
            ("api: { qqqqqqqq: 1 }\n".to_owned(), format!("{root}/api/properties")),
            (
                "api: { tokens: [{ qqqqqqqq: 1 }] }\n".to_owned(),
                format!("{root}/api/properties/tokens/items/properties"),
            ),
            ("downloads: { qqqqqqqq: 1 }\n".to_owned(), format!("{root}/downloads/properties")),
            ("retention: { qqqqqqqq: 1 }\n".to_owned(), format!("{root}/retention/properties")),
            (
                "connections: { defender: { client_secret: { qqqqqqqq: 1 } } }\n".to_owned(),
                format!("{connection}/client_secret/properties"),
            ),
            (
                "connections: { defender: { certificate_key: { qqqqqqqq: 1 } } }\n".to_owned(),
                format!("{connection}/certificate_key/properties"),
            ),
            (
                "connections: { defender: { managed_identity: { qqqqqqqq: 1 } } }\n".to_owned(),
                format!("{connection}/managed_identity/properties"),
            ),
            (
                "connections: { defender: { poll: { qqqqqqqq: 1 } } }\n".to_owned(),
                format!("{connection}/poll/properties"),
            ),
            ("log: { qqqqqqqq: 1 }\n".to_owned(), format!("{root}/log/properties")),
            ("telemetry: { qqqqqqqq: 1 }\n".to_owned(), format!("{root}/telemetry/properties")),
            ("connections: { http: { qqqqqqqq: 1 } }\n".to_owned(), http.to_owned()),
            (
                "credentials: { a: { qqqqqqqq: 1 } }\n".to_owned(),
                format!("{root}/credentials/additionalProperties/properties"),
            ),
            (
                "connections: { http: { auth: { a.example.com: { qqqqqqqq: 1 } } } }\n".to_owned(),
                format!("{http}/auth/additionalProperties/properties"),
            ),
        ] {
            let schema = schema();
            let keys = schema.pointer(&place).and_then(Value::as_object).unwrap();
            let mut keys: Vec<String> = keys.keys().cloned().collect();
            let mut known = known(&source);
            keys.sort();
            known.sort();
            assert_eq!(keys, known, "{place}");
        }
    }
}
