//! Bad input gets a clear message and the documented exit code, and nothing is half-done.

use crate::support::{DEVICE, Practice, Scratch, config, repository};
use riposte_tenant::Config;

fn contain(scratch: &Scratch, config: &str, inputs: &[&str]) -> String {
    let playbook = repository("playbooks/contain-device.yaml");
    let mut arguments = vec!["run", &playbook, "-c", config];
    for input in inputs {
        arguments.extend(["-i", input]);
    }
    let said = scratch.call(&arguments);
    plain(&said)
}

/// Takes out what differs from run to run: ids, times and ports.
fn plain(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let mut word = word.to_owned();
        if let Some(at) = word.find("run_") {
            let end = (at + 36).min(word.len());
            word.replace_range(at..end, "RUN");
        }
        if let Some(at) = word.find("127.0.0.1:") {
            let digits = word[at + 10..].bytes().take_while(u8::is_ascii_digit).count();
            word.replace_range(at + 10..at + 10 + digits, "PORT");
        }
        // The id of a request ends the brackets that a message begins with.
        if word.strip_suffix("):").is_some_and(|id| id.len() == 36 && id.matches('-').count() == 4) {
            word = "ID):".to_owned();
        }
        words.push(word);
    }
    words
        .join(" ")
        .lines()
        .map(|line| match line.trim_start().strip_prefix('+') {
            // Lines of the progress and of the timeline begin with a time.
            Some(rest) => {
                format!("+T {}", rest.trim_start_matches(|c: char| c.is_ascii_digit() || ".smh ".contains(c)))
            }
            None if line.starts_with("started ") => "started T".to_owned(),
            None => line.split(" after ").next().unwrap_or(line).to_owned(),
        })
        .filter(|line| !line.contains("next in"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn an_unknown_device() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    let unknown = format!("device_id={}", "0".repeat(40));
    insta::assert_snapshot!(contain(&scratch, &practice.config(&scratch), &[&unknown, "alert_id=a1"]));
    assert!(practice.tenant.effects().is_empty());
}

#[test]
fn inputs_that_do_not_fit() {
    let scratch = Scratch::new();
    let config = config(&scratch, "http://127.0.0.1:9", "t", "s");
    insta::assert_snapshot!(contain(
        &scratch,
        &config,
        &["device_id=../../etc/passwd", "alertid=a1", "severity=Hihg"]
    ));
    assert!(!scratch.path("data").exists(), "nothing is written for a run that does not start");
}

#[test]
fn an_alert_without_the_bound_field() {
    let scratch = Scratch::new();
    let alert = scratch.write("alert.json", r#"{ "id": "a1", "severity": "High", "machine": "pc-7" }"#);
    let playbook = repository("playbooks/contain-device.yaml");
    insta::assert_snapshot!(scratch.call(&[
        "run",
        &playbook,
        "--simulate",
        "--event",
        alert.to_str().unwrap()
    ]));
}

#[test]
fn an_alert_that_is_no_json() {
    let scratch = Scratch::new();
    let alert = scratch.write("alert.json", "{ \"id\": ");
    insta::assert_snapshot!(scratch.call(&["demo", "--alert", alert.to_str().unwrap()]));
}

#[test]
fn an_unreachable_tenant() {
    let scratch = Scratch::new();
    // A port on which nobody listens: it was given out and taken back.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = config(&scratch, &format!("http://{free}"), "aaaabbbb-0000-cccc-1111-dddd2222eeee", "s");
    let playbook = scratch.write(
        "look.yaml",
        &format!("name: look\nsteps:\n  - id: device\n    action: defender.get_machine\n    with: {{ machine_id: {DEVICE} }}\n    retry: {{ attempts: 1 }}\n"),
    );
    let said = scratch.call(&["run", playbook.to_str().unwrap(), "-c", &config]);
    assert!(said.starts_with("exit 3\n"), "{said}");
    assert!(said.contains("no token from 127.0.0.1:"), "{said}");
}

#[test]
fn a_wrong_tenant_and_a_wrong_secret() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    let device = format!("device_id={DEVICE}");
    let url = practice.tenant.url();
    for (tenant, secret, code) in [
        ("99999999-0000-0000-0000-000000000000", "simulated-secret", "AADSTS90002"),
        (Config::default().tenant_id.as_str(), "wrong-secret", "AADSTS7000215"),
    ] {
        let config = config(&scratch, &url, tenant, secret);
        let said = contain(&scratch, &config, &[&device, "alert_id=a1"]);
        assert!(said.starts_with("exit 3\n"), "{said}");
        assert!(said.contains(code), "{said}");
        assert!(!said.contains("wrong-secret"), "a secret is never shown: {said}");
    }
    assert!(practice.tenant.effects().is_empty());
}

#[test]
fn nowhere_to_act() {
    let scratch = Scratch::new();
    let playbook = repository("playbooks/release-device.yaml");
    let device = format!("device_id={DEVICE}");
    insta::assert_snapshot!(scratch.call(&["run", &playbook, "-i", &device, "-i", "reason=test"]));
}

#[test]
fn a_configuration_with_mistakes() {
    let scratch = Scratch::new();
    let text = "connections:\n  defender:\n    kind: defnder\n    tenant: x\n    client_id: y\n    client_secret: hunter2\n    cloud: globl\n";
    let config = scratch.write("riposte.yaml", text);
    let said = contain(&scratch, config.to_str().unwrap(), &[&format!("device_id={DEVICE}"), "alert_id=a1"]);
    insta::assert_snapshot!(said);
}

#[test]
fn playbooks_that_cannot_be_read() {
    let scratch = Scratch::new();
    let mut said = Vec::new();
    let nested = format!("name: deep\nsteps: {}{}\n", "[".repeat(1000), "]".repeat(1000));
    let indented: String = (0..1000).map(|level| format!("{}- steps:\n", " ".repeat(level * 2))).collect();
    let aliases = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    for (name, bytes) in [
        ("large.yaml", vec![b'#'; 10 << 20]),
        ("nested.yaml", nested.into_bytes()),
        ("indented.yaml", indented.into_bytes()),
        ("aliases.yaml", aliases.as_bytes().to_vec()),
        ("binary.yaml", vec![0xff, 0xfe, 0x00, 0x01]),
        ("empty.yaml", vec![]),
    ] {
        std::fs::write(scratch.path(name), bytes).unwrap();
        said.push(scratch.call(&["check", name]));
    }
    said.push(scratch.call(&["check", "missing.yaml"]));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_journal_that_is_not_there() {
    let scratch = Scratch::new();
    insta::assert_snapshot!(scratch.call(&["runs", "list"]));
    assert!(!scratch.path("data").exists());
}

#[test]
fn a_run_that_is_not_there() {
    let scratch = Scratch::new();
    let playbook = scratch.write("stop.yaml", "name: stop-here\nsteps:\n  - stop: nothing to do\n");
    scratch.riposte(&["run", playbook.to_str().unwrap(), "--simulate"]).assert().success();
    let said = ["run_00000000000000000000000000000000", "ffff", "no-id"]
        .map(|id| scratch.call(&["runs", "show", id]));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_file_of_somebody_elses_is_not_written_over() {
    let scratch = Scratch::new();
    let mine = scratch.write("mine.yaml", "name: mine\n");
    let said =
        scratch.call(&["simulate", "--listen", "127.0.0.1:0", "--write-config", mine.to_str().unwrap()]);
    assert!(said.starts_with("exit 2\n"), "{said}");
    assert_eq!(std::fs::read_to_string(mine).unwrap(), "name: mine\n");
}

#[test]
fn an_action_that_is_not_there() {
    let scratch = Scratch::new();
    insta::assert_snapshot!(scratch.call(&["actions", "defender.isolate_machin"]));
}
