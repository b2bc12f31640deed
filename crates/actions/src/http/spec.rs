//! What the catalogue says of the two actions.

use riposte_model::{
    ActionName, ActionSpec, Completion, Effect, Permissions, Priority, Property, RateLimit, Schema, Type,
};
use serde_json::json;
use std::time::Duration;

/// Asks.
pub(super) const GET: &str = "http.get";
/// Acts.
pub(super) const REQUEST: &str = "http.request";

/// The headers of an answer that a run keeps. Others may hold secrets (`set-cookie`), or are the carriage's.
pub(super) const KEPT_HEADERS: [&str; 7] =
    ["content-type", "date", "etag", "last-modified", "location", "retry-after", "x-request-id"];

/// Most statuses of `expect`.
const MAX_EXPECTED: u64 = 20;

/// Both actions.
pub(crate) fn specs() -> [ActionSpec; 2] {
    [get(), request()]
}

fn get() -> ActionSpec {
    ActionSpec {
        name: name(GET),
        summary: "Ask any service over HTTP",
        arguments: aimed(Schema::object()),
        output: output(),
        effect: Effect::Read,
        completion: Completion::Immediate,
        priority: Priority::Enrichment,
        device: None,
        inverse: None,
        permissions: Permissions::default(),
        rate_limit: RateLimit::default(),
        default_timeout: Duration::from_secs(60),
        docs: "",
    }
}

/// Nobody knows what a foreign service does when it is asked twice, so nothing is: the effect is `once`.
fn request() -> ActionSpec {
    let methods = Schema::choice(["POST", "PUT", "PATCH", "DELETE"]);
    let method = Property { schema: methods, required: false, default: Some(json!("POST")) };
    ActionSpec {
        name: name(REQUEST),
        summary: "Have any service do something over HTTP",
        arguments: aimed(Schema::object().with_property("method", method))
            .optional("json", Schema::any().described("the body, as JSON"))
            .optional(
                "form",
                Schema::open_object()
                    .described("the body, as a form: names and plain values, or lists of them"),
            ),
        effect: Effect::Once,
        // It may be what blocks an address on a firewall.
        priority: Priority::Containment,
        ..get()
    }
}

fn name(text: &str) -> ActionName {
    ActionName::parse(text).expect("the catalogue's names follow their rule")
}

/// What both take.
fn aimed(arguments: Schema) -> Schema {
    let mut statuses = Schema::array(status()).described("statuses that are a success; 200 to 299 if absent");
    if let Type::Array { min_items, max_items, .. } = &mut statuses.kind {
        (*min_items, *max_items) = (Some(1), Some(MAX_EXPECTED));
    }
    arguments
        .required("url", Schema::string().described("https, and a host of the connection's `allow_hosts`"))
        .optional(
            "query",
            Schema::open_object()
                .described("added to `url`, encoded: names and plain values, or lists of them"),
        )
        .optional(
            "headers",
            Schema::open_object()
                .described("names and values; no secrets: those are in the connection's `auth`"),
        )
        .optional("expect", statuses)
}

fn status() -> Schema {
    let mut status = Schema::integer();
    if let Type::Integer { minimum, maximum } = &mut status.kind {
        (*minimum, *maximum) = (Some(200), Some(599));
    }
    status
}

fn output() -> Schema {
    let headers =
        KEPT_HEADERS.iter().fold(Schema::object(), |headers, name| headers.optional(name, Schema::string()));
    Schema::object()
        .required("status", Schema::integer().described("the HTTP status"))
        .required("headers", headers.described("a few of the answer's headers, in lower case"))
        .required("body", Schema::any().described("JSON as its value, text as text, nothing as null"))
        .optional("left_out", Schema::string().described("why there is no body, where there was one"))
}
