//! The main job, end to end.

use crate::support::{DEVICE, Practice, Scratch, repository};
use riposte_tenant::EffectKind;

#[test]
fn the_demo_runs_to_its_end_and_says_how_to_look_again() {
    let scratch = Scratch::new();
    let output = scratch.riposte(&["demo"]).output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.contains("status   succeeded after"), "{out}");
    assert!(err.contains("did: collectInvestigationPackage 1x, isolate 1x, runAntiVirusScan 1x"), "{err}");
    let again = err.lines().find_map(|line| line.strip_prefix("again    ")).unwrap();
    let words: Vec<&str> = again.split(' ').collect();
    let shown = std::process::Command::new(scratch.path(words[0])).args(&words[1..]).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(shown.trim(), out.trim(), "what was shown and what is shown again are the same");
}

#[test]
fn an_alert_goes_through_the_webhook_binding() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    let alert = repository("crates/riposte/assets/defender_alert.json");
    let playbook = repository("playbooks/contain-device.yaml");
    let output = scratch
        .riposte(&[
            "run",
            &playbook,
            "--event",
            &alert,
            "--config",
            &practice.config(&scratch),
            "--output",
            "json",
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let run: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(run["status"], "succeeded");
    assert_eq!(run["inputs"]["alert_id"], "da637472900382838869_1364969609");
    assert_eq!(run["trigger"]["name"], "defender-alert");
    assert_eq!(run["outputs"]["isolated"], true);
    assert_eq!(run["outputs"]["scan"], "succeeded");
    let location = run["outputs"]["package"].as_str().unwrap();
    assert!(
        location.starts_with("http") && !location.contains('?'),
        "the link's secret is left out: {location}"
    );
    assert_eq!(practice.tenant.is_isolated(DEVICE), Some(true));
}

#[test]
fn a_contained_device_is_released() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    let config = practice.config(&scratch);
    let device = format!("device_id={DEVICE}");
    let contain = repository("playbooks/contain-device.yaml");
    scratch.riposte(&["run", &contain, "-i", &device, "-i", "alert_id=a1", "-c", &config]).assert().success();
    let release = repository("playbooks/release-device.yaml");
    scratch
        .riposte(&["run", &release, "-i", &device, "-i", "reason=it is clean", "-c", &config])
        .assert()
        .success();
    assert_eq!(practice.tenant.is_isolated(DEVICE), Some(false));
    assert_eq!(practice.count(EffectKind::Unisolate), 1);
}

#[test]
fn nobody_has_to_watch() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    let playbook = repository("playbooks/contain-device.yaml");
    let device = format!("device_id={DEVICE}");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_riposte"))
        .args([
            "run",
            &playbook,
            "-i",
            &device,
            "-i",
            "alert_id=a1",
            "-c",
            &practice.config(&scratch),
            "--data-dir",
        ])
        .arg(scratch.path("data"))
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Both readers go away at once, as `head` would.
    drop((child.stderr.take(), child.stdout.take()));
    assert!(child.wait().unwrap().success());
    assert_eq!(practice.count(EffectKind::CollectInvestigationPackage), 1);
}

#[test]
fn a_playbook_that_calls_nobody_needs_no_tenant() {
    let scratch = Scratch::new();
    let playbook =
        scratch.write("set.yaml", "name: sum\nsteps:\n  - { id: a, set: { b: \"${{ 1 + 1 }}\" } }\n");
    scratch.riposte(&["run", playbook.to_str().unwrap()]).assert().success();
}

#[test]
fn the_record_says_where_it_happened() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    let playbook = repository("playbooks/release-device.yaml");
    let device = format!("device_id={DEVICE}");
    let arguments = ["run", &playbook, "-i", &device, "-i", "reason=test", "-c", &practice.config(&scratch)];
    scratch.riposte(&arguments).assert().success();
    let output = scratch.riposte(&["runs", "list", "--output", "json"]).output().unwrap();
    let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let output = scratch.riposte(&["runs", "show", runs[0]["run_id"].as_str().unwrap()]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\ndefender tenant aaaabbbb-0000-cccc-1111-dddd2222eeee at 127.0.0.1:"), "{text}");
}

#[test]
fn a_simulated_run_needs_no_configuration() {
    let scratch = Scratch::new();
    let playbook = scratch.write(
        "look.yaml",
        &format!("name: look\nsteps:\n  - {{ id: d, action: defender.get_machine, with: {{ machine_id: {DEVICE} }} }}\noutputs:\n  name: ${{{{ steps.d.output.computerDnsName }}}}\n"),
    );
    let output = scratch
        .riposte(&["run", playbook.to_str().unwrap(), "--simulate", "--output", "yaml"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("outputs:\n  name: desktop-39g9tgl.contoso.example\n"), "{text}");
}
