//! What is ordered in a round, and what the tenant then has to have done.

use super::chance::Chance;
use riposte_tenant::EffectKind;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The playbooks of a round.
pub(super) const PLAYBOOKS: [(&str, &str); 4] =
    [("contain.yaml", CONTAIN), ("lock-down.yaml", LOCK_DOWN), ("sweep.yaml", SWEEP), ("watch.yaml", WATCH)];

/// Kills prove a call absent again and again, and each time it is another attempt.
const CONTAIN: &str = r#"name: contain
inputs: { device: { type: string } }
defaults: { retry: { attempts: 50, initial: 10ms, max: 50ms } }
steps:
  - { id: isolate, action: defender.isolate_machine, with: { machine_id: "${{ inputs.device }}", comment: test } }
  - { id: lock, call: lock-down, with: { device: "${{ inputs.device }}" } }
  - { id: scan, action: defender.run_antivirus_scan, with: { machine_id: "${{ inputs.device }}", scan_type: Quick, comment: test } }
"#;

const LOCK_DOWN: &str = r#"name: lock-down
inputs: { device: { type: string } }
defaults: { retry: { attempts: 50, initial: 10ms, max: 50ms } }
steps:
  - { id: lock, action: defender.restrict_code_execution, with: { machine_id: "${{ inputs.device }}", comment: test } }
"#;

const SWEEP: &str = r#"name: sweep
inputs:
  devices: { type: array, items: { type: string } }
defaults: { retry: { attempts: 50, initial: 10ms, max: 50ms } }
steps:
  - id: sweep
    for_each: inputs.devices
    as: device
    max: 2
    steps:
      - id: both
        parallel:
          - steps:
              - id: scan
                action: defender.run_antivirus_scan
                with: { machine_id: "${{ device }}", scan_type: Quick, comment: test }
          - steps:
              - id: package
                action: defender.collect_investigation_package
                with: { machine_id: "${{ device }}", comment: test }
"#;

const WATCH: &str = r#"name: watch
inputs: { device: { type: string } }
concurrency: { key: inputs.device, limit: 1 }
defaults: { retry: { attempts: 50, initial: 10ms, max: 50ms } }
steps:
  - { id: rest, wait: 300ms }
  - { id: package, action: defender.collect_investigation_package, with: { machine_id: "${{ inputs.device }}", comment: test } }
  - { id: isolate, action: defender.isolate_machine, with: { machine_id: "${{ inputs.device }}", comment: test } }
"#;

/// Devices of a round: so few that runs meet on them.
pub(super) const DEVICES: usize = 4;
/// Runs of a round, those that they call not counted.
pub(super) const ORDERS: usize = 10;

pub(super) fn device(number: usize) -> String {
    format!("{:040x}", 0xd0 + number)
}

/// One run that is wanted.
#[derive(Debug)]
pub(super) struct Order {
    /// Its `Idempotency-Key`.
    pub(super) key: String,
    pub(super) playbook: &'static str,
    pub(super) inputs: Value,
    /// What the tenant is to do for it.
    wished: Vec<(String, EffectKind)>,
}

/// The orders of a round.
pub(super) fn draw(chance: &mut Chance) -> Vec<Order> {
    let draw_device = |chance: &mut Chance| device(usize::try_from(chance.below(DEVICES as u64)).unwrap());
    let order = |number: usize| {
        let (first, second) = (draw_device(chance), draw_device(chance));
        let of_first = |kinds: &[EffectKind]| kinds.iter().map(|kind| (first.clone(), *kind)).collect();
        let one = json!({ "device": first });
        let (playbook, inputs, wished) = match number % 3 {
            0 => {
                use EffectKind::{Isolate, RestrictCodeExecution, RunAntiVirusScan};
                ("contain", one, of_first(&[Isolate, RestrictCodeExecution, RunAntiVirusScan]))
            }
            1 => {
                // Perhaps twice the same.
                let devices = [first, second];
                let wished = devices.iter().flat_map(|device| {
                    [EffectKind::RunAntiVirusScan, EffectKind::CollectInvestigationPackage]
                        .map(|kind| (device.clone(), kind))
                });
                let wished = wished.collect();
                ("sweep", json!({ "devices": devices }), wished)
            }
            _ => {
                use EffectKind::{CollectInvestigationPackage, Isolate};
                ("watch", one, of_first(&[CollectInvestigationPackage, Isolate]))
            }
        };
        Order { key: format!("order-{number}"), playbook, inputs, wished }
    };
    (0..ORDERS).map(order).collect()
}

/// How often the tenant is to have done what to whom.
pub(super) fn wished(orders: &[Order]) -> BTreeMap<(String, String), usize> {
    let mut wished = BTreeMap::new();
    for (device, kind) in orders.iter().flat_map(|order| &order.wished) {
        *wished.entry((device.clone(), kind.to_string())).or_default() += 1;
    }
    wished
}
