//! Somebody else's action is already active on the device: the run says so, and nothing is sent twice or taken for ours.

use crate::support::{DEVICE, Practice, Scratch};
use riposte_tenant::{Config, Duplicates, EffectKind};

fn collides(duplicates: Duplicates) {
    let practice = Practice::with(Config { duplicates, ..Config::default() });
    let scratch = Scratch::new();
    // An offline device keeps the first isolation pending.
    assert!(practice.tenant.set_online(DEVICE, false));
    let playbook = scratch.write(
        "isolate.yaml",
        &format!(
            "name: isolate-only\nsteps:\n  - id: isolate\n    action: defender.isolate_machine\n    await: accepted\n    with: {{ machine_id: {DEVICE}, comment: test }}\n"
        ),
    );
    let config = practice.config(&scratch);
    let run = || {
        let arguments = ["run", playbook.to_str().unwrap(), "-c", &config, "--output", "json"];
        let output = scratch.riposte(&arguments).output().unwrap();
        let run: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), run)
    };
    let (code, first) = run();
    assert_eq!(code, Some(0), "{first}");
    let (code, second) = run();
    assert_eq!(code, Some(1), "{second}");
    assert_eq!(second["failure"]["kind"], "conflict");
    let action = &practice.tenant.effects()[0].action;
    assert_eq!(
        second["failure"]["message"],
        format!(
            "Isolate {action} by Riposte is already Pending on this device, and Defender opened no second one"
        )
    );
    assert_eq!(practice.count(EffectKind::Isolate), 1);
}

#[test]
fn a_refused_duplicate_is_a_conflict() {
    collides(Duplicates::Refused);
}

#[test]
fn a_duplicate_that_is_answered_with_the_pending_action_is_a_conflict() {
    collides(Duplicates::ReturnsPending);
}
