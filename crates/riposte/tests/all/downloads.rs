//! Files that a run fetches, from the playbook to the disk.

use crate::support::{DEVICE, Practice, Scratch, repository};
use riposte_tenant::{Config, Operation, Status};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

fn json(stdout: &[u8]) -> Value {
    serde_json::from_slice(stdout).unwrap()
}

/// How the requests for files were answered, in order.
fn answers(practice: &Practice) -> Vec<Status> {
    let log = practice.tenant.log();
    log.iter().filter(|entry| entry.operation == Operation::SafeDownload).map(|entry| entry.status).collect()
}

/// What is in all files below a folder, as text.
fn all_text(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&all_text(&path));
        } else if path.extension().is_none_or(|extension| extension != "zip") {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }
    }
    text
}

/// `-vv` says most.
fn collect<'a>(playbook: &'a str, device: &'a str, config: &'a str) -> [&'a str; 12] {
    [
        "-vv",
        "run",
        playbook,
        "--yes",
        "-i",
        device,
        "-i",
        "reason=test",
        "--config",
        config,
        "--output",
        "json",
    ]
}

#[test]
fn a_package_is_collected_and_downloaded_and_its_link_is_told_nowhere() {
    let faults = ["safedownload=malformed", "safedownload=403", "safedownload=503"];
    let (scratch, practice) = (Scratch::new(), Practice::new(&faults));
    let (playbook, device) = (repository("playbooks/collect-package.yaml"), format!("device_id={DEVICE}"));
    // The shipped playbook waits half a minute before it tries again.
    let quick = std::fs::read_to_string(playbook).unwrap().replace("initial: 30s", "initial: 10ms");
    let playbook = scratch.write("collect-package.yaml", &quick).display().to_string();
    let config = practice.config(&scratch);
    // Three links are asked for, and two a minute are allowed; this tenant has no limits.
    let text = std::fs::read_to_string(&config).unwrap();
    scratch
        .write("riposte.yaml", &text.replace("kind: defender\n", "kind: defender\n    rate_limits: none\n"));
    let output = scratch.riposte(&collect(&playbook, &device, &config)).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let run = json(&output.stdout);
    let id = run["outputs"]["action_id"].as_str().unwrap();
    let file = run["outputs"]["file"].as_str().unwrap();
    assert_eq!(file, format!("downloads/packages/{id}.zip"));
    let whole = practice.tenant.file(id, None).unwrap();
    assert!(std::fs::read(scratch.path("data").join(file)).unwrap() == whole, "{} bytes", whole.len());
    assert_eq!(answers(&practice), [200, 403, 503, 206].map(Status::Answered));

    let sums = Command::new("sha256sum")
        .args(["-c", &format!("{id}.zip.sha256")])
        .current_dir(scratch.path("data/downloads/packages"))
        .output()
        .unwrap();
    assert!(sums.status.success(), "{}", String::from_utf8_lossy(&sums.stderr));
    let sum =
        std::fs::read_to_string(scratch.path("data/downloads/packages").join(format!("{id}.zip.sha256")))
            .unwrap();
    assert_eq!(sum.split_once(' ').unwrap().0, run["outputs"]["sha256"].as_str().unwrap());

    let all =
        format!("{said}{}{}", String::from_utf8(output.stdout).unwrap(), all_text(&scratch.path("data")));
    assert!(
        all.contains("safedownload") || all.contains("download round ended"),
        "the log says that it downloaded"
    );
    assert!(!all.contains("token=") && !all.contains("WDATP_Investigation_Package"), "the link is told");
    let shown = scratch.call(&["runs", "show", run["run_id"].as_str().unwrap()]);
    assert!(shown.contains(file) && !shown.contains("token="), "{shown}");
}

#[test]
fn a_sample_is_fetched_and_downloaded_and_its_link_is_told_nowhere() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    let (playbook, device) = (repository("playbooks/request-sample.yaml"), format!("device_id={DEVICE}"));
    let config = practice.config(&scratch);
    let mut arguments = collect(&playbook, &device, &config).to_vec();
    arguments.extend(["-i", r"path=C:\..\..\etc\passwd"]);
    let output = scratch.riposte(&arguments).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let run = json(&output.stdout);
    let id = run["outputs"]["action_id"].as_str().unwrap();
    assert_eq!(run["outputs"]["file"], format!("downloads/live-response/{id}-0"));
    let came = std::fs::read(scratch.path("data").join(run["outputs"]["file"].as_str().unwrap())).unwrap();
    assert!(came == practice.tenant.file(id, Some(0)).unwrap());
    std::fs::remove_dir_all(scratch.path("data/downloads")).unwrap();
    let all =
        format!("{said}{}{}", String::from_utf8(output.stdout).unwrap(), all_text(&scratch.path("data")));
    assert!(!all.contains("sig=") && !all.contains("CustomPlaybookCommandOutput"), "the link is told");
}

#[test]
fn a_download_that_was_killed_goes_on_in_the_next_run() {
    let (scratch, practice) = (
        Scratch::new(),
        Practice::with(Config {
            download_size: 12 << 20,
            faults: ["safedownload=malformed", "safedownload=latency-10m"]
                .map(|fault| fault.parse().unwrap())
                .to_vec(),
            ..Config::default()
        }),
    );
    let (playbook, device) = (repository("playbooks/collect-package.yaml"), format!("device_id={DEVICE}"));
    let config = practice.config(&scratch);
    let mut killed = Command::new(env!("CARGO_BIN_EXE_riposte"))
        .args(collect(&playbook, &device, &config))
        .env("RIPOSTE_DATA_DIR", scratch.path("data"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The second request waits for an answer: what the first one brought is on disk.
    while answers(&practice).len() < 2 {
        assert!(killed.try_wait().unwrap().is_none(), "it ended");
        std::thread::yield_now();
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let id = practice.tenant.effects()[0].action.clone();
    let whole = practice.tenant.file(&id, None).unwrap();
    let part = scratch.path("data/downloads/packages").join(format!("{id}.zip.part"));
    let came = std::fs::read(&part).unwrap();
    assert!(!came.is_empty() && came.len() < whole.len() && whole.starts_with(&came), "{} bytes", came.len());

    let next = scratch.write(
        "next.yaml",
        "name: next\ninputs: { action_id: { type: string, format: uuid } }\nsteps:\n  - id: file\n    action: defender.download_investigation_package\n    with: { action_id: \"${{ inputs.action_id }}\" }\noutputs: { sha256: \"${{ steps.file.output.sha256 }}\" }\n",
    );
    let action = format!("action_id={id}");
    let arguments = ["run", next.to_str().unwrap(), "-i", &action, "-c", &config, "--output", "json"];
    let output = scratch.riposte(&arguments).timeout(Duration::from_secs(300)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(answers(&practice)[2..], [Status::Answered(206)]);
    assert!(std::fs::read(part.with_extension("")).unwrap() == whole);
}

#[test]
fn the_limit_of_the_configuration_holds_and_is_named() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    let config = practice.config(&scratch);
    let text = std::fs::read_to_string(&config).unwrap();
    scratch.write("riposte.yaml", &format!("downloads: {{ limit: 32KiB }}\n{text}"));
    let (playbook, device) = (repository("playbooks/collect-package.yaml"), format!("device_id={DEVICE}"));
    let output = scratch.riposte(&collect(&playbook, &device, &config)).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let failure = &json(&output.stdout)["failure"];
    assert_eq!(failure["kind"], "refused");
    let message = failure["message"].as_str().unwrap();
    assert!(message.contains(".zip is larger than the limit of 32768 bytes: it has 65"), "{message}");
}
