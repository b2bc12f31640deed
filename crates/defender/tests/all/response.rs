//! The response operations against their documented examples.

use riposte_defender::{
    ActionKind, ActionStatus, CancelMachineAction, Filter, GetInvestigation, Investigation,
    InvestigationField, InvestigationState, ListInvestigations, Offboard, RelatedFileInfo,
    RestrictCodeExecution, StartInvestigation, StopAndQuarantineFile, Timestamp, UnrestrictCodeExecution,
};
use serde_json::Value;
use std::path::Path;

use crate::examples::{check, check_action};

const MACHINE: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";

fn example(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples").join(name).with_extension("json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("an example")).expect("an example of json")
}

/// For operations whose page shows no answer and names the resource: the documented example of that resource.
fn answered_with(mut example: Value, answer: &Value) -> Value {
    example["response"]["body"] = answer["response"]["body"].clone();
    example
}

#[tokio::test]
async fn restrict_code_execution_is_as_documented() {
    let example = example("restrict_code_execution");
    let comment = "Restrict code execution due to alert 1234".into();
    let action = check(&RestrictCodeExecution { machine_id: MACHINE.into(), comment }, &example).await;
    check_action(&action, &example, &ActionKind::RestrictCodeExecution, &ActionStatus::InProgress);
}

#[tokio::test]
async fn unrestrict_code_execution_is_as_documented() {
    let example = example("unrestrict_code_execution");
    let comment = "Unrestrict code execution since machine was cleaned and validated".into();
    let action = check(&UnrestrictCodeExecution { machine_id: MACHINE.into(), comment }, &example).await;
    check_action(&action, &example, &ActionKind::UnrestrictCodeExecution, &ActionStatus::InProgress);
}

#[tokio::test]
async fn stop_and_quarantine_file_is_as_documented() {
    let example = example("stop_and_quarantine_file");
    let sha1 = "87662bc3d60e4200ceaf7aae249d1c343f4b83c9";
    let quarantine = StopAndQuarantineFile {
        machine_id: MACHINE.into(),
        comment: "Stop and quarantine file on machine due to alert 441688558380765161_2136280442".into(),
        sha1: sha1.into(),
    };
    let action = check(&quarantine, &example).await;
    check_action(&action, &example, &ActionKind::StopAndQuarantineFile, &ActionStatus::InProgress);
    let file =
        RelatedFileInfo { file_identifier: Some(sha1.into()), file_identifier_type: Some("Sha1".into()) };
    assert_eq!(action.related_file_info, Some(file));
}

#[tokio::test]
async fn cancel_machine_action_is_as_documented() {
    let mut answer = example("get_machine_action");
    answer["response"]["body"]["status"] = "Cancelled".into();
    let example = answered_with(example("cancel_machine_action"), &answer);
    let cancel = CancelMachineAction {
        action_id: "988cc94e-7a8f-4b28-ab65-54970c5d5018".into(),
        comment: Some("Machine action was canceled by automation".into()),
    };
    let action = check(&cancel, &example).await;
    check_action(&action, &example, &ActionKind::Isolate, &ActionStatus::Cancelled);
}

fn check_investigation(investigation: &Investigation, body: &Value) {
    assert_eq!(Some(investigation.id.as_str()), body["id"].as_str());
    assert_eq!(investigation.state, InvestigationState::Running);
    assert_eq!(investigation.machine_id.as_deref(), body["machineId"].as_str());
    assert_eq!(investigation.computer_dns_name.as_deref(), body["computerDnsName"].as_str());
    assert_eq!(investigation.triggering_alert_id.as_deref(), body["triggeringAlertId"].as_str());
    assert!(investigation.start_time.as_ref().and_then(Timestamp::moment).is_some());
    assert!(investigation.end_time.is_none() && investigation.other.is_empty());
    assert_eq!(&investigation.raw, body);
}

#[tokio::test]
async fn start_investigation_is_as_documented() {
    let example = answered_with(example("start_investigation"), &example("get_investigation"));
    let start = StartInvestigation { machine_id: MACHINE.into(), comment: "Test investigation".into() };
    check_investigation(&check(&start, &example).await, &example["response"]["body"]);
}

#[tokio::test]
async fn get_investigation_is_as_documented() {
    let example = example("get_investigation");
    let get = GetInvestigation { investigation_id: "63004".into() };
    check_investigation(&check(&get, &example).await, &example["response"]["body"]);
}

#[tokio::test]
async fn list_investigations_is_as_documented() {
    let mut example = example("list_investigations");
    let listed = check(&ListInvestigations::default(), &example).await;
    assert_eq!(listed.len(), 1);
    check_investigation(&listed[0], &example["response"]["body"]["value"][0]);

    let machine = "a69a22debe5f274d8765ea3c368d00762e057b30";
    let path = format!("/api/investigations?$filter=machineId eq '{machine}' and state eq 'Running'&$top=5");
    example["request"]["path"] = path.into();
    let filter = Filter::equals(InvestigationField::MachineId, machine)
        .and(Filter::equals(InvestigationField::State, "Running"));
    check(&ListInvestigations { filter: Some(filter), top: Some(5) }, &example).await;
}

#[tokio::test]
async fn offboard_machine_is_as_documented() {
    let mut answer = example("restrict_code_execution");
    answer["response"]["body"]["type"] = "Offboard".into();
    let example = answered_with(example("offboard_machine"), &answer);
    let comment = "Offboard machine by automation".into();
    let action = check(&Offboard { machine_id: MACHINE.into(), comment }, &example).await;
    check_action(&action, &example, &ActionKind::Offboard, &ActionStatus::InProgress);
}
