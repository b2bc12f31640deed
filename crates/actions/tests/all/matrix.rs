//! Every action on Defender, from a playbook's step to the tenant and back, and every way in which a tenant fails it.
//!
//! What holds whatever the fault: nothing is done twice, nothing else is done, a success has done all of it, and a failure
//! that says that nothing was done is right.

use crate::stage::{CATALOGUE, DEVICE, Stage};
use riposte_engine::{Run, RunStatus};
use riposte_model::{Effect, ErrorKind};
use riposte_tenant::{Config, Entry, Fault, FaultKind, FaultSyntax, HuntingAnswer, Operation};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// One action as a step, in a tenant where it has something to do.
struct Case {
    action: &'static str,
    /// Its arguments, as YAML. `{id}` is what the last step before has made, `{address}` that of the device it read.
    with: &'static str,
    /// The steps before, as actions with their arguments.
    before: &'static [(&'static str, &'static str)],
    /// What it does to the tenant.
    does: &'static [&'static str],
    /// How long it may take: what cannot be established is looked for until then.
    timeout: &'static str,
}

/// A question that needs nothing.
const fn asks(action: &'static str, with: &'static str) -> Case {
    Case { action, with, before: &[], does: &[], timeout: "1m" }
}

/// An action that changes one thing, and needs nothing.
const fn acts(action: &'static str, with: &'static str, does: &'static [&'static str]) -> Case {
    Case { action, with, before: &[], does, timeout: "1m" }
}

const ON_DEVICE: &str = "machine_id: {device}, comment: test";
const ISOLATED: (&str, &str) = ("isolate_machine", ON_DEVICE);
const PACKAGE: (&str, &str) = ("collect_investigation_package", ON_DEVICE);
const INDICATOR: &str = "indicator_value: {sha1}, indicator_type: FileSha1, action: Audit, title: t, description: d, generate_alert: true";
const SCRIPT: &str = "machine_id: {device}, comment: test, run_scripts: [{ script_name: script.sh }]";

const CASES: &[Case] = &[
    acts("isolate_machine", ON_DEVICE, &["isolate"]),
    Case { before: &[ISOLATED], ..acts("unisolate_machine", ON_DEVICE, &["unisolate"]) },
    acts("restrict_code_execution", ON_DEVICE, &["restrictCodeExecution"]),
    Case {
        before: &[("restrict_code_execution", ON_DEVICE)],
        ..acts("unrestrict_code_execution", ON_DEVICE, &["unrestrictCodeExecution"])
    },
    acts(
        "stop_and_quarantine_file",
        "machine_id: {device}, comment: test, sha1: {sha1}",
        &["StopAndQuarantineFile"],
    ),
    acts(
        "run_antivirus_scan",
        "machine_id: {device}, comment: test, scan_type: Quick",
        &["runAntiVirusScan"],
    ),
    acts("collect_investigation_package", ON_DEVICE, &["collectInvestigationPackage"]),
    Case { before: &[PACKAGE], ..asks("get_package_sas_uri", "action_id: {id}") },
    Case { before: &[PACKAGE], ..asks("download_investigation_package", "action_id: {id}") },
    Case { before: &[ISOLATED], ..asks("get_machine_action", "action_id: {id}") },
    asks("list_machine_actions", "machine_id: {device}"),
    Case {
        before: &[PENDING],
        ..acts("cancel_machine_action", "action_id: {id}, comment: test", &["cancel"])
    },
    Case { timeout: "10s", ..acts("start_investigation", ON_DEVICE, &["startInvestigation"]) },
    Case {
        before: &[("start_investigation", ON_DEVICE)],
        ..asks("get_investigation", "investigation_id: '{id}'")
    },
    asks("list_investigations", "machine_id: {device}"),
    acts("offboard_machine", ON_DEVICE, &["offboard"]),
    acts("run_live_response", SCRIPT, &["runliveresponse"]),
    Case {
        before: &[("run_live_response", SCRIPT)],
        ..asks("get_live_response_result", "action_id: {id}, index: 0")
    },
    Case {
        before: &[("run_live_response", SCRIPT)],
        ..asks("download_live_response_result", "action_id: {id}, index: 0")
    },
    asks("list_library_files", ""),
    acts("upload_library_file", "file_name: new.sh, content: 'echo hello'", &["uploadLibraryFile"]),
    acts("delete_library_file", "file_name: script.sh", &["deleteLibraryFile"]),
    acts("request_sample", "machine_id: {device}, comment: test, path: 'C:\\a.exe'", &["runliveresponse"]),
    Case {
        before: &[("stop_and_quarantine_file", "machine_id: {device}, comment: test, sha1: {sha1}")],
        ..asks("get_file_machine_action", "action_id: {id}")
    },
    asks("list_file_machine_actions", ""),
    asks("get_machine", "machine_id: {device}"),
    acts("create_indicator", INDICATOR, &["createIndicator"]),
    Case {
        before: &[("create_indicator", INDICATOR)],
        ..acts("delete_indicator", "indicator_id: '{id}'", &["deleteIndicator"])
    },
    asks("list_indicators", ""),
    acts(
        "import_indicators",
        "indicators: [{ indicator_value: {sha1}, indicator_type: FileSha1, action: Allowed, title: t, description: d }]",
        &["importIndicators"],
    ),
    Case {
        before: &[("create_indicator", INDICATOR)],
        ..acts("batch_delete_indicators", "indicator_ids: ['{id}']", &["deleteIndicator"])
    },
    acts("block_file", "file_hash: {sha1}, comment: test", &["createIndicator"]),
    Case {
        before: &[("block_file", "file_hash: {sha1}, comment: test")],
        ..acts("unblock_file", "file_hash: {sha1}", &["deleteIndicator"])
    },
    asks("get_alert", "alert_id: {alert}"),
    asks("list_alerts", ""),
    acts("update_alert", "alert_id: {alert}, status: Resolved", &["updateAlert"]),
    asks("get_alert_files", "alert_id: {alert}"),
    asks("get_alert_ips", "alert_id: {alert}"),
    asks("get_alert_domains", "alert_id: {alert}"),
    asks("get_alert_machine", "alert_id: {alert}"),
    asks("get_alert_user", "alert_id: {alert}"),
    asks("list_machines", ""),
    asks("find_machines_by_ip", "ip_address: 10.0.0.1, timestamp: '${{ run.started_at }}'"),
    Case {
        before: &[("get_machine", "machine_id: {device}")],
        ..asks("find_machine_info_by_ip", "ip_address: '{address}', timestamp: '${{ run.started_at }}'")
    },
    asks("find_machines_by_tag", "tag: x"),
    asks("get_machine_logon_users", "machine_id: {device}"),
    asks("get_machine_alerts", "machine_id: {device}"),
    acts("add_machine_tag", "machine_id: {device}, tag: x", &["addTag"]),
    Case {
        before: &[("add_machine_tag", "machine_id: {device}, tag: x")],
        ..acts("remove_machine_tag", "machine_id: {device}, tag: x", &["removeTag"])
    },
    acts("set_device_value", "machine_id: {device}, device_value: High", &["setDeviceValue"]),
    asks("run_advanced_query", "query: DeviceInfo"),
    asks("get_file", "file_hash: {sha1}"),
    asks("get_file_machines", "sha1: {sha1}"),
    asks("get_file_alerts", "sha1: {sha1}"),
    asks("get_file_statistics", "file_hash: {sha1}"),
    asks("get_domain_alerts", "domain: www.example.net"),
    asks("get_domain_machines", "domain: www.example.net"),
    asks("get_domain_statistics", "domain: www.example.net"),
    asks("get_ip_alerts", "ip_address: 198.51.100.23"),
    asks("get_ip_statistics", "ip_address: 198.51.100.23"),
    asks("get_user_alerts", "user_name: user1"),
    asks("get_user_machines", "user_name: user1"),
    asks("list_file_actions", ""),
    acts("add_machine_tag_multiple", "machine_ids: [{device}], tag: x", &["addTag"]),
    Case {
        before: &[("add_machine_tag", "machine_id: {device}, tag: x")],
        ..acts("remove_machine_tag_multiple", "machine_ids: [{device}], tag: x", &["removeTag"])
    },
    acts("update_machine", "machine_id: {device}, device_value: High", &["updateMachine"]),
    Case {
        timeout: "10s",
        ..acts(
            "create_alert_by_reference",
            "machine_id: {device}, event_time: '2026-11-20T10:00:00.1234567Z', report_id: '1', severity: Low, title: t, description: d, recommended_action: r, category: General",
            &["CreateAlertByReference"],
        )
    },
    acts("batch_update_alerts", "alert_ids: [{alert}], status: Resolved", &["updateAlert"]),
];

/// Of a device that is off, so that it waits.
const PENDING: (&str, &str) = ("isolate_machine", "machine_id: {off}, comment: test");

/// How a request fails, and whether its effect comes about all the same.
const FAULTS: [&str; 18] = [
    "429",
    "429-0s",
    "429-date",
    "429-none",
    "500",
    "503",
    "500-after",
    "503-after",
    "drop",
    "drop-after",
    "401",
    "expired-token",
    "malformed",
    "malformed-html",
    "malformed-empty",
    "malformed-types",
    "malformed-cut",
    STALE,
];

/// A list as it was before anything happened.
const STALE: &str = "stale-1h";

/// A lag that is shorter than the one that the connection allows for, of every list.
const LAGGING: &str = "*=stale-40ms:1000";

fn filled(text: &str, id: &str, address: &str) -> String {
    let names = [
        ("{device}", DEVICE),
        ("{off}", "b492328ece5da18082a21d46b36bff27e0466a92"),
        ("{sha1}", "8563f95b2f8a284fc99da44500cd51a77c1ff36c"),
        ("{alert}", "da637472900382838869_1364969609"),
        ("{id}", id),
        ("{address}", address),
    ];
    names.into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// What came of one case.
struct Outcome {
    run: Run,
    /// The requests of its step, without those for a token.
    requests: Vec<Entry>,
    /// What its step did to the tenant.
    did: Vec<&'static str>,
}

impl Case {
    /// Plays it in a tenant of its own, with these faults waiting for its step.
    async fn play(&self, faults: &[&str]) -> Outcome {
        let hunt = HuntingAnswer { query: "DeviceInfo".into(), columns: Vec::new(), results: Vec::new() };
        let stage = Stage::with(|config: &mut Config| config.queries = vec![hunt]).await;
        let mut last = Value::Null;
        for (action, with) in self.before {
            let stays = if with.contains("{off}") { ", await: accepted" } else { "" };
            last = stage
                .output(&format!(
                    "  - {{ id: last, action: defender.{action}, with: {{ {} }}{stays} }}\n",
                    filled(with, "", "")
                ))
                .await;
        }
        let (seen, done) = (stage.tenant.log().len(), stage.tenant.effects().len());
        let id = stage.tenant.effects().last().map(|effect| effect.action.clone()).unwrap_or_default();
        for fault in faults {
            stage.tenant.inject(fault.parse().unwrap());
        }
        let spec = CATALOGUE.get(&format!("defender.{}", self.action)).unwrap();
        // So that nothing waits for a second attempt.
        let step = format!(
            "  - {{ id: last, action: {}, with: {{ {} }}, timeout: {}, retry: {{ attempts: 1 }} }}\n",
            spec.name,
            filled(self.with, &id, last["lastIpAddress"].as_str().unwrap_or_default()),
            self.timeout
        );
        let run = stage.play(&step).await;
        let mut requests = stage.tenant.log().split_off(seen);
        requests.retain(|entry| entry.operation != Operation::Token);
        let did = stage.tenant.effects().split_off(done).iter().map(|effect| effect.kind.as_str()).collect();
        Outcome { run, requests, did }
    }

    fn effect(&self) -> Effect {
        CATALOGUE.get(&format!("defender.{}", self.action)).unwrap().effect
    }
}

/// What is not as it has to be after a fault of `operation`.
fn wrong(
    case: &Case,
    operation: Operation,
    fault: &str,
    clean: &Outcome,
    outcome: &Outcome,
) -> Option<String> {
    let failure = outcome.run.finished().and_then(|finished| finished.failure.clone());
    let kind = failure.as_ref().map(|failure| failure.kind);
    let said = failure.map_or_else(String::new, |failure| failure.to_string());
    let say = |what: String| Some(format!("{} {operation}={fault}: {what}; {said}", case.action));
    let struck = outcome.requests.iter().filter(|entry| entry.fault.is_some()).count();
    // Of some operations one can ask for a list and for one thing, and only lists lag behind.
    if struck != 1 && (fault != STALE || struck > 1) {
        return say(format!("the fault struck {struck} requests"));
    }
    let acting = |entry: &&Entry| entry.effect.is_some() || entry.operation == acting_operation(clean);
    let sent = outcome.requests.iter().filter(acting).count();
    let before = clean.requests.iter().filter(acting).count();
    let is_renewed = matches!(fault, "401" | "expired-token");
    let renewed = usize::from(is_renewed);
    if case.effect() == Effect::Once && sent > before + renewed {
        return say(format!("its request was sent {sent} times"));
    }
    if outcome.did.len() > case.does.len() || outcome.did.iter().any(|did| !case.does.contains(did)) {
        return say(format!("it did {:?}", outcome.did));
    }
    match kind {
        // It saw no block, as it says in its output.
        None if fault == STALE && case.action == "unblock_file" && outcome.did.is_empty() => None,
        None if outcome.did != case.does => say(format!("it succeeded, and did {:?}", outcome.did)),
        None => None,
        // A new token is asked for, and the request sent again.
        Some(_) if is_renewed => say("it failed for want of a token".into()),
        Some(kind) if !outcome.did.is_empty() && kind != ErrorKind::UnknownOutcome => {
            say(format!("it did {:?}, and failed as {kind}", outcome.did))
        }
        Some(kind) => {
            let may: &[ErrorKind] = match fault {
                _ if fault.starts_with("429") => &[ErrorKind::Throttled],
                _ if case.effect() == Effect::Read => &[ErrorKind::Unavailable],
                _ => &[ErrorKind::Unavailable, ErrorKind::UnknownOutcome],
            };
            if may.contains(&kind) { None } else { say(format!("it failed as {kind}")) }
        }
    }
}

/// What is not as it has to be after an answer was lost and the list, in which the action is looked for, lags behind.
fn lost_behind_a_lag(case: &Case, clean: &Outcome, outcome: &Outcome) -> Option<String> {
    let failure = outcome.run.finished().and_then(|finished| finished.failure.clone());
    let acting = acting_operation(clean);
    let sent = |of: &Outcome| of.requests.iter().filter(|entry| entry.operation == acting).count();
    let faults = outcome.requests.iter().filter_map(|entry| entry.fault.as_ref());
    let has_lagged = faults.filter(|fault| matches!(fault.kind, FaultKind::Stale(_))).count() > 0;
    let is_right = match failure.as_ref().map(|failure| failure.kind) {
        // What was cancelled is looked at by its id.
        None => outcome.did == case.does && (has_lagged || case.action == "cancel_machine_action"),
        Some(kind) => kind == ErrorKind::UnknownOutcome && outcome.did == case.does,
    };
    (!is_right || sent(outcome) > sent(clean)).then(|| {
        let (did, sent) = (&outcome.did, sent(outcome));
        format!("{} lost behind a lag: it did {did:?} with {sent} requests; {failure:?}", case.action)
    })
}

/// The operation that the step is about: the one that did something, else the first that was asked.
fn acting_operation(clean: &Outcome) -> Operation {
    let acting = clean.requests.iter().find(|entry| entry.effect.is_some());
    acting.or(clean.requests.first()).unwrap().operation
}

#[test]
fn every_action_on_defender_has_a_case() {
    let tried: BTreeSet<String> = CASES.iter().map(|case| format!("defender.{}", case.action)).collect();
    // What speaks to other services has tests and faults of its own, in `http`.
    let known: BTreeSet<String> = CATALOGUE
        .iter()
        .filter(|spec| spec.name.connection() == "defender")
        .map(|spec| spec.name.as_str().to_owned())
        .collect();
    assert_eq!(tried, known);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_does_what_it_says_and_is_right_about_it_after_every_fault() {
    let room = Arc::new(Semaphore::new(8));
    let mut tasks = JoinSet::new();
    for case in CASES {
        let room = Arc::clone(&room);
        tasks.spawn(async move {
            let _place = room.acquire().await.unwrap();
            let clean = case.play(&[]).await;
            let mut found = Vec::new();
            if clean.run.status() != RunStatus::Succeeded || clean.did != case.does {
                let failure = clean.run.finished().and_then(|finished| finished.failure.clone());
                return vec![format!("{} without a fault did {:?}: {failure:?}", case.action, clean.did)];
            }
            let operations: BTreeSet<&str> =
                clean.requests.iter().map(|entry| entry.operation.as_str()).collect();
            for name in operations {
                let operation =
                    clean.requests.iter().find(|entry| entry.operation.as_str() == name).unwrap().operation;
                for fault in FAULTS {
                    let text = format!("{name}={fault}");
                    match text.parse::<Fault>() {
                        // A list can only lag where there is one, and a token expire where one is sent.
                        Err(FaultSyntax::Misplaced { .. }) => {
                            assert!([STALE, "expired-token"].contains(&fault), "{text}");
                        }
                        Err(error) => panic!("{text}: {error}"),
                        Ok(_) => {
                            let outcome = case.play(&[&text]).await;
                            found.extend(wrong(case, operation, fault, &clean, &outcome));
                        }
                    }
                }
            }
            if case.effect() == Effect::Once {
                let lost = format!("{}=drop-after", acting_operation(&clean));
                let outcome = case.play(&[&lost, LAGGING]).await;
                found.extend(lost_behind_a_lag(case, &clean, &outcome));
            }
            found
        });
    }
    let mut found = tasks.join_all().await.concat();
    found.sort();
    assert!(found.is_empty(), "{} are wrong\n{}", found.len(), found.join("\n"));
}
