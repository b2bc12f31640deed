//! What is sent where the documented example of a response shows one choice of several.

use riposte_defender::{
    Filter, InvestigationField, Isolate, ListInvestigations, LiveResponseCommand, RunLiveResponse,
};

use crate::examples::{check, example};

const MACHINE: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";

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
async fn a_script_without_arguments_and_a_file_are_sent_without_what_they_do_not_have() {
    let mut example = example!("run_live_response");
    example["request"]["body"] = serde_json::json!({ "Commands": [
        { "type": "PutFile", "params": [{ "key": "FileName", "value": "memdump.exe" }] },
        { "type": "RunScript", "params": [{ "key": "ScriptName", "value": "script.sh" }] },
    ] });
    let commands = vec![
        LiveResponseCommand::PutFile { file_name: "memdump.exe".into() },
        LiveResponseCommand::RunScript { script_name: "script.sh".into(), args: None },
    ];
    check(&RunLiveResponse { machine_id: MACHINE.into(), comment: None, commands }, &example).await;
}

#[tokio::test]
async fn investigations_are_asked_for_by_a_filter() {
    let mut example = example!("list_investigations");
    let machine = "a69a22debe5f274d8765ea3c368d00762e057b30";
    let path = format!("/api/investigations?$filter=machineId eq '{machine}' and state eq 'Running'&$top=5");
    example["request"]["path"] = path.into();
    let filter = Filter::equals(InvestigationField::MachineId, machine)
        .and(Filter::equals(InvestigationField::State, "Running"));
    check(&ListInvestigations { filter: Some(filter), top: Some(5) }, &example).await;
}
