//! Files are uploaded to the library for live response once, and nobody is told that they were if they were not.

use crate::stage::{DEVICE, Stage};
use riposte_model::ErrorKind;
use riposte_tenant::EffectKind;
use serde_json::{Value, json};

/// FIPS 180-4, example of a message of one block.
const SHA256_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn upload(with: &str) -> String {
    format!(
        "  - {{ id: last, action: defender.upload_library_file, with: {{ {with} }}, retry: {{ attempts: 2, initial: 10ms }} }}\n"
    )
}

fn uploads(stage: &Stage) -> usize {
    stage.count(EffectKind::UploadLibraryFile)
}

/// The library's file of this name.
async fn file(stage: &Stage, name: &str) -> Value {
    let files = stage.output("  - { id: last, action: defender.list_library_files }\n").await;
    files.as_array().unwrap().iter().find(|file| file["fileName"] == name).cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_script_is_uploaded_and_then_run() {
    let stage = Stage::new(&[]).await;
    let script =
        upload("file_name: new.sh, content: abc, description: says hello, parameters_description: a name");
    let output = stage
        .output(&format!(
            "{}  - id: last\n    action: defender.run_live_response\n    with: {{ machine_id: {DEVICE}, comment: x, run_scripts: [{{ script_name: \"${{{{ steps.upload.output.fileName }}}}\" }}] }}\n",
            script.replace("id: last", "id: upload")
        ))
        .await;
    assert_eq!(output["status"], "Succeeded");
    let file = file(&stage, "new.sh").await;
    assert_eq!(file["sha256"], SHA256_OF_ABC);
    assert_eq!((&file["hasParameters"], &file["parametersDescription"]), (&json!(true), &json!("a name")));
    let description = file["description"].as_str().unwrap();
    assert!(
        description.starts_with("[riposte run_") && description.ends_with("] says hello"),
        "{description}"
    );
    assert_eq!(uploads(&stage), 1);
}

#[tokio::test]
async fn a_file_in_base64_may_have_line_breaks_and_any_bytes() {
    let stage = Stage::new(&[]).await;
    let output = stage.output(&upload(r#"file_name: a.bin, content_base64: "YW\nJj\r\n""#)).await;
    assert_eq!((&output["sha256"], &output["hasParameters"]), (&json!(SHA256_OF_ABC), &json!(false)));
    let bytes = stage.output(&upload("file_name: b.bin, content_base64: /wD+")).await;
    // SHA-256 of the bytes ff 00 fe.
    assert_eq!(bytes["sha256"], "af9ceddc9d8b08ac09e1994bfd20459b5e377425df7354dfce3501992828a5b7");
    assert_eq!(uploads(&stage), 2);
}

#[tokio::test]
async fn a_file_without_exactly_one_content_is_not_sent() {
    let stage = Stage::new(&[]).await;
    let large = "YWJj".repeat(512 * 1024 / 3 + 1);
    for (content, message) in [
        (String::new(), "the file has no content: give `content` or `content_base64`"),
        (
            ", content: a, content_base64: YQ==".into(),
            "`content` and `content_base64` are both given: give one",
        ),
        (", content_base64: Y".into(), "`content_base64` is not base64: Invalid input length: 1"),
        (", content_base64: \" \"".into(), "the file has no content: Defender keeps no empty file"),
        (
            format!(", content_base64: {large}"),
            "the file has 524289 bytes, over the limit of 524288 bytes for one in a playbook",
        ),
    ] {
        let failure = stage.failure(&upload(&format!("file_name: new.sh{content}"))).await;
        assert_eq!((failure.kind, failure.message.as_str()), (ErrorKind::Invalid, message));
    }
    assert!(stage.tenant.log().is_empty());
}

#[test]
fn a_name_means_one_file_wherever_it_is_written() {
    let catalogue = riposte_actions::catalogue();
    let arguments = &catalogue.get("defender.upload_library_file").unwrap().arguments;
    let fits = |name: &str| arguments.violations(&json!({ "file_name": name })).is_empty();
    for name in ["script1.ps1", "a", "Get Processes-v2.ps1", "_x.tar.gz", &"a".repeat(128)] {
        assert!(fits(name), "{name}");
    }
    for name in [
        "",
        ".",
        "..",
        ".profile",
        "a/b",
        "a\\b",
        "a.",
        "a ",
        "-rf",
        "a\"b",
        "a\r\nb",
        "ü.ps1",
        &"a".repeat(129),
    ] {
        assert!(!fits(name), "{name}");
    }
}

#[tokio::test]
async fn a_file_of_the_name_is_kept_unless_it_is_to_be_replaced() {
    let stage = Stage::new(&[]).await;
    let failure = stage.failure(&upload("file_name: script.sh, content: abc")).await;
    assert_eq!(failure.kind, ErrorKind::Conflict);
    let message =
        "the library has a file `script.sh` already, by username: `override_if_exists: true` replaces it";
    assert_eq!((failure.message.as_str(), uploads(&stage)), (message, 0));
    assert_eq!(failure.provider.unwrap().status, Some(400));
    let replaced =
        stage.output(&upload("file_name: script.sh, content: abc, override_if_exists: true")).await;
    assert_eq!((&replaced["sha256"], uploads(&stage)), (&json!(SHA256_OF_ABC), 1));
}

#[tokio::test]
async fn an_upload_whose_answer_was_lost_is_found_and_not_made_twice() {
    for fault in ["drop-after", "500-after", "malformed"] {
        for with in [
            "file_name: new.sh, content: abc",
            "file_name: script.sh, content: abc, override_if_exists: true",
        ] {
            let stage = Stage::new(&[&format!("uploadLibraryFile={fault}")]).await;
            let found = stage.output(&upload(with)).await;
            assert_eq!(found["sha256"], SHA256_OF_ABC, "{fault}");
            assert_eq!((uploads(&stage), stage.struck()), (1, 1), "{fault}");
        }
    }
}

#[tokio::test]
async fn an_upload_that_did_not_arrive_is_made_by_the_next_attempt() {
    for with in
        ["file_name: new.sh, content: abc", "file_name: script.sh, content: abc, override_if_exists: true"]
    {
        let stage = Stage::new(&["uploadLibraryFile=drop"]).await;
        assert_eq!(stage.output(&upload(with)).await["sha256"], SHA256_OF_ABC);
        assert_eq!((uploads(&stage), stage.struck()), (1, 1));
    }
    let stage = Stage::new(&["uploadLibraryFile=drop"]).await;
    let failure = stage.failure(&upload("file_name: script.sh, content: abc")).await;
    assert_eq!((failure.kind, uploads(&stage), stage.struck()), (ErrorKind::Conflict, 0, 1));
}

#[tokio::test]
async fn a_file_that_somebody_has_just_changed_is_for_a_person_to_look_at() {
    let stage = Stage::new(&[]).await;
    let with = "file_name: new.sh, content: abc, override_if_exists: true";
    stage.output(&upload(with)).await;
    stage.tenant.inject("uploadLibraryFile=drop".parse().unwrap());
    let failure = stage.failure(&upload(with).replace("retry:", "timeout: 1s, retry:")).await;
    assert_eq!((failure.kind, uploads(&stage)), (ErrorKind::UnknownOutcome, 1));
}
