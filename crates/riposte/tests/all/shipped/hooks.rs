//! What a shipped playbook's webhook makes of the messages that really arrive there.

use super::playbooks;
use crate::support::repository;
use riposte_model::Timestamp;
use riposte_playbook::{Playbook, Webhook};
use riposte_server::hooks::{Bound, bind};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Each webhook, the message that it is made for, and an input that is bound from it.
const MESSAGES: [(&str, &str, &str, &str); 8] = [
    ("defender-alert", ALERT, "alert_id", "da637472900382838869_1364969609"),
    ("defender-alert-triage", BATCH, "alert_id", "da637472900382838869_1364969609"),
    ("defender-malware", ALERT, "sha1", "ff836cfb1af40252bd2a2ea843032e99a5b262ed"),
    ("defender-powershell", ALERT, "device_id", "1e5bc9d7e413ddd7902c2932e418702b84d0cc07"),
    ("graph-alert", GRAPH, "device_id", "1e5bc9d7e413ddd7902c2932e418702b84d0cc07"),
    ("sentinel-ransomware", SENTINEL, "title", "Ransomware precursor on one endpoint"),
    ("siem-credential-theft", SIEM, "event_id", "evt-20261120-000042"),
    ("threat-feed", FEED, "action", "Audit"),
];

pub(super) const ALERT: &str = "crates/riposte/assets/defender_alert.json";
pub(super) const BATCH: &str = "crates/riposte/tests/samples/defender_alert_batch.json";
pub(super) const GRAPH: &str = "crates/riposte/tests/samples/graph_alert_v2.json";
pub(super) const SENTINEL: &str = "crates/riposte/tests/samples/sentinel_incident.json";
pub(super) const SIEM: &str = "crates/riposte/tests/samples/siem_generic.json";
pub(super) const FEED: &str = "crates/riposte/tests/samples/threat_feed.json";

/// Below this nothing is isolated, quarantined or restricted without a person.
const HARMLESS: [&str; 2] = ["Informational", "UnSpecified"];

fn message(file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(repository(file)).unwrap()).unwrap()
}

fn at() -> Timestamp {
    riposte_engine::Clock::now(&riposte_executor::SystemClock)
}

/// Every webhook, by its name. A name that two playbooks use would start only one of them, or both.
fn webhooks(playbooks: &[Arc<Playbook>]) -> BTreeMap<&str, (&Playbook, &Webhook)> {
    let mut found = BTreeMap::new();
    for playbook in playbooks {
        for webhook in playbook.webhooks() {
            let before = found.insert(webhook.name.as_str(), (&**playbook, webhook));
            assert!(before.is_none(), "{} is the webhook of two playbooks", webhook.name);
        }
    }
    found
}

#[test]
fn every_webhook_starts_one_run_for_the_message_it_is_made_for() {
    let playbooks = playbooks();
    let webhooks = webhooks(&playbooks);
    let tried: BTreeSet<&str> = MESSAGES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(tried, webhooks.keys().copied().collect());
    for (name, file, input, value) in MESSAGES {
        let (playbook, webhook) = webhooks[name];
        match &bind(playbook, webhook, &message(file).into(), at()).unwrap()[..] {
            [Bound::Run { inputs, .. }] => assert_eq!(inputs[input], value, "{name}"),
            _ => panic!("{name} does not start exactly one run"),
        }
    }
}

#[test]
fn an_alert_that_is_not_meant_starts_nothing() {
    let playbooks = playbooks();
    let webhooks = webhooks(&playbooks);
    let starts = |name: &str, file: &str, pointer: &str, value: Value| {
        let (playbook, webhook) = webhooks[name];
        let mut body = message(file);
        *body.pointer_mut(pointer).unwrap() = value;
        let bound = bind(playbook, webhook, &body.into(), at()).unwrap();
        bound.iter().any(|bound| matches!(bound, Bound::Run { .. }))
    };
    assert!(!starts("defender-alert", ALERT, "/severity", json!("Low")));
    assert!(!starts("defender-malware", ALERT, "/severity", json!(HARMLESS[0])));
    assert!(!starts("defender-malware", ALERT, "/severity", json!(HARMLESS[1])));
    assert!(!starts("defender-powershell", ALERT, "/category", json!("Malware")));
    assert!(!starts("sentinel-ransomware", SENTINEL, "/object/properties/severity", json!("Medium")));
    assert!(!starts("siem-credential-theft", SIEM, "/rule/name", json!("EDR: port scan")));
    assert!(!starts("siem-credential-theft", SIEM, "/rule/severity", json!("high")));
}
