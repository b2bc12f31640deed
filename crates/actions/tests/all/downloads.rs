//! Files that come to the data directory.

use crate::stage::{DEVICE, LIMIT, Stage};
use riposte_model::ErrorKind;
use riposte_tenant::{Operation, Status};
use serde_json::{Value, json};
use std::path::PathBuf;

fn download(action: &str, arguments: &str) -> String {
    format!(
        "  - {{ id: last, action: defender.{action}, with: {{ {arguments} }}, retry: {{ attempts: 1 }} }}\n"
    )
}

fn package(id: &str) -> String {
    download("download_investigation_package", &format!("action_id: {id}"))
}

/// A stage with a package that can be downloaded, and its machine action's id.
async fn collected(size: usize) -> (Stage, String) {
    let stage = Stage::with(|config| config.download_size = size).await;
    let collect = format!(
        "  - {{ id: last, action: defender.collect_investigation_package, with: {{ machine_id: {DEVICE}, comment: test }} }}\n"
    );
    let id = stage.output(&collect).await["id"].as_str().unwrap().to_owned();
    (stage, id)
}

/// How the requests for files were answered, in order; 0 where they were not.
fn answers(stage: &Stage) -> Vec<u16> {
    let log = stage.tenant.log();
    let downloads = log.iter().filter(|entry| entry.operation == Operation::SafeDownload);
    downloads
        .map(|entry| match entry.status {
            Status::Answered(status) => status,
            Status::Dropped => 0,
        })
        .collect()
}

fn links(stage: &Stage) -> usize {
    stage.tenant.log().iter().filter(|entry| entry.operation == Operation::GetPackageUri).count()
}

fn file(stage: &Stage, output: &Value) -> PathBuf {
    stage.data.path().join(output["file"].as_str().unwrap())
}

#[tokio::test]
async fn a_package_comes_whole_and_is_not_asked_for_again() {
    let (stage, id) = collected(100_000).await;
    let output = stage.output(&package(&id)).await;
    let whole = stage.tenant.file(&id, None).unwrap();
    assert_eq!(output["file"], format!("downloads/packages/{id}.zip"));
    assert_eq!(output["bytes"], whole.len());
    assert_eq!(output["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(std::fs::read(file(&stage, &output)).unwrap(), whole);
    assert_eq!(stage.output(&package(&id)).await, output);
    assert_eq!((links(&stage), answers(&stage)), (1, vec![200]));
}

#[tokio::test]
async fn whatever_happens_on_the_way_the_file_is_the_same() {
    for (faults, links_asked, answered) in [
        (&["safedownload=malformed:3"][..], 1, vec![200, 206, 206, 206]),
        (&["safedownload=403"], 2, vec![403, 200]),
        (&["safedownload=malformed", "safedownload=403"], 2, vec![200, 403, 206]),
        (&["safedownload=malformed", "safedownload=401"], 2, vec![200, 401, 206]),
        (&["safedownload=wrong-range"], 1, vec![206, 200]),
        (&["safedownload=malformed", "safedownload=wrong-range"], 1, vec![200, 206, 200]),
    ] {
        let (stage, id) = collected(300_000).await;
        for fault in faults {
            stage.tenant.inject(fault.parse().unwrap());
        }
        let output = stage.output(&package(&id)).await;
        assert_eq!((links(&stage), answers(&stage)), (links_asked, answered), "{faults:?}");
        let came = std::fs::read(file(&stage, &output)).unwrap();
        assert!(came == stage.tenant.file(&id, None).unwrap(), "{faults:?}: {} bytes", came.len());
        let beside = std::fs::read_dir(stage.data.path().join("downloads/packages")).unwrap().count();
        assert_eq!(beside, 2, "{faults:?}: the file and its digest");
    }
}

#[tokio::test]
async fn an_attempt_goes_on_where_the_one_before_it_ended() {
    let (stage, id) = collected(300_000).await;
    for fault in ["safedownload=malformed", "safedownload=503", "getPackageUri=503"] {
        stage.tenant.inject(fault.parse().unwrap());
    }
    let part = stage.data.path().join(format!("downloads/packages/{id}.zip.part"));
    // The first fault of the link strikes before anything comes.
    assert_eq!(stage.failure(&package(&id)).await.kind, ErrorKind::Unavailable);
    assert_eq!(std::fs::metadata(&part).unwrap().len(), 0);
    let failure = stage.failure(&package(&id)).await;
    assert_eq!(failure.kind, ErrorKind::Unavailable);
    assert!(
        failure.message.starts_with("the storage at 127.0.0.1:")
            && failure.message.ends_with(" failed (503)"),
        "{failure}"
    );
    assert!(std::fs::metadata(&part).unwrap().len() > 0);
    let output = stage.output(&package(&id)).await;
    assert_eq!(answers(&stage), [200, 503, 206]);
    assert!(std::fs::read(file(&stage, &output)).unwrap() == stage.tenant.file(&id, None).unwrap());
}

#[tokio::test]
async fn links_that_open_nothing_are_not_asked_for_without_end() {
    let (stage, id) = collected(10).await;
    stage.tenant.inject("safedownload=403:9".parse().unwrap());
    let failure = stage.failure(&package(&id)).await;
    assert_eq!((failure.kind, failure.provider.unwrap().status), (ErrorKind::Forbidden, Some(403)));
    assert_eq!((links(&stage), answers(&stage)), (3, vec![403; 3]));
}

#[tokio::test]
async fn a_package_that_is_too_large_is_refused_before_it_comes() {
    let (stage, id) = collected(1 << 20).await;
    let failure = stage.failure(&package(&id)).await;
    assert_eq!(failure.kind, ErrorKind::Refused);
    let size = stage.tenant.file(&id, None).unwrap().len();
    let said =
        format!("/downloads/packages/{id}.zip is larger than the limit of {LIMIT} bytes: it has {size}");
    assert!(failure.message.ends_with(&said), "{failure}");
    assert_eq!(std::fs::read_dir(stage.data.path().join("downloads/packages")).unwrap().count(), 0);
}

#[tokio::test]
async fn what_is_not_there_yet_or_is_no_package_is_not_found() {
    let (stage, _) = collected(10).await;
    let isolate = format!(
        "  - {{ id: last, action: defender.isolate_machine, with: {{ machine_id: {DEVICE}, comment: test }} }}\n"
    );
    let id = stage.output(&isolate).await["id"].as_str().unwrap().to_owned();
    assert_eq!(stage.failure(&package(&id)).await.kind, ErrorKind::NotFound);
    let result = download("download_live_response_result", &format!("action_id: {id}, index: 0"));
    assert_eq!(stage.failure(&result).await.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_file_that_was_changed_is_not_called_what_was_downloaded() {
    let (stage, id) = collected(10).await;
    let output = stage.output(&package(&id)).await;
    std::fs::write(file(&stage, &output), "other").unwrap();
    let failure = stage.failure(&package(&id)).await;
    assert_eq!(failure.kind, ErrorKind::Refused);
    assert!(failure.message.contains("is not what was downloaded"), "{failure}");
    assert_eq!(std::fs::read(file(&stage, &output)).unwrap(), b"other");
}

#[tokio::test]
async fn what_a_session_brought_is_named_after_its_command() {
    let stage = Stage::new(&["safedownload=malformed"]).await;
    let session = format!(
        "  - id: last\n    action: defender.run_live_response\n    with: {{ machine_id: {DEVICE}, comment: test, run_scripts: [{{ script_name: script.sh }}], get_files: ['C:\\..\\a.exe'] }}\n"
    );
    let id = stage.output(&session).await["id"].as_str().unwrap().to_owned();
    for index in [0, 1] {
        let step = download("download_live_response_result", &format!("action_id: {id}, index: {index}"));
        let output = stage.output(&step).await;
        assert_eq!(output["file"], format!("downloads/live-response/{id}-{index}"));
        let came = std::fs::read(file(&stage, &output)).unwrap();
        assert!(came == stage.tenant.file(&id, Some(index)).unwrap());
        assert_eq!(output["bytes"], json!(came.len()));
    }
}
