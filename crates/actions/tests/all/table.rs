//! `docs/actions.md`, made of the catalogue.

use riposte_actions::catalogue;
use riposte_model::{ActionSpec, Completion};
use std::fmt::Write as _;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/actions.md");

const HEAD: &str = "# Actions

What a step can call, made of the catalogue that `riposte actions` shows, the check reads and the connector serves; a test
holds the two together. `riposte actions NAME` shows one in full: arguments, output, permissions of a signed-in user.

Every one of those on Defender is run end to end by the tests, from a playbook's step over real HTTP to the simulated tenant,
once as it should go and once after each way in which a request fails: 429 with seconds, with a date and without either, 500
and 503 before and after the effect, a connection that breaks before and after it, a token that is refused or has expired, an
answer that is cut off, empty, a page in HTML or of other types, and a list that lags behind. Nothing is then done twice, a
success has done all of it, and no failure says that nothing was done when something was.

**Effect**: `read` changes nothing at Defender; `idempotent` may be repeated, and is; `once` is never sent again while an
earlier call may have been carried out. **Ends**: `answered` with Defender's answer, `on disk` when a file is whole and on
disk, `final` when the machine action that it opens has a final status. **Limits** are Microsoft's, for each tenant.

Those that are `once` and take a `machine_id` wait for each other on their device, whichever runs they are in: the next one
leaves when the one before it has ended. What stops harm (isolation, release, restriction, quarantine: `priority containment`)
waits only for its like, so that no isolation stands behind a full scan.

Some operations are retired or were never in the current API. They take today's road:

- `block_file` and `unblock_file` create and delete an indicator of the file's hash.
- `list_file_actions` lists the indicators that block files.
- `request_sample` is a live response session that gets one file, by its path.
- A sample is what `download_live_response_result` downloads of such a session.
- `get_file_machine_action` and `list_file_machine_actions` show the machine actions that concern a file.

";

fn limits(spec: &ActionSpec) -> String {
    let minute = spec.rate_limit.per_minute.map(|calls| format!("{calls}/min"));
    let hour = spec.rate_limit.per_hour.map(|calls| format!("{calls}/h"));
    [minute, hour].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

const ON_OTHERS: &str = "
## On other services

What nobody has written an action for is called over HTTP, within what the connection `http` allows:
[docs/playbooks.md](playbooks.md#other-services). Nobody can look up what became of an `http.request` whose answer was lost,
so it then fails as `unknown_outcome`, and is never sent again. Both are run end to end by the tests, against a service that
answers, refuses, redirects, breaks off and cannot be reached.

| action | does | effect | ends |
|---|---|---|---|
";

fn document() -> String {
    let mut text = HEAD.to_owned();
    text.push_str(
        "| action | does | effect | ends | taken back by | permissions of the application | limits |\n",
    );
    text.push_str("|---|---|---|---|---|---|---|\n");
    let catalogue = catalogue();
    let (on_defender, on_others): (Vec<_>, Vec<_>) =
        catalogue.iter().partition(|spec| spec.name.connection() == "defender");
    for spec in on_defender {
        let name = match spec.docs {
            "" => format!("`{}`", spec.name),
            docs => format!("[`{}`]({docs})", spec.name),
        };
        let ends = match spec.completion {
            Completion::Immediate => "answered",
            Completion::Fetched => "on disk",
            Completion::Followed => "final",
        };
        let inverse = spec
            .inverse
            .as_ref()
            .map_or_else(String::new, |name| format!("`{}`", name.as_str().trim_start_matches("defender.")));
        let permissions = spec.permissions.application.join(", ");
        let summary = spec.summary.replace('|', "\\|");
        let _ = writeln!(
            text,
            "| {name} | {summary} | {} | {ends} | {inverse} | {permissions} | {} |",
            spec.effect.as_str(),
            limits(spec)
        );
    }
    text.push_str(ON_OTHERS);
    for spec in on_others {
        let effect = spec.effect.as_str();
        let _ = writeln!(text, "| `{}` | {} | {effect} | answered |", spec.name, spec.summary);
    }
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the one switch of this test")]
fn the_document_is_the_catalogue() {
    let wanted = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(DOCUMENT, &wanted).unwrap();
    }
    let given = std::fs::read_to_string(DOCUMENT).unwrap_or_default();
    assert_eq!(given, wanted, "write it anew: UPDATE_DOCS=1 cargo test -p riposte-actions table");
}

/// The operations of Microsoft's documentation, in its order. Each has an action of the same name.
const OPERATIONS: &[&str] = &[
    "collect_investigation_package",
    "isolate_machine",
    "unisolate_machine",
    "restrict_code_execution",
    "unrestrict_code_execution",
    "run_antivirus_scan",
    "stop_and_quarantine_file",
    "offboard_machine",
    "get_package_sas_uri",
    "get_machine_action",
    "list_machine_actions",
    "cancel_machine_action",
    "run_live_response",
    "get_live_response_result",
    "list_library_files",
    "upload_library_file",
    "delete_library_file",
    "start_investigation",
    "list_investigations",
    "get_investigation",
    "request_sample",
    "block_file",
    "unblock_file",
    "list_file_actions",
    "get_file_machine_action",
    "list_file_machine_actions",
    "list_indicators",
    "create_indicator",
    "import_indicators",
    "delete_indicator",
    "batch_delete_indicators",
    "list_machines",
    "get_machine",
    "find_machines_by_ip",
    "find_machines_by_tag",
    "get_machine_logon_users",
    "get_machine_alerts",
    "add_machine_tag",
    "remove_machine_tag",
    "add_machine_tag_multiple",
    "remove_machine_tag_multiple",
    "set_device_value",
    "update_machine",
    "list_alerts",
    "get_alert",
    "create_alert_by_reference",
    "update_alert",
    "batch_update_alerts",
    "get_alert_domains",
    "get_alert_files",
    "get_alert_ips",
    "get_alert_machine",
    "get_alert_user",
    "get_file",
    "get_file_machines",
    "get_file_alerts",
    "get_file_statistics",
    "get_domain_alerts",
    "get_domain_machines",
    "get_domain_statistics",
    "get_ip_alerts",
    "get_ip_statistics",
    "get_user_alerts",
    "get_user_machines",
    "run_advanced_query",
    "find_machine_info_by_ip",
];

/// Actions beyond the operations: they use the links that two of those give.
const BEYOND: &[&str] = &["download_investigation_package", "download_live_response_result"];

#[test]
fn every_documented_operation_has_an_action_and_every_action_is_one() {
    let catalogue = catalogue();
    let mut known: Vec<&str> =
        catalogue.iter().filter_map(|spec| spec.name.as_str().strip_prefix("defender.")).collect();
    let mut documented = [OPERATIONS, BEYOND].concat();
    known.sort_unstable();
    documented.sort_unstable();
    assert_eq!(known, documented);
}
