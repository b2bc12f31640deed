//! A run that is cancelled by a signal, and what Defender then still does for it.

use crate::running::{Running, steady, told};
use crate::support::{DEVICE, Practice, Scratch};
use riposte_tenant::EffectKind;

/// Isolates a device that is offline, so that there is something to cancel.
fn isolation(scratch: &Scratch) -> String {
    let text = format!(
        "name: isolate-only\nsteps:\n  - {{ id: isolate, action: defender.isolate_machine, with: {{ machine_id: {DEVICE}, comment: test }} }}\n"
    );
    scratch.write("isolate-only.yaml", &text).display().to_string()
}

fn offline(faults: &[&str]) -> Practice {
    let practice = Practice::new(faults);
    assert!(practice.tenant.set_online(DEVICE, false));
    practice
}

/// What a person sees of the whole run, afterwards.
fn shown_again(scratch: &Scratch) -> String {
    let list = scratch.riposte(&["runs", "list", "--output", "json"]).output().unwrap();
    let runs: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    let id = runs.as_array().unwrap().last().unwrap()["run_id"].as_str().unwrap().to_owned();
    String::from_utf8(scratch.riposte(&["runs", "show", &id]).output().unwrap().stdout).unwrap()
}

#[test]
fn what_is_pending_when_a_run_is_cancelled_is_cancelled_in_defender() {
    let (scratch, practice) = (Scratch::new(), offline(&[]));
    let mut running = Running::start(&scratch, &practice, &isolation(&scratch));
    running.until("accepted as").signal("INT");
    let (status, said, printed) = running.end();
    assert_eq!(status.code(), Some(1), "{said:#?}");

    let kinds: Vec<EffectKind> = practice.tenant.effects().iter().map(|effect| effect.kind).collect();
    assert_eq!(kinds, [EffectKind::Isolate, EffectKind::Cancel]);
    practice.tenant.set_online(DEVICE, true);
    assert_eq!(practice.tenant.is_isolated(DEVICE), Some(false), "it is not isolated when it comes back");

    let live = steady(&said.join("\n"), &practice);
    assert!(
        live.lines().any(|line| line == "+TIME - isolate cancelled: Defender's Isolate ID was cancelled"),
        "{live}"
    );
    insta::assert_snapshot!(told(&printed, &practice), @r"
    +TIME (run) manual riposte run
    +TIME isolate defender.isolate_machine is about to be sent
    +TIME isolate accepted as ID
    +TIME (run) cancellation requested by the operator
    +TIME isolate cancelled: Defender's Isolate ID was cancelled
    +TIME (run) cancelled by the operator
    ");
    assert_eq!(shown_again(&scratch).trim(), printed.trim());
}

#[test]
fn what_a_called_run_has_pending_is_cancelled_with_it() {
    let (scratch, practice) = (Scratch::new(), offline(&[]));
    isolation(&scratch);
    let caller =
        scratch.write("caller.yaml", "name: caller\nsteps:\n  - { id: contain, call: isolate-only }\n");
    let mut running = Running::start(&scratch, &practice, caller.to_str().unwrap());
    running.until("accepted as").signal("TERM");
    let (status, said, printed) = running.end();
    assert_eq!(status.code(), Some(1), "{said:#?}");
    assert_eq!(practice.count(EffectKind::Cancel), 1);
    let live = steady(&said.join("\n"), &practice);
    let line = "+TIME - contain » isolate cancelled: Defender's Isolate ID was cancelled";
    assert!(live.lines().any(|said| said == line), "{live}");
    insta::assert_snapshot!(told(&printed, &practice), @r"
    +TIME (run) manual riposte run
    +TIME contain called as RUN
    +TIME (run) cancellation requested by the operator
    +TIME contain failed: cancelled: isolate-only was cancelled as RUN
    +TIME (run) cancelled by the operator
    ");
}

#[test]
fn what_cannot_be_cancelled_is_said_to_go_on() {
    let (scratch, practice) = (Scratch::new(), offline(&["cancel=401:9"]));
    let mut running = Running::start(&scratch, &practice, &isolation(&scratch));
    running.until("accepted as").signal("INT");
    let (status, said, printed) = running.end();
    assert_eq!(status.code(), Some(1), "{said:#?}");
    assert_eq!(practice.count(EffectKind::Cancel), 0);
    insta::assert_snapshot!(told(&printed, &practice), @r"
    +TIME (run) manual riposte run
    +TIME isolate defender.isolate_machine is about to be sent
    +TIME isolate accepted as ID
    +TIME (run) cancellation requested by the operator
    +TIME isolate could not be cancelled, and may still be carried out: unauthorized: defender refused the request (401 Unauthorized, request REQUEST): The access token is missing, unknown or expired.
    +TIME (run) cancelled by the operator; not known to have ended at the provider: `isolate` as ID
    ");
}

#[test]
fn a_second_signal_waits_for_nothing() {
    let (scratch, practice) = (Scratch::new(), offline(&["cancel=latency-60s"]));
    let mut running = Running::start(&scratch, &practice, &isolation(&scratch));
    running.until("accepted as").signal("INT").until("cancelling: ").signal("INT");
    let (status, said, _) = running.end();
    assert_eq!(status.code(), Some(1));
    assert!(said.iter().any(|line| line.contains("left at once")), "{said:#?}");
    // Whether the first signal was recorded by then is a matter of time.
    let shown = told(&shown_again(&scratch), &practice);
    let shown = shown.trim_end_matches("\n+TIME (run) cancellation requested by the operator");
    insta::assert_snapshot!(shown, @r"
    +TIME (run) manual riposte run
    +TIME isolate defender.isolate_machine is about to be sent
    +TIME isolate accepted as ID
    ");
}
