//! A run that has failed, and goes on from its failed step.

use crate::resume::{runs, said};
use crate::running::Running;
use crate::support::{DEVICE, Practice, Scratch};
use riposte_tenant::EffectKind;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;

const CONTAIN: &str = "name: contain
steps:
  - { id: scan, action: defender.run_antivirus_scan, with: { machine_id: DEVICE, scan_type: Quick, comment: test } }
  - { id: isolate, action: defender.isolate_machine, with: { machine_id: DEVICE, comment: test } }
on_failure:
  - { id: tag, action: defender.add_machine_tag, with: { machine_id: DEVICE, tag: by-hand } }
";

#[test]
fn a_failed_run_is_shown_and_goes_on_from_its_failed_step() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&["isolate=403"]));
    let config = practice.config(&scratch);
    let playbook = scratch.write("contain.yaml", &CONTAIN.replace("DEVICE", DEVICE)).display().to_string();
    let first = said(&scratch, &practice, &["run", &playbook, "--config", &config]);
    assert!(first.starts_with("exit 1"), "{first}");
    let id = runs(&scratch)[0].0.clone();
    let id = &id[..20];

    insta::assert_snapshot!(said(&scratch, &practice, &["runs", "retry", id, "--dry-run", "--config", &config]), @r"
    exit 0
    --- stdout
    RUN of contain, failed at `isolate`: forbidden: defender refused the request (403 Forbidden, request REQUEST): The simulated tenant was told to answer so.
    isolate defender.isolate_machine is called again (attempt 2)
    on_failure.tag has run, and what it undid is not done again; runs again when its turn comes
    scan is not repeated: it has succeeded as ID
    --- stderr
    ");
    let arguments = ["runs", "retry", id, "--dry-run", "--config", &config, "--output", "json"];
    let plan = scratch.riposte(&arguments).output().unwrap().stdout;
    let plan: Value = serde_json::from_slice(&plan).unwrap();
    let run = &plan["runs"][0];
    assert_eq!((&run["again"][0]["step"], &run["handlers"]), (&json!("isolate"), &json!(["on_failure.tag"])));
    let scanned = practice.tenant.effects()[0].action.clone();
    assert_eq!(run["kept"], json!([{ "step": "scan", "provider_id": scanned }]));
    assert_eq!(runs(&scratch)[0].1, "failed", "who only looks changes nothing");

    insta::assert_snapshot!(said(&scratch, &practice, &["runs", "retry", id, "--config", &config]), @r"
    exit 0
    --- stdout
    run RUN
    playbook contain
    defender tenant aaaabbbb-0000-cccc-1111-dddd2222eeee at TENANT
    +TIME (run) manual riposte run
    +TIME scan defender.run_antivirus_scan is about to be sent
    +TIME scan accepted as ID
    +TIME scan succeeded after TIME
    +TIME isolate defender.isolate_machine is about to be sent
    +TIME isolate failed: forbidden: defender refused the request (403 Forbidden, request REQUEST): The simulated tenant was told to answer so.
    +TIME on_failure.tag succeeded after TIME
    +TIME (run) failed at `isolate`
    +TIME (run) retried by the operator: goes on from what failed
    +TIME isolate defender.isolate_machine is about to be sent (attempt 2)
    +TIME isolate accepted as ID
    +TIME isolate succeeded after TIME (attempt 2)
    +TIME (run) succeeded
    --- stderr
    RUN of contain, failed at `isolate`: forbidden: defender refused the request (403 Forbidden, request REQUEST): The simulated tenant was told to answer so.
    isolate defender.isolate_machine is called again (attempt 2)
    on_failure.tag has run, and what it undid is not done again; runs again when its turn comes
    scan is not repeated: it has succeeded as ID
    +TIME · isolate defender.isolate_machine is about to be sent (attempt 2)
    +TIME · isolate accepted as ID
    +TIME ✓ isolate succeeded after TIME (attempt 2)
    ");
    assert_eq!(runs(&scratch)[0].1, "succeeded");
    assert_eq!((practice.count(EffectKind::Isolate), practice.count(EffectKind::RunAntiVirusScan)), (1, 1));
    assert!(said(&scratch, &practice, &["journal", "verify"]).starts_with("exit 0"));

    insta::assert_snapshot!(said(&scratch, &practice, &["runs", "retry", id, "--config", &config]), @r"
    exit 2
    --- stdout
    --- stderr
    RUN is left as it is: it has succeeded: only a run that has failed can be retried
    ");
}

const ISOLATE: &str = "name: isolate
steps: [{ id: isolate, action: defender.isolate_machine, with: { machine_id: DEVICE, comment: test } }]
";

const UNDO: &str = "name: undo
steps: [{ id: undo, action: defender.cancel_machine_action, with: { action_id: ACTION, comment: mistaken } }]
";

/// The old one carries the marker of the step, and was cancelled by somebody; the new call never arrived.
#[test]
fn the_old_action_is_not_taken_for_a_new_call_that_was_lost() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    let config = practice.config(&scratch);
    let playbook = scratch.write("isolate.yaml", &ISOLATE.replace("DEVICE", DEVICE)).display().to_string();
    assert!(practice.tenant.set_online(DEVICE, false));
    let mut running = Running::start(&scratch, &practice, &playbook);
    running.until("accepted as");
    let old = practice.tenant.effects()[0].action.clone();
    let undo = scratch.write("undo.yaml", &UNDO.replace("ACTION", &old)).display().to_string();
    let undone = scratch.call(&["run", &undo, "--config", &config, "--data-dir", "undone"]);
    assert!(undone.starts_with("exit 0"), "{undone}");
    assert_eq!(running.end().0.code(), Some(1));

    practice.tenant.set_online(DEVICE, true);
    order(&practice, "isolate=drop");
    let id = runs(&scratch)[0].0.clone();
    let told = scratch.call(&["runs", "retry", &id, "--config", &config]);
    assert!(told.starts_with("exit 0") && told.contains("was not carried out"), "{told}");
    let opened: Vec<_> =
        practice.tenant.effects().into_iter().filter(|effect| effect.kind == EffectKind::Isolate).collect();
    assert_eq!((opened.len(), practice.tenant.is_isolated(DEVICE)), (2, Some(true)));
    assert!(told.contains("is about to be sent (attempt 3)"), "{told}");
}

/// Orders a fault of a tenant that is at work.
fn order(practice: &Practice, fault: &str) {
    let mut stream = TcpStream::connect(practice.tenant.address()).unwrap();
    let length = fault.len();
    let head = format!(
        "POST /_tenant/faults HTTP/1.1\r\nHost: tenant\r\nConnection: close\r\nContent-Length: {length}"
    );
    stream.write_all(format!("{head}\r\n\r\n{fault}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
}
