//! Runs that were left before their end, taken up or ended by another process.

use crate::running::{Running, steady};
use crate::support::{DEVICE, Practice, Scratch, config};
use riposte_tenant::{Config, EffectKind};
use serde_json::Value;

const CONTAIN: &str = "name: contain
steps:
  - { id: device, action: defender.get_machine, with: { machine_id: DEVICE } }
  - { id: isolate, action: defender.isolate_machine, with: { machine_id: DEVICE, comment: test } }
  - { id: rest, wait: 10ms }
";

/// A run on a device that is offline, killed while its isolation is pending.
fn killed(scratch: &Scratch) -> Practice {
    let practice = Practice::new(&[]);
    assert!(practice.tenant.set_online(DEVICE, false));
    let playbook = scratch.write("contain.yaml", &CONTAIN.replace("DEVICE", DEVICE)).display().to_string();
    let mut running = Running::start(scratch, &practice, &playbook);
    running.until("accepted as").signal("KILL");
    assert_eq!(running.end().0.code(), None);
    practice
}

pub(crate) fn runs(scratch: &Scratch) -> Vec<(String, String)> {
    let list = scratch.riposte(&["runs", "list", "--output", "json"]).output().unwrap();
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(|run| (text(&run["run_id"]), text(&run["status"]))).collect()
}

/// What a call says, without what differs from run to run.
pub(crate) fn said(scratch: &Scratch, practice: &Practice, arguments: &[&str]) -> String {
    let text = scratch.call(arguments).replace(&practice.tenant.address().to_string(), "TENANT");
    let stamps = |word: &str| {
        let bare = word.trim_end_matches([',', ':']);
        let is_time = bare.len() > 19 && bare.ends_with('Z') && bare.contains('T');
        // How long a step took.
        let is_length = bare.ends_with('s') && bare.starts_with(|c: char| c.is_ascii_digit());
        if is_time || is_length { word.replace(bare, "TIME") } else { word.to_owned() }
    };
    let text = steady(&text, practice);
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("status"));
    let lines = lines.map(|line| line.split(' ').map(stamps).collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_run_whose_process_was_killed_is_shown_and_driven_to_its_end() {
    let scratch = Scratch::new();
    let practice = killed(&scratch);
    let config = practice.config(&scratch);
    insta::assert_snapshot!(said(&scratch, &practice, &["runs", "resume", "--dry-run", "--config", &config]), @r"
    exit 0
    --- stdout
    RUN of contain, begun TIME, last heard of TIME
    isolate defender.isolate_machine was accepted as ID: it is followed
    --- stderr
    ");
    assert_eq!(runs(&scratch)[0].1, "running", "who only looks changes nothing");

    practice.tenant.set_online(DEVICE, true);
    let told = said(&scratch, &practice, &["runs", "resume", "--config", &config]);
    assert!(told.starts_with("exit 0"), "{told}");
    assert_eq!(runs(&scratch)[0].1, "succeeded");
    assert_eq!((practice.tenant.is_isolated(DEVICE), practice.count(EffectKind::Isolate)), (Some(true), 1));
    insta::assert_snapshot!(said(&scratch, &practice, &["runs", "resume", "--config", &config]), @r"
    exit 0
    --- stdout
    --- stderr
    no run was left before its end
    ");
}

#[test]
fn a_run_is_cancelled_after_its_process_was_killed() {
    let scratch = Scratch::new();
    let practice = killed(&scratch);
    let config = practice.config(&scratch);
    let id = runs(&scratch)[0].0.clone();
    let id = &id[..20];
    insta::assert_snapshot!(said(&scratch, &practice, &["runs", "cancel", id, "--config", &config]), @r"
    exit 0
    --- stdout
    run RUN
    playbook contain
    defender tenant aaaabbbb-0000-cccc-1111-dddd2222eeee at TENANT
    +TIME (run) manual riposte run
    +TIME device succeeded after TIME
    +TIME isolate defender.isolate_machine is about to be sent
    +TIME isolate accepted as ID
    +TIME (run) cancellation requested by the operator
    +TIME isolate cancelled: Defender's Isolate ID was cancelled
    +TIME (run) cancelled by the operator
    --- stderr
    RUN of contain, begun TIME, last heard of TIME
    isolate defender.isolate_machine was accepted as ID, and is cancelled there unless it has ended
    +TIME - isolate cancelled: Defender's Isolate ID was cancelled
    ");
    assert_eq!((runs(&scratch)[0].1.as_str(), practice.count(EffectKind::Cancel)), ("cancelled", 1));
    practice.tenant.set_online(DEVICE, true);
    assert_eq!(practice.tenant.is_isolated(DEVICE), Some(false), "it is not isolated when it comes back");
    insta::assert_snapshot!(said(&scratch, &practice, &["runs", "cancel", id, "--config", &config]), @r"
    exit 2
    --- stdout
    --- stderr
    RUN is left as it is: it is over: cancelled
    ");
}

#[test]
fn a_run_is_left_as_it_is_where_its_tenant_is_not() {
    let scratch = Scratch::new();
    let practice = killed(&scratch);
    insta::assert_snapshot!(said(&scratch, &practice, &["runs", "resume"]), @r"
    exit 2
    --- stdout
    --- stderr
    RUN is left as it is: it uses the connection `defender` (tenant aaaabbbb-0000-cccc-1111-dddd2222eeee at TENANT), and there is none: configure it under `connections`, and give it by --config FILE
    ");
    let other = "11111111-2222-3333-4444-555555555555";
    let other = config(&scratch, "http://127.0.0.1:9", other, &Config::default().client_secret);
    let told = said(&scratch, &practice, &["runs", "resume", "--config", &other]);
    insta::assert_snapshot!(told, @r"
    exit 2
    --- stdout
    --- stderr
    RUN is left as it is: `defender` was tenant aaaabbbb-0000-cccc-1111-dddd2222eeee at TENANT when it began, and is tenant 11111111-2222-3333-4444-555555555555 at 127.0.0.1:9 now: give the configuration that it began with
    ");
    let told = said(&scratch, &practice, &["runs", "cancel", &runs(&scratch)[0].0, "--config", &other]);
    assert!(told.starts_with("exit 2"), "{told}");
    assert_eq!(runs(&scratch)[0].1, "running");
}

#[test]
fn a_run_that_is_being_driven_is_not_taken_up() {
    let scratch = Scratch::new();
    let practice = Practice::new(&[]);
    practice.tenant.set_online(DEVICE, false);
    let playbook = scratch.write("contain.yaml", &CONTAIN.replace("DEVICE", DEVICE)).display().to_string();
    let mut running = Running::start(&scratch, &practice, &playbook);
    running.until("accepted as");
    let config = practice.config(&scratch);
    let id = runs(&scratch)[0].0.clone();
    for command in ["resume", "cancel"] {
        let told = said(&scratch, &practice, &["runs", command, &id, "--config", &config]);
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.replace(&running.pid().to_string(), "PID"), @r"
            exit 2
            --- stdout
            --- stderr
            RUN is left as it is: run RUN is driven by the process PID
            ");
        }
    }
    let told = said(&scratch, &practice, &["runs", "resume", "--config", &config]);
    assert!(told.starts_with("exit 0") && told.ends_with("no run was left before its end"), "{told}");
    running.signal("KILL");
    running.end();
    practice.tenant.set_online(DEVICE, true);
    let told = said(&scratch, &practice, &["runs", "resume", "--config", &config]);
    assert!(told.starts_with("exit 0"), "{told}");
    assert_eq!(practice.count(EffectKind::Isolate), 1);
}

#[test]
fn what_a_run_calls_has_to_be_at_hand() {
    let scratch = Scratch::new();
    let practice = Practice::new(&[]);
    practice.tenant.set_online(DEVICE, false);
    let folder = scratch.path("books");
    std::fs::create_dir(&folder).unwrap();
    scratch.write("books/contain.yaml", &CONTAIN.replace("DEVICE", DEVICE));
    let caller = "name: caller\nsteps:\n  - { id: one, call: contain }\n";
    let caller = scratch.write("books/caller.yaml", caller).display().to_string();
    let mut running = Running::start(&scratch, &practice, &caller);
    running.until("accepted as").signal("KILL");
    running.end();
    let config = practice.config(&scratch);
    insta::assert_snapshot!(said(&scratch, &practice, &["runs", "resume", "--config", &config]), @r"
    exit 2
    --- stdout
    --- stderr
    RUN is left as it is: it calls the playbook `contain`, which is not at hand: give its file or folder by --playbooks PATH
    ");
    let with = ["runs", "resume", "--config", &config, "--playbooks", "books"];
    insta::assert_snapshot!(said(&scratch, &practice, &[&with[..], &["--dry-run"]].concat()), @r"
    exit 0
    --- stdout
    RUN of caller, begun TIME, last heard of TIME
    one was called as RUN which goes on
    isolate defender.isolate_machine was accepted as ID: it is followed
    --- stderr
    ");
    practice.tenant.set_online(DEVICE, true);
    let told = said(&scratch, &practice, &with);
    assert!(told.starts_with("exit 0") && told.contains("one » isolate"), "{told}");
    assert!(runs(&scratch).iter().all(|run| run.1 == "succeeded"));
    assert_eq!(practice.count(EffectKind::Isolate), 1);
}

#[test]
fn a_simulated_run_is_gone_with_its_tenant_and_can_be_closed() {
    let scratch = Scratch::new();
    let practice = Practice::new(&[]);
    let wait = format!("{}  - {{ id: long, wait: 1h }}\n", CONTAIN.replace("DEVICE", DEVICE));
    let playbook = scratch.write("contain.yaml", &wait).display().to_string();
    let mut running = Running::simulate(&scratch, &playbook);
    running.until("waits 1h00m").signal("KILL");
    running.end();
    let config = practice.config(&scratch);
    insta::assert_snapshot!(said(&scratch, &practice, &["runs", "resume", "--config", &config]), @r"
    exit 2
    --- stdout
    --- stderr
    RUN is left as it is: it was begun with --simulate, and its tenant has ended with its process: `riposte runs cancel`, without --config, closes its record
    ");
    let id = runs(&scratch)[0].0.clone();
    let told = said(&scratch, &practice, &["runs", "cancel", &id]);
    assert!(told.starts_with("exit 0"), "{told}");
    assert_eq!((runs(&scratch)[0].1.as_str(), practice.tenant.log().len()), ("cancelled", 0));
}

#[test]
fn a_call_in_doubt_is_looked_for_and_not_sent_again() {
    let scratch = Scratch::new();
    let practice = Practice::new(&["isolate=latency-60s"]);
    let playbook = scratch.write("contain.yaml", &CONTAIN.replace("DEVICE", DEVICE)).display().to_string();
    let mut running = Running::start(&scratch, &practice, &playbook);
    running.until("is about to be sent");
    // It is done at once, and not answered.
    while practice.count(EffectKind::Isolate) == 0 {
        std::thread::yield_now();
    }
    running.signal("KILL");
    running.end();
    let config = practice.config(&scratch);
    insta::assert_snapshot!(said(&scratch, &practice, &["runs", "resume", "--dry-run", "--config", &config]), @r"
    exit 0
    --- stdout
    RUN of contain, begun TIME, last heard of TIME
    isolate defender.isolate_machine is in doubt: it is looked for, and sent again only if it certainly was not carried out
    --- stderr
    ");
    let told = said(&scratch, &practice, &["runs", "resume", "--config", &config]);
    assert!(told.starts_with("exit 0") && told.contains("isolate found as ID"), "{told}");
    assert_eq!(practice.count(EffectKind::Isolate), 1);
}
