//! Live response sessions, what they bring, and the library they use.

use crate::stage::{DEVICE, Stage};
use riposte_model::ErrorKind;
use riposte_tenant::EffectKind;
use serde_json::json;

fn session(more: &str) -> String {
    format!(
        "  - id: session\n    action: defender.run_live_response\n    with: {{ machine_id: {DEVICE}, comment: dump it{more} }}\n"
    )
}

fn last(step: &str) -> String {
    session(step).replace("id: session", "id: last")
}

const ALL_KINDS: &str = r#", put_files: [memdump.exe], get_files: ["C:\\a.zip"], run_scripts: [{ script_name: minidump.ps1, args: Office }, { script_name: script.sh }]"#;

fn result(index: u32) -> String {
    format!(
        "  - id: last\n    action: defender.get_live_response_result\n    with: {{ action_id: \"${{{{ steps.session.output.id }}}}\", index: {index} }}\n"
    )
}

#[tokio::test]
async fn commands_run_in_defenders_order_whatever_the_order_of_the_file() {
    let stage = Stage::new(&[]).await;
    let output = stage.output(&last(ALL_KINDS)).await;
    assert_eq!((&output["type"], &output["status"]), (&json!("LiveResponse"), &json!("Succeeded")));
    let commands = output["commands"].as_array().unwrap();
    let kinds: Vec<_> = commands.iter().map(|one| one["command"]["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["PutFile", "RunScript", "RunScript", "GetFile"]);
    let script =
        json!([{ "key": "ScriptName", "value": "minidump.ps1" }, { "key": "Args", "value": "Office" }]);
    assert_eq!(commands[1]["command"]["params"], script);
    assert!(commands.iter().all(|one| one["commandStatus"] == "Completed"));
}

#[tokio::test]
async fn a_result_is_told_of_and_its_link_is_not() {
    let stage = Stage::new(&[]).await;
    let output = stage.output(&(session(ALL_KINDS) + &result(3))).await;
    let location = output["location"].as_str().unwrap();
    assert!(location.ends_with("/CustomPlaybookCommandOutput/3") && !location.contains('?'), "{location}");
    assert_eq!(output["available"], true);
    let nothing = stage.failure(&(session(ALL_KINDS) + &result(0))).await;
    assert_eq!(nothing.kind, ErrorKind::NotFound, "putting a file brings nothing");
}

#[tokio::test]
async fn a_command_that_fails_fails_the_step_and_is_named() {
    let stage = Stage::new(&[]).await;
    let failure = stage.failure(&session(", put_files: [memdump.exe, nothing.exe, script.sh]")).await;
    assert_eq!(failure.kind, ErrorKind::ProviderFailed);
    let part =
        " as Failed, command 1 (PutFile) failed: The file is not in the library., errorHResult -2147467259";
    assert!(failure.message.ends_with(part), "{failure}");
}

#[tokio::test]
async fn a_session_without_a_command_is_not_sent() {
    let stage = Stage::new(&[]).await;
    let failure = stage.failure(&session("")).await;
    assert_eq!(failure.kind, ErrorKind::Invalid);
    assert_eq!(failure.message, "the request cannot be built: there is no command to run");
    assert!(stage.tenant.log().iter().all(|entry| !entry.path.ends_with("runliveresponse")));
}

#[tokio::test]
async fn a_session_whose_answer_was_lost_is_found_and_not_run_twice() {
    for fault in ["runliveresponse=drop-after", "runliveresponse=500-after", "runliveresponse=malformed"] {
        let stage = Stage::new(&[fault]).await;
        stage.output(&last(", run_scripts: [{ script_name: script.sh }]")).await;
        assert_eq!((stage.count(EffectKind::RunLiveResponse), stage.struck()), (1, 1), "{fault}");
    }
}

#[tokio::test]
async fn a_second_session_on_the_device_is_a_conflict() {
    let stage = Stage::new(&[]).await;
    assert!(stage.tenant.set_online(DEVICE, false));
    let steps = last(", get_files: [/etc/hosts]").replace("    with:", "    await: accepted\n    with:");
    stage.output(&steps).await;
    assert_eq!(stage.failure(&steps).await.kind, ErrorKind::Conflict);
    assert_eq!(stage.count(EffectKind::RunLiveResponse), 1);
}

#[tokio::test]
async fn the_library_is_listed() {
    let stage = Stage::new(&[]).await;
    let files = stage.output("  - { id: last, action: defender.list_library_files }\n").await;
    let names: Vec<_> =
        files.as_array().unwrap().iter().map(|file| file["fileName"].as_str().unwrap()).collect();
    assert_eq!(names, stage.tenant.library());
}

#[tokio::test]
async fn a_library_file_is_deleted_whatever_became_of_the_answer() {
    let steps = "  - { id: last, action: defender.delete_library_file, with: { file_name: script.sh }, retry: { attempts: 2, initial: 10ms } }\n";
    for (fault, deleted) in
        [(None, true), (Some("libraryfiles=503"), true), (Some("libraryfiles=drop-after"), false)]
    {
        let faults: Vec<&str> = fault.into_iter().collect();
        let stage = Stage::new(&faults).await;
        let output = stage.output(steps).await;
        assert_eq!(output, json!({ "fileName": "script.sh", "deleted": deleted }), "{fault:?}");
        assert!(!stage.tenant.library().contains(&"script.sh".to_owned()));
        assert_eq!(stage.struck(), faults.len());
    }
}
