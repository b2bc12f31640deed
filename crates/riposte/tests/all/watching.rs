//! `riposte runs watch`, `riposte playbooks` and the rest of the command line through a daemon.

use crate::daemon::{Daemon, socket, start_run};
use crate::support::{DEVICE, Scratch, repository};
use serde_json::json;

/// What a call says but for times and the run's id.
fn plain(text: &str, run: &str) -> String {
    let is_time = |word: &&str| word.trim_start_matches('+').starts_with(|c: char| c.is_ascii_digit());
    let line =
        |line: &str| line.split_whitespace().filter(|word| !is_time(word)).collect::<Vec<_>>().join(" ");
    text.replace(run, "RUN").lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_run_is_followed_to_its_end_through_the_daemon_and_without_one() {
    let scratch = Scratch::new();
    let playbook = repository("playbooks/contain-device.yaml");
    let daemon =
        Daemon::serving(&scratch, &["--simulate", &playbook]).unwrap_or_else(|(_, said)| panic!("{said}"));
    let inputs = json!({ "device_id": DEVICE, "alert_id": "a1" });
    let begun = start_run(&socket(&scratch), "once", "contain-device", &inputs).unwrap();
    let run = begun.body["run_id"].as_str().unwrap().to_owned();
    // By the beginning of its id, while it is under way.
    let followed = scratch.call(&["runs", "watch", &run[..20]]);
    assert!(followed.starts_with("exit 0\n"), "{followed}");
    for step in ["isolate", "evidence[0].scan", "evidence[1].package", "package_uri"] {
        assert!(followed.contains(step), "no {step} in {followed}");
    }
    assert!(plain(&followed, &run).contains("RUN succeeded after"), "{followed}");
    let listed = scratch.call(&["runs", "list", "--playbook", "contain-device", "--status", "succeeded"]);
    assert!(listed.contains(&run), "{listed}");
    // What began before it: nothing.
    let before = scratch.call(&["runs", "list", "--before", &run[..20]]);
    assert!(before.contains("no runs yet"), "{before}");
    let none = scratch.call(&["runs", "list", "--status", "failed"]);
    assert!(none.contains("no runs yet"), "{none}");
    daemon.terminate();
    assert!(daemon.wait().0.success());
    let again = scratch.call(&["runs", "watch", &run]);
    assert_eq!(plain(&again, &run), plain(&followed, &run));
}

#[test]
fn a_playbook_is_disabled_by_its_name_and_no_other() {
    let scratch = Scratch::new();
    scratch.write("hello.yaml", "name: hello\nsteps:\n  - stop: done\n");
    let _daemon =
        Daemon::serving(&scratch, &["--simulate", "hello.yaml"]).unwrap_or_else(|(_, said)| panic!("{said}"));
    let listed = scratch.call(&["playbooks", "list"]);
    assert!(listed.contains("hello     enabled"), "{listed}");
    let misspelt = scratch.call(&["stop", "--playbook", "helo"]);
    assert!(
        misspelt.starts_with("exit 2\n") && misspelt.contains("no playbook is called `helo`"),
        "{misspelt}"
    );
    let disabled = scratch.call(&["playbooks", "disable", "hello", "--reason", "a try"]);
    assert!(disabled.contains("hello is stopped"), "{disabled}");
    let refused = scratch.call(&["trigger", "hello"]);
    assert!(refused.starts_with("exit 1\n") && refused.contains(": a try"), "{refused}");
    let listed = scratch.call(&["playbooks", "list"]);
    assert!(listed.contains("hello     stopped") && listed.contains("hello is stopped since"), "{listed}");
    assert!(scratch.call(&["playbooks", "enable", "hello"]).starts_with("exit 0\n"));
    assert!(scratch.call(&["trigger", "hello"]).starts_with("exit 0\n--- stdout\nrun_"));
    let stopped = scratch.call(&["stop", "--reason", "everything"]);
    assert!(stopped.contains("every playbook is stopped"), "{stopped}");
    assert!(scratch.call(&["trigger", "hello"]).starts_with("exit 1\n"));
    assert!(scratch.call(&["lift"]).starts_with("exit 0\n"));
}

#[test]
fn without_a_daemon_what_needs_one_says_so() {
    let scratch = Scratch::new();
    for call in [&["trigger", "hello"][..], &["playbooks", "list"]] {
        let said = scratch.call(call);
        assert!(said.starts_with("exit 3\n") && said.contains("no daemon serves SCRATCH/data"), "{said}");
    }
}
