//! Each operation against its documented example: what is sent, and what the documented answer becomes.
//!
//! The examples come from the operations' pages below
//! <https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-list>; each operation links its own.

use riposte_defender::{
    ActionKind, ActionStatus, CollectInvestigationPackage, Filter, GetMachine, GetMachineAction,
    GetPackageUri, HealthStatus, Isolate, IsolationType, ListMachineActions, MachineAction,
    MachineActionField, Operation, RelatedFileInfo, RiskScore, RunAntivirusScan, ScanType, Timestamp,
    Unisolate,
};
use serde_json::Value;

use crate::server::{PATIENCE, Server, authority, client, json_response};

const MACHINE: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
const OTHER_MACHINE: &str = "f46b9bb259ed4a7fb9981b73510e3cc7aa81ec1f";

macro_rules! example {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../examples/", $name, ".json")))
            .expect("an example")
    };
}
pub(crate) use example;

/// Sends an operation to a server that gives the documented answer, and compares what arrived with the documented request.
pub(crate) async fn check<O: Operation>(operation: &O, example: &Value) -> O::Answer {
    let documented = example["response"].clone();
    let status =
        documented["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
    let api = Server::start(move |_, _| json_response(status, &documented["body"])).await;
    let authority = authority().await;
    let answer = client(&api, &authority).send(operation, PATIENCE).await.expect("the documented answer");

    let seen = api.seen();
    assert_eq!(seen.len(), 1);
    let request = &example["request"];
    let target = request["path"].as_str().expect("a path");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!(Some(seen[0].method.as_str()), request["method"].as_str());
    assert_eq!(seen[0].path, path);
    assert_eq!(seen[0].query, query);
    assert_eq!(seen[0].json().unwrap_or_default(), request["body"]);
    let has_body = !request["body"].is_null();
    assert_eq!(seen[0].header("content-type"), has_body.then_some("application/json"));
    assert_eq!(seen[0].header("authorization"), Some("Bearer token-0"));
    let agent = format!("riposte/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(seen[0].header("user-agent"), Some(agent.as_str()));
    answer
}

pub(crate) fn check_action(
    action: &MachineAction,
    example: &Value,
    kind: &ActionKind,
    status: &ActionStatus,
) {
    let body = &example["response"]["body"];
    assert_eq!((&action.kind, &action.status), (kind, status));
    assert_eq!(Some(action.id.as_str()), body["id"].as_str());
    assert_eq!(action.machine_id.as_deref(), body["machineId"].as_str());
    assert_eq!(action.requestor.as_deref(), body["requestor"].as_str());
    assert_eq!(action.requestor_comment.as_deref(), body["requestorComment"].as_str());
    assert_eq!(action.scope.as_deref(), body["scope"].as_str());
    assert!(action.creation_date_time_utc.as_ref().and_then(Timestamp::moment).is_some());
    assert!(action.last_update_date_time_utc.as_ref().and_then(Timestamp::moment).is_some());
    assert!(action.other.is_empty(), "{:?}", action.other);
    assert_eq!(&action.raw, body);
}

#[tokio::test]
async fn get_machine_is_as_documented() {
    let machine = check(&GetMachine { machine_id: MACHINE.into() }, &example!("get_machine")).await;
    assert_eq!(machine.id, MACHINE);
    assert_eq!(machine.computer_dns_name.as_deref(), Some("mymachine1.contoso.com"));
    assert_eq!(machine.health_status, HealthStatus::Active);
    assert_eq!(machine.risk_score, RiskScore::Low);
    assert_eq!(machine.os_build, Some(18_209));
    assert_eq!(machine.rbac_group_id.as_deref(), Some("140"));
    assert_eq!(machine.is_aad_joined, Some(true));
    assert_eq!(machine.machine_tags, ["test tag 1", "test tag 2"]);
    assert!(machine.other.is_empty());
}

#[tokio::test]
async fn isolate_machine_is_as_documented() {
    let isolate = Isolate {
        machine_id: MACHINE.into(),
        comment: "Isolate machine due to alert 1234".into(),
        isolation_type: Some(IsolationType::Full),
    };
    let example = example!("isolate_machine");
    check_action(&check(&isolate, &example).await, &example, &ActionKind::Isolate, &ActionStatus::InProgress);
}

#[tokio::test]
async fn an_absent_isolation_type_is_not_sent_as_null() {
    let mut example = example!("isolate_machine");
    example["request"]["body"].as_object_mut().expect("a body").shift_remove("IsolationType");
    let isolate = Isolate {
        machine_id: MACHINE.into(),
        comment: "Isolate machine due to alert 1234".into(),
        isolation_type: None,
    };
    check(&isolate, &example).await;
}

#[tokio::test]
async fn unisolate_machine_is_as_documented() {
    let comment = "Unisolate machine since it was clean and validated".into();
    let example = example!("unisolate_machine");
    let action = check(&Unisolate { machine_id: MACHINE.into(), comment }, &example).await;
    check_action(&action, &example, &ActionKind::Unisolate, &ActionStatus::InProgress);
}

#[tokio::test]
async fn run_antivirus_scan_is_as_documented() {
    let scan = RunAntivirusScan {
        machine_id: MACHINE.into(),
        comment: "Check machine for viruses due to alert 3212".into(),
        scan_type: ScanType::Full,
    };
    let example = example!("run_antivirus_scan");
    check_action(
        &check(&scan, &example).await,
        &example,
        &ActionKind::RunAntiVirusScan,
        &ActionStatus::InProgress,
    );
}

#[tokio::test]
async fn collect_investigation_package_is_as_documented() {
    let collect = CollectInvestigationPackage {
        machine_id: "fb9ab6be3965095a09c057be7c90f0a2".into(),
        comment: "Collect forensics due to alert 1234".into(),
    };
    let example = example!("collect_investigation_package");
    let kind = ActionKind::CollectInvestigationPackage;
    check_action(&check(&collect, &example).await, &example, &kind, &ActionStatus::InProgress);
}

#[tokio::test]
async fn get_package_uri_is_as_documented() {
    let get = GetPackageUri { action_id: "7327b54fd718525cbca07dacde913b5ac3c85673".into() };
    let uri = check(&get, &example!("get_package_sas_uri")).await;
    let location =
        "https://userrequests-us.securitycenter.windows.com/safedownload/WDATP_Investigation_Package.zip";
    assert_eq!(uri.location(), location);
    assert!(uri.expose().starts_with("https://userrequests-us.securitycenter.windows.com:443/"));
    assert!(uri.expose().ends_with("?token=TOKEN-ELIDED"));
}

#[tokio::test]
async fn get_machine_action_is_as_documented() {
    let get = GetMachineAction { action_id: "2e9da30d-27f6-4208-81f2-9cd3d67893ba".into() };
    let example = example!("get_machine_action");
    let action = check(&get, &example).await;
    check_action(&action, &example, &ActionKind::Isolate, &ActionStatus::Succeeded);
    assert_eq!(action.computer_dns_name.as_deref(), Some("desktop-test"));
}

#[tokio::test]
async fn list_machine_actions_is_as_documented() {
    let actions = check(&ListMachineActions::default(), &example!("list_machine_actions")).await;
    let kinds: Vec<_> = actions.iter().map(|action| action.kind.as_str()).collect();
    assert_eq!(kinds, ["CollectInvestigationPackage", "RunAntiVirusScan", "StopAndQuarantineFile"]);
    let file = RelatedFileInfo {
        file_identifier: Some("a0c659857ccbe457fdaf5fe21d54efdcbf6f6508".into()),
        file_identifier_type: Some("Sha1".into()),
    };
    assert_eq!(actions[2].related_file_info, Some(file));
}

#[tokio::test]
async fn list_machine_actions_with_a_filter_is_as_documented() {
    let filter = Some(Filter::equals(MachineActionField::MachineId, OTHER_MACHINE));
    let example = example!("list_machine_actions");
    let actions = check(&ListMachineActions { filter, top: Some(2) }, &example["more"][0]).await;
    assert!(actions.iter().all(|action| action.machine_id.as_deref() == Some(OTHER_MACHINE)));
    assert_eq!(actions.len(), 2);
}
