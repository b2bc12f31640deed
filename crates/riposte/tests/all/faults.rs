//! Whatever goes wrong on the way, the playbook finishes and each device action happens exactly once.

use crate::support::{DEVICE, Practice, Scratch, repository};
use riposte_tenant::EffectKind;

fn survives(faults: &[&str]) {
    let (scratch, practice) = (Scratch::new(), Practice::new(faults));
    let playbook = repository("playbooks/contain-device.yaml");
    let device = format!("device_id={DEVICE}");
    let output = scratch
        .riposte(&["run", &playbook, "-i", &device, "-i", "alert_id=a1", "-c", &practice.config(&scratch)])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{faults:?}: {said}");
    for kind in [EffectKind::Isolate, EffectKind::RunAntiVirusScan, EffectKind::CollectInvestigationPackage] {
        assert_eq!(practice.count(kind), 1, "{faults:?}: {kind}\n{said}");
    }
    let struck = practice.tenant.log().iter().filter(|entry| entry.fault.is_some()).count();
    assert!(struck >= faults.len(), "{faults:?}: a fault did not strike");
}

macro_rules! survives {
    ($($name:ident: $($fault:literal),+;)*) => {
        $(#[test]
        fn $name() {
            survives(&[$($fault),+]);
        })*
    };
}

survives! {
    throttled: "isolate=429";
    an_error_before_the_effect: "isolate=503";
    an_error_after_the_effect: "isolate=503-after";
    an_internal_error_after_the_effect: "runAntiVirusScan=500-after";
    a_dropped_request: "isolate=drop";
    a_dropped_answer: "isolate=drop-after";
    two_dropped_answers_side_by_side: "runAntiVirusScan=drop-after", "collectInvestigationPackage=drop-after";
    an_answer_that_is_not_json: "isolate=malformed";
    an_expired_token_at_a_post: "isolate=401";
    an_expired_token_while_waiting: "machineactions=401:2";
    a_token_endpoint_that_fails: "token=500";
    a_lookup_that_fails: "machines=503:2";
    a_poll_that_fails: "machineactions=503:3";
    a_poll_without_an_answer: "machineactions=drop:2";
    a_reconciliation_that_fails_too: "isolate=drop-after", "machineactions=500:2";
    a_package_link_that_fails: "getPackageUri=503";
}
