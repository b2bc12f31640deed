//! A few actions to write playbooks with.

use riposte_model::{
    ActionName, ActionSpec, Catalogue, Completion, Effect, Pattern, Permissions, Priority, RateLimit, Schema,
};
use std::time::Duration;

pub(crate) fn catalogue() -> Catalogue {
    let machine_id = || Schema::matching(Pattern::parse("^[0-9a-f]{40}$").unwrap());
    let machine = Schema::object()
        .required("id", Schema::string())
        .required("healthStatus", Schema::choice(["Active", "Inactive"]))
        .required("riskScore", Schema::string())
        .required("lastSeenDays", Schema::integer())
        .required("tags", Schema::array(Schema::string()));
    let machine_action = Schema::object()
        .required("id", Schema::string())
        .required("status", Schema::choice(["Pending", "Succeeded", "Failed"]));
    [
        spec(
            "defender.get_machine",
            Completion::Immediate,
            arguments().required("machine_id", machine_id()),
            machine,
        ),
        spec(
            "defender.isolate_machine",
            Completion::Followed,
            arguments()
                .required("machine_id", machine_id())
                .required("comment", Schema::string())
                .required("isolation_type", Schema::choice(["Full", "Selective"])),
            machine_action.clone(),
        ),
        spec(
            "defender.tag_machine",
            Completion::Immediate,
            arguments()
                .required("machine_id", machine_id())
                .optional("tags", Schema::array(Schema::string()))
                .optional("days", Schema::integer())
                .optional(
                    "owner",
                    Schema::object().required("name", Schema::string()).optional("team", Schema::string()),
                ),
            machine_action,
        ),
        spec(
            "http.request",
            Completion::Immediate,
            arguments().required("url", Schema::string()).optional("json", Schema::any()),
            Schema::any(),
        ),
    ]
    .into_iter()
    .collect()
}

fn arguments() -> Schema {
    Schema::object()
}

fn spec(name: &str, completion: Completion, arguments: Schema, output: Schema) -> ActionSpec {
    ActionSpec {
        name: ActionName::parse(name).unwrap(),
        summary: "For tests.",
        arguments,
        output,
        effect: Effect::Once,
        completion,
        priority: Priority::Containment,
        device: None,
        inverse: None,
        permissions: Permissions::default(),
        rate_limit: RateLimit::default(),
        default_timeout: Duration::from_secs(3600),
        docs: "",
    }
}
