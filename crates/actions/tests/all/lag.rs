//! Defender's list of machine actions lags behind what was done.

use crate::stage::{DEVICE, Stage};
use riposte_tenant::{EffectKind, Operation, Pace};
use std::time::Duration;

fn isolate() -> String {
    format!(
        "  - {{ id: last, action: defender.isolate_machine, with: {{ machine_id: {DEVICE}, comment: test }} }}\n"
    )
}

#[tokio::test]
async fn an_isolation_whose_answer_was_lost_is_found_once_the_list_shows_it() {
    // Less than the 50 ms that the connection allows for, however slow the machine is.
    let stage = Stage::new(&["isolate=drop-after", "machineactions=stale-40ms:1000"]).await;
    let output = stage.output(&isolate()).await;
    assert_eq!(output["status"], "Succeeded");
    assert_eq!(stage.count(EffectKind::Isolate), 1);
    assert!(stage.struck() > 1, "no list lagged behind");
}

#[tokio::test]
async fn an_isolation_that_the_list_has_forgotten_and_shows_again_goes_on() {
    let ms = |n| Duration::from_millis(n)..=Duration::from_millis(n);
    let faults = ["machineactions=stale-1ms:2", "machineactions=stale-1h:2", "machineactions=stale-100ms:3"];
    let stage = Stage::with(|config| {
        config.faults = faults.map(|fault| fault.parse().unwrap()).to_vec();
        // So long that the list is asked often enough before it is over, however slow the machine is.
        config.pace = Pace { pending: ms(1500), quick: ms(1500), slow: ms(1500) };
    })
    .await;
    let output = stage.output(&isolate()).await;
    assert_eq!(output["status"], "Succeeded");
    assert_eq!(stage.count(EffectKind::Isolate), 1);
    let looks =
        stage.tenant.log().iter().filter(|entry| entry.operation == Operation::MachineActions).count();
    assert!(looks > 4, "the list was asked {looks} times, and forgot it at the third");
}
