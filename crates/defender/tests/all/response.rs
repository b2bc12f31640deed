//! The response operations against their documented examples.

use riposte_defender::{
    ActionKind, ActionStatus, CancelMachineAction, DeleteLibraryFile, Delivery, Filter, GetInvestigation,
    GetLiveResponseResult, Investigation, InvestigationField, InvestigationState, ListInvestigations,
    ListLibraryFiles, LiveResponseCommand, LiveResponseCommandKind, LiveResponseCommandStatus, Offboard,
    RelatedFileInfo, RestrictCodeExecution, RunLiveResponse, StartInvestigation, StopAndQuarantineFile,
    Timestamp, UnrestrictCodeExecution, UploadLibraryFile,
};
use serde_json::Value;
use std::path::Path;

use crate::{
    examples::{check, check_action},
    server::{PATIENCE, Server, authority, client, json_response},
};

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

#[tokio::test]
async fn run_live_response_is_as_documented() {
    let example = example("run_live_response");
    let run = RunLiveResponse {
        machine_id: MACHINE.into(),
        comment: Some("Testing Live Response API".into()),
        commands: vec![
            LiveResponseCommand::RunScript {
                script_name: "minidump.ps1".into(),
                args: Some("OfficeClickToRun".into()),
            },
            LiveResponseCommand::GetFile { path: r"C:\windows\TEMP\OfficeClickToRun.dmp.zip".into() },
        ],
    };
    let action = check(&run, &example).await;
    check_action(&action, &example, &ActionKind::LiveResponse, &ActionStatus::Pending);
    let kinds = [LiveResponseCommandKind::RunScript, LiveResponseCommandKind::GetFile];
    for ((index, kind), command) in (0..).zip(kinds).zip(&action.commands) {
        assert_eq!((command.index, &command.kind), (Some(index), &kind));
        assert_eq!(command.status, LiveResponseCommandStatus::Created);
        assert!(command.start_time.is_none() && command.end_time.is_none() && command.errors.is_empty());
    }
    assert_eq!(action.commands.len(), 2);
    assert_eq!(action.commands[0].params[1], ("Args".to_owned(), "OfficeClickToRun".to_owned()));
}

#[tokio::test]
async fn a_script_without_arguments_and_a_file_are_sent_without_what_they_do_not_have() {
    let mut example = example("run_live_response");
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
async fn get_live_response_result_is_as_documented() {
    let action_id = "988cc94e-7a8f-4b28-ab65-54970c5d5018".into();
    let link =
        check(&GetLiveResponseResult { action_id, index: 0 }, &example("get_live_response_result")).await;
    let location = "https://core.windows.net/investigation-actions-data/ID/CustomPlaybookCommandOutput/\
                    4ed5e7807ad1fe59b00b664fe06a0f07";
    assert_eq!(link.location(), location);
    assert!(link.expose().ends_with("&sig=SIGNATURE-ELIDED"));
    assert!(!format!("{link:?}").contains("SIGNATURE"));
}

#[tokio::test]
async fn list_library_files_is_as_documented() {
    let files = check(&ListLibraryFiles, &example("list_library_files")).await;
    let names: Vec<_> = files.iter().map(|file| file.file_name.as_str()).collect();
    assert_eq!(names, ["script1.ps1", "script.sh", "memdump.exe"]);
    assert_eq!(files[0].parameters_description.as_deref(), Some("test"));
    assert_eq!((files[0].has_parameters, files[1].has_parameters), (Some(true), Some(false)));
    assert_eq!(files[2].description.as_deref(), Some("Process memory dump"));
    assert!(files.iter().all(|file| file.other.is_empty() && file.sha256.is_some()));
    assert!(files[0].creation_time.as_ref().and_then(Timestamp::moment).is_some());
}

#[tokio::test]
async fn delete_library_file_is_as_documented() {
    check(&DeleteLibraryFile { file_name: "script1.ps1".into() }, &example("delete_library_file")).await;
}

/// The fields of a form as a strict reader of RFC 7578 sees them: name, file name and value of each.
fn fields(kind: &str, body: &[u8]) -> Vec<(String, Option<String>, String)> {
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").expect("a form");
    let body = std::str::from_utf8(body).expect("a text");
    let inner = body.strip_prefix(&format!("--{boundary}\r\n")).expect("a beginning");
    let inner = inner.strip_suffix(&format!("\r\n--{boundary}--\r\n")).expect("an end");
    let part = |part: &str| {
        let (headers, value) = part.split_once("\r\n\r\n").expect("headers");
        let about = headers.strip_prefix("Content-Disposition: form-data; name=\"").expect("a name");
        let (name, about) = about.split_once('"').expect("an end of the name");
        let file_name = about.strip_prefix("; filename=\"").and_then(|about| about.split_once('"'));
        (name.to_owned(), file_name.map(|(name, _)| name.to_owned()), value.to_owned())
    };
    inner.split(&format!("\r\n--{boundary}\r\n")).map(part).collect()
}

#[tokio::test]
async fn upload_library_file_is_as_documented() {
    let file = example("list_library_files")["response"]["body"]["value"][0].clone();
    let example = example("upload_library_file");
    let api = Server::start(move |number, _| match number {
        0 => json_response(401, &Value::Null),
        _ => json_response(200, &file),
    })
    .await;
    let authority = authority().await;
    let upload = UploadLibraryFile {
        file_name: "mdatp1.png".into(),
        content: b"\r\n--not a picture\0".to_vec(),
        description: Some("test description".into()),
        parameters_description: Some("test".into()),
        override_if_exists: true,
    };
    let uploaded = client(&api, &authority).send(&upload, PATIENCE).await.expect("the documented answer");
    assert_eq!(uploaded.file_name, "script1.ps1");
    let documented: Vec<(String, Option<String>, String)> = example["request"]["body"]
        .as_object()
        .expect("fields")
        .iter()
        .map(|(name, value)| match value.as_str().expect("a text") {
            "@mdatp1.png" => (name.clone(), Some("mdatp1.png".into()), "\r\n--not a picture\0".into()),
            text => (name.clone(), None, text.to_owned()),
        })
        .collect();
    // With the token that is good, and with the one before that is not.
    assert_eq!(api.seen().len(), 2);
    for seen in api.seen() {
        assert_eq!(Some(seen.method.as_str()), example["request"]["method"].as_str());
        assert_eq!(Some(seen.path.as_str()), example["request"]["path"].as_str());
        assert_eq!(fields(seen.header("content-type").expect("a type"), &seen.body), documented);
    }
}

#[tokio::test]
async fn an_upload_says_no_more_than_it_has_to_say() {
    let answer = example("list_library_files")["response"]["body"]["value"][1].clone();
    let api = Server::start(move |_, _| json_response(200, &answer)).await;
    let authority = authority().await;
    let upload = UploadLibraryFile {
        file_name: "script.sh".into(),
        content: b"abc".to_vec(),
        description: None,
        parameters_description: None,
        override_if_exists: false,
    };
    client(&api, &authority).send(&upload, PATIENCE).await.expect("a file");
    let seen = &api.seen()[0];
    let field = |name: &str, value: &str| (name.to_owned(), None, value.to_owned());
    let file = ("file".to_owned(), Some("script.sh".to_owned()), "abc".to_owned());
    let sent = fields(seen.header("content-type").expect("a type"), &seen.body);
    assert_eq!(sent, [file, field("HasParameters", "false"), field("OverrideIfExists", "false")]);
    // FIPS 180-4, example of a message of one block.
    assert_eq!(upload.sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[tokio::test]
async fn an_upload_without_a_file_in_its_answer_is_lost() {
    for answer in [Value::Null, serde_json::json!({}), serde_json::json!({ "fileName": null })] {
        let api = Server::start(move |_, _| json_response(200, &answer)).await;
        let authority = authority().await;
        let upload = UploadLibraryFile {
            file_name: "a".into(),
            content: b"x".to_vec(),
            description: None,
            parameters_description: None,
            override_if_exists: false,
        };
        let error = client(&api, &authority).send(&upload, PATIENCE).await.expect_err("no file");
        assert_eq!(error.delivery(), Delivery::Unknown);
    }
}
