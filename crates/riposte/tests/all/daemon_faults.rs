//! What happens to a daemon besides dying: a full disk, a broken file, a second daemon, being told to end.

use crate::daemon::{Answer, Daemon, get, socket, start_run};
use crate::journal_care::sql;
use crate::support::{Practice, Scratch};
use riposte_tenant::{Config, EffectKind};
use serde_json::{Value, json};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::{Arc, Mutex};

const TWICE: &str = "name: twice
steps:
  - { id: isolate, action: defender.isolate_machine, with: { machine_id: DEVICE, comment: test } }
  - { id: restrict, action: defender.restrict_code_execution, with: { machine_id: DEVICE, comment: test } }
";

const REST: &str = "name: rest\nsteps: [{ wait: 1h }]\n";

/// A folder with playbooks.
fn folder() -> Scratch {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("playbooks")).unwrap();
    scratch.write("playbooks/twice.yaml", &TWICE.replace("DEVICE", crate::support::DEVICE));
    scratch.write("playbooks/rest.yaml", REST);
    scratch
}

fn serving(scratch: &Scratch, practice: &Practice) -> Daemon {
    let config = practice.config(scratch);
    Daemon::serving(scratch, &["playbooks", "--config", &config]).unwrap_or_else(|(status, said)| {
        panic!("{status}: {said}");
    })
}

fn begin(scratch: &Scratch, playbook: &str) -> String {
    let answer = start_run(&socket(scratch), playbook, playbook, &json!({})).unwrap();
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.body["run_id"].as_str().unwrap().to_owned()
}

/// Asks after a run until this is so.
fn until(scratch: &Scratch, run: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    loop {
        let Answer { status, body } = get(&socket(scratch), &format!("/api/v1/runs/{run}")).unwrap();
        assert_eq!(status, 200, "{body}");
        if is_so(&body) {
            return body;
        }
        std::thread::yield_now();
    }
}

fn kinds(run: &Value) -> Vec<&str> {
    run["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

fn verified(scratch: &Scratch) {
    scratch.riposte(&["journal", "verify"]).assert().success();
}

#[test]
fn a_second_daemon_is_told_who_is_the_first_and_does_not_disturb_it() {
    let (scratch, practice) = (folder(), Practice::new(&[]));
    let first = serving(&scratch, &practice);
    let config = practice.config(&scratch);
    let (status, said) = Daemon::serving(&scratch, &["playbooks", "--config", &config]).err().unwrap();
    assert!(!status.success());
    assert!(said.contains(&format!("the process {} already serves it", first.pid())), "{said}");
    assert_eq!(get(&socket(&scratch), "/readyz").unwrap().status, 200);
}

#[test]
fn the_socket_of_a_dead_daemon_is_in_nobodys_way() {
    let (scratch, practice) = (folder(), Practice::new(&[]));
    serving(&scratch, &practice).kill();
    assert!(socket(&scratch).exists());
    assert!(get(&socket(&scratch), "/readyz").is_none());
    let next = serving(&scratch, &practice);
    assert_eq!(get(&socket(&scratch), "/readyz").unwrap().status, 200);
    next.terminate();
    let (status, said) = next.wait();
    assert!(status.success() && !socket(&scratch).exists(), "{status}: {said}");
}

#[test]
fn one_that_cannot_listen_does_not_begin_to_act() {
    let (scratch, practice) = (folder(), Practice::new(&["isolate=latency-2s"]));
    let daemon = serving(&scratch, &practice);
    let run = begin(&scratch, "twice");
    until(&scratch, &run, |run| kinds(run).contains(&"call_intended"));
    daemon.kill();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (config, address) = (practice.config(&scratch), taken.local_addr().unwrap().to_string());
    let arguments = ["playbooks", "--config", &config, "--listen", &address];
    let (status, said) = Daemon::serving(&scratch, &arguments).err().unwrap();
    assert!(!status.success());
    assert!(
        said.contains(&format!("cannot listen on {address}: `listen` or --listen names another")),
        "{said}"
    );
    let shown = scratch.riposte(&["runs", "show", &run, "--output", "json"]).output().unwrap();
    assert_eq!(kinds(&serde_json::from_slice(&shown.stdout).unwrap()), ["run_started", "call_intended"]);
}

#[test]
fn told_to_end_it_waits_for_the_call_in_flight_and_the_next_one_goes_on() {
    let (scratch, practice) = (folder(), Practice::new(&["isolate=latency-2s"]));
    let daemon = serving(&scratch, &practice);
    let run = begin(&scratch, "twice");
    until(&scratch, &run, |run| kinds(run).contains(&"call_intended"));
    daemon.terminate();
    let (status, said) = daemon.wait();
    assert!(status.success(), "{status}: {said}");

    let shown = scratch.riposte(&["runs", "show", &run, "--output", "json"]).output().unwrap();
    let left: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(kinds(&left), ["run_started", "call_intended", "call_accepted"]);

    let _next = serving(&scratch, &practice);
    let over = until(&scratch, &run, |run| run["status"] != "running");
    assert_eq!(over["status"], "succeeded", "{over:#}");
    assert!(!kinds(&over).contains(&"outcome_unknown"));
    assert_eq!(
        (practice.count(EffectKind::Isolate), practice.count(EffectKind::RestrictCodeExecution)),
        (1, 1)
    );
    verified(&scratch);
}

#[test]
fn told_to_end_it_does_not_wait_for_who_never_ends_a_request() {
    let (scratch, practice) = (folder(), Practice::new(&[]));
    let daemon = serving(&scratch, &practice);
    let mut slow = UnixStream::connect(socket(&scratch)).unwrap();
    slow.write_all(b"POST /api/v1/runs HTTP/1.1\r\nhost: riposte\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{")
        .unwrap();
    // Answered after the other one was taken on.
    assert_eq!(get(&socket(&scratch), "/readyz").unwrap().status, 200);
    daemon.terminate();
    let (status, said) = daemon.wait();
    assert!(status.success(), "{status}: {said}");
}

/// From now on files may not grow beyond so many bytes, for this process; what a full disk does, SQLite then finds.
fn limit(pid: u32, bytes: &str) {
    let limited =
        Command::new("prlimit").args(["--pid", &pid.to_string(), &format!("--fsize={bytes}:")]).status();
    assert!(limited.unwrap().success());
}

#[test]
fn with_a_full_disk_it_takes_nothing_in_and_makes_no_call_until_there_is_room() {
    let scratch = folder();
    // When the tenant has isolated the device, there is no room for its answer.
    let pid = Arc::new(Mutex::new(None));
    let victim = pid.clone();
    let on_request = Arc::new(move |entry: &riposte_tenant::Entry| {
        if entry.effect.as_ref().is_some_and(|effect| effect.kind == EffectKind::Isolate) {
            limit(victim.lock().unwrap().unwrap(), "1");
        }
    });
    let practice = Practice::with(Config { on_request: Some(on_request), ..Config::default() });
    let daemon = serving(&scratch, &practice);
    *pid.lock().unwrap() = Some(daemon.pid());
    let run = begin(&scratch, "twice");
    // The journal refuses from the moment on at which the device is isolated.
    let mut answers = (0..)
        .map(|number| start_run(&socket(&scratch), &format!("later {number}"), "rest", &json!({})).unwrap());
    let refused = answers.find(|answer| answer.status != 202).unwrap();
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.body["detail"].as_str().unwrap().contains("full"), "{refused:?}");
    let left = until(&scratch, &run, |_| true);
    assert_eq!(kinds(&left), ["run_started", "call_intended"]);
    assert_eq!(practice.count(EffectKind::RestrictCodeExecution), 0);
    let ready = get(&socket(&scratch), "/readyz").unwrap();
    assert_eq!((ready.status, &ready.body["ready"]), (503, &json!(false)), "{ready:?}");
    assert!(ready.body["detail"].as_str().unwrap().contains("disk is full"), "{ready:?}");

    limit(daemon.pid(), "unlimited");
    let over = until(&scratch, &run, |run| run["status"] != "running");
    assert_eq!(over["status"], "succeeded", "{over:#}");
    assert_eq!(
        (practice.count(EffectKind::Isolate), practice.count(EffectKind::RestrictCodeExecution)),
        (1, 1)
    );
    while get(&socket(&scratch), "/readyz").unwrap().status != 200 {
        std::thread::yield_now();
    }
    let begun = start_run(&socket(&scratch), "another", "rest", &json!({})).unwrap();
    assert_eq!(begun.status, 202);
    daemon.terminate();
    assert!(daemon.wait().0.success());
    verified(&scratch);
}

/// Runs something that has to fail at once; what it says.
fn refused(scratch: &Scratch, practice: &Practice) -> String {
    let config = practice.config(scratch);
    let (status, said) = Daemon::serving(scratch, &["playbooks", "--config", &config]).err().unwrap();
    assert!(!status.success(), "{said}");
    said
}

#[test]
fn a_journal_that_is_broken_is_not_served_and_verify_says_so() {
    let (scratch, practice) = (folder(), Practice::new(&[]));
    let daemon = serving(&scratch, &practice);
    begin(&scratch, "rest");
    daemon.terminate();
    assert!(daemon.wait().0.success());
    // All of it is in the one file, whoever had it open last.
    sql(&scratch, "PRAGMA wal_checkpoint(TRUNCATE)");
    let mut journal = std::fs::File::options().write(true).open(scratch.path("data/journal.db")).unwrap();
    let length = journal.metadata().unwrap().len();
    // Every page but the first.
    journal.seek(SeekFrom::Start(4096)).unwrap();
    journal.write_all(&vec![0xa5; usize::try_from(length).unwrap() - 4096]).unwrap();
    drop(journal);
    let said = refused(&scratch, &practice);
    assert!(said.contains("damaged"), "{said}");
    let verify = scratch.riposte(&["journal", "verify"]).output().unwrap();
    assert!(!verify.status.success());
}

#[test]
fn a_journal_that_may_not_be_written_is_not_served() {
    let (scratch, practice) = (folder(), Practice::new(&[]));
    serving(&scratch, &practice).kill();
    let journal = scratch.path("data/journal.db");
    std::fs::set_permissions(&journal, std::fs::Permissions::from_mode(0o400)).unwrap();
    if std::fs::File::options().append(true).open(&journal).is_ok() {
        // Whoever runs this is root, whom permissions do not keep out.
        return;
    }
    let said = refused(&scratch, &practice);
    assert!(said.contains("cannot write the journal") && said.contains("journal.db"), "{said}");
}
