//! What is left when the process is killed, and looking at it.

use crate::support::{DEVICE, Scratch};
use riposte_engine::Store;
use riposte_journal::Journal;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// `riposte run` of a playbook whose step `pause` waits, once it does.
fn paused(scratch: &Scratch, playbook: &Path) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_riposte"))
        .args(["run", playbook.to_str().unwrap(), "--simulate", "--data-dir"])
        .arg(scratch.path("data"))
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let paused =
        lines.by_ref().map_while(Result::ok).any(|line| line.contains("pause") && line.contains("waits"));
    assert!(paused, "the run never came to its wait");
    child
}

#[test]
fn a_run_is_its_processs_until_that_is_killed_and_others_run_beside_it() {
    let scratch = Scratch::new();
    let playbook = scratch.write("wait.yaml", "name: long-wait\nsteps:\n  - { id: pause, wait: 1h }\n");
    let (mut one, mut other) = (paused(&scratch, &playbook), paused(&scratch, &playbook));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let journal = runtime.block_on(Journal::open(&scratch.path("data").join("journal.db"))).unwrap();
    let runs: Vec<_> = runtime.block_on(journal.runs(10)).unwrap().into_iter().map(|run| run.id).collect();
    assert_eq!(runs.len(), 2);
    let refused = |run| runtime.block_on(journal.own(run)).unwrap_err().to_string();
    // The newest first.
    assert_eq!(refused(runs[0]), format!("run {} is driven by the process {}", runs[0], other.id()));
    assert_eq!(refused(runs[1]), format!("run {} is driven by the process {}", runs[1], one.id()));
    one.kill().unwrap();
    one.wait().unwrap();
    runtime.block_on(journal.own(runs[1])).unwrap();
    assert!(refused(runs[0]).contains("is driven by"));
    other.kill().unwrap();
    other.wait().unwrap();
    runtime.block_on(journal.own(runs[0])).unwrap();
    runtime.block_on(journal.close());
}

#[test]
fn a_killed_run_leaves_a_whole_journal() {
    let scratch = Scratch::new();
    let playbook = scratch.write(
        "wait.yaml",
        &format!(
            "name: long-wait\nsteps:\n  - {{ id: device, action: defender.get_machine, with: {{ machine_id: {DEVICE} }} }}\n  - {{ id: pause, wait: 1h }}\n"
        ),
    );
    let mut child = paused(&scratch, &playbook);
    child.kill().unwrap();
    child.wait().unwrap();

    let output = scratch.riposte(&["runs", "list", "--output", "json"]).output().unwrap();
    let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(runs[0]["status"], "running");
    let id = runs[0]["run_id"].as_str().unwrap();
    let output = scratch.riposte(&["runs", "show", &id[..20], "--output", "json"]).output().unwrap();
    let run: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let kinds: Vec<&str> =
        run["events"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["run_started", "call_succeeded", "timer_set"]);
    let output = scratch.riposte(&["runs", "show", id]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("status   running, or left before its end: last event after"), "{text}");
}

#[test]
fn a_run_without_inputs_is_told_without_a_list_of_them() {
    let scratch = Scratch::new();
    scratch.write("stop.yaml", "name: stop-here\nsteps:\n  - stop: nothing to do\n");
    let output = scratch.riposte(&["run", "stop.yaml"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().any(|line| line.ends_with("(run)   manual riposte run")), "{text}");
}

#[test]
fn what_a_fail_step_says_is_told_without_a_kind() {
    let scratch = Scratch::new();
    scratch.write("fail.yaml", "name: fail-here\nsteps:\n  - id: why\n    fail: Too many devices.\n");
    let output = scratch.riposte(&["run", "fail.yaml"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().any(|line| line.ends_with("why    failed: Too many devices.")), "{text}");
    assert!(text.trim_end().ends_with("step `why` failed: Too many devices."), "{text}");
}

#[test]
fn the_journal_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new();
    let playbook = scratch.write("stop.yaml", "name: stop-here\nsteps:\n  - stop: nothing to do\n");
    scratch.riposte(&["run", playbook.to_str().unwrap(), "--simulate"]).assert().success();
    let mode = std::fs::metadata(scratch.path("data")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
