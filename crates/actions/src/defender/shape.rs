//! What arguments and outputs of several actions have in common.

use crate::defender::Arguments;
use riposte_defender::{Class, Limit, Operation};
use riposte_model::{
    ActionName, ActionSpec, Completion, Effect, Format, Pattern, Permissions, Priority, Property, RateLimit,
    Schema, Type,
};
use serde_json::Value;
use std::time::Duration;

/// A step's whole duration by default: what runs on a device.
const ON_DEVICE: Duration = Duration::from_secs(3600);

/// A step's whole duration by default: a question.
pub(super) const QUESTION: Duration = Duration::from_secs(60);

/// Most characters of a comment. Defender documents no limit; this one is ours, so that a runaway template is found.
const MAX_COMMENT: u64 = 4000;

/// What most actions on one device have in common; each says the rest of itself.
pub(super) fn on_device() -> ActionSpec {
    ActionSpec {
        name: name("unnamed"),
        summary: "",
        arguments: Schema::object().required("machine_id", machine_id()).required("comment", comment()),
        output: machine_action(),
        effect: Effect::Once,
        completion: Completion::Followed,
        priority: Priority::Collection,
        device: Some("machine_id"),
        inverse: None,
        permissions: Permissions::default(),
        rate_limit: limit(Class::General),
        default_timeout: ON_DEVICE,
        docs: "",
    }
}

/// What most questions have in common; each says the rest of itself.
pub(super) fn question() -> ActionSpec {
    ActionSpec {
        arguments: Schema::object(),
        effect: Effect::Read,
        completion: Completion::Immediate,
        priority: Priority::Enrichment,
        device: None,
        permissions: Permissions {
            application: &["Machine.Read.All", "Machine.ReadWrite.All"],
            delegated: &["Machine.Read", "Machine.ReadWrite"],
        },
        default_timeout: QUESTION,
        ..on_device()
    }
}

/// What actions have in common that change something with their answer and must not be made twice; each says the rest
/// of itself.
pub(super) fn at_once() -> ActionSpec {
    ActionSpec {
        arguments: Schema::object(),
        completion: Completion::Immediate,
        device: None,
        // A lost answer is looked for until the visibility delay, a minute by default, is well over.
        default_timeout: QUESTION * 5,
        ..on_device()
    }
}

/// The limit of an action that is this operation.
pub(super) fn limit_of<O: Operation>() -> RateLimit {
    limit(O::CLASS)
}

fn limit(class: Class) -> RateLimit {
    let Limit { per_minute, per_hour } = class.limit();
    RateLimit { class: Some(class.name()), per_minute, per_hour }
}

/// A name of the catalogue.
pub(super) fn name(operation: &str) -> ActionName {
    ActionName::parse(&format!("defender.{operation}")).expect("the catalogue's names follow their rule")
}

/// A text of this pattern.
pub(super) fn like(pattern: &str) -> Schema {
    Schema::matching(Pattern::parse(pattern).expect("the catalogue's patterns are valid"))
}

/// A device's id. Defender also takes computer names here; a response must not hit another device that was given the
/// name, so only ids are taken for what acts.
pub(super) fn machine_id() -> Schema {
    like("^[0-9a-f]{40}$").described("Defender's device id: 40 lower-case hexadecimal digits")
}

/// The id of a machine action.
pub(super) fn action_id() -> Schema {
    Schema::formatted(Format::Uuid).described("id of a machine action, as `steps.<id>.output.id` gives it")
}

/// The comment that Defender keeps with an action.
pub(super) fn comment() -> Schema {
    let mut schema = Schema::string().described("why, for the action's record; riposte adds its marker");
    if let Type::String { min_length, max_length, .. } = &mut schema.kind {
        *min_length = Some(1);
        *max_length = Some(MAX_COMMENT);
    }
    schema
}

/// What a machine action looks like (resource type `MachineAction`).
pub(super) fn machine_action() -> Schema {
    let time = || Schema::string().or_null();
    Schema::object()
        .required("id", Schema::string())
        .required("type", Schema::string())
        .optional("scope", Schema::string().or_null())
        .optional("requestor", Schema::string().or_null())
        .optional("requestorComment", Schema::string().or_null())
        .required(
            "status",
            Schema::choice(["Pending", "InProgress", "Succeeded", "Failed", "TimeOut", "Cancelled"]),
        )
        .optional("machineId", Schema::string().or_null())
        .optional("computerDnsName", Schema::string().or_null())
        .optional("creationDateTimeUtc", time())
        .optional("lastUpdateDateTimeUtc", time())
        .optional("cancellationRequestor", Schema::string().or_null())
        .optional("cancellationComment", Schema::string().or_null())
        .optional("cancellationDateTimeUtc", time())
        .optional("externalID", Schema::string().or_null())
        .optional("requestSource", Schema::string().or_null())
        .optional("title", Schema::string().or_null())
        .optional("errorHResult", Schema::integer().or_null())
        .optional(
            "relatedFileInfo",
            Schema::object()
                .optional("fileIdentifier", Schema::string())
                .optional("fileIdentifierType", Schema::choice(["Sha1", "Sha256", "Md5"]))
                .or_null(),
        )
        .optional("commands", Schema::array(command()).or_null())
}

/// What a command of a live response session looks like (resource type `LiveResponseCommandResult`).
fn command() -> Schema {
    let param = Schema::object()
        .required("key", Schema::choice(["FileName", "ScriptName", "Args", "Path"]))
        .optional("value", Schema::string().or_null());
    let asked = Schema::object()
        .required("type", Schema::choice(["PutFile", "RunScript", "GetFile"]))
        .required("params", Schema::array(param));
    Schema::object()
        .required("index", Schema::integer())
        .optional("startTime", Schema::string().or_null())
        .optional("endTime", Schema::string().or_null())
        .required("commandStatus", Schema::choice(["Created", "Completed", "Failed"]))
        .required("errors", Schema::array(Schema::string()))
        .required("command", asked)
}

/// A property with a default.
pub(super) fn defaulting(schema: Schema, default: Value) -> Property {
    Property { schema, required: false, default: Some(default) }
}

/// A text argument; empty if it is not there, which its schema has excluded where that matters.
pub(super) fn text(arguments: &Arguments, name: &str) -> String {
    optional_text(arguments, name).unwrap_or_default().to_owned()
}

/// A text argument that may be absent.
pub(super) fn optional_text<'a>(arguments: &'a Arguments, name: &str) -> Option<&'a str> {
    arguments.get(name).and_then(Value::as_str)
}

/// An answer without the OData annotations, which say nothing of the thing itself.
pub(super) fn without_annotations(mut answer: Value) -> Value {
    if let Value::Object(map) = &mut answer {
        map.retain(|key, _| !key.starts_with("@odata."));
    }
    answer
}
