//! W6: from the bytes of an alert to a run's inputs, with a condition that looks at all of it.

use super::{Size, turns};
use crate::report::Line;
use anyhow::{Context, Result, bail};
use riposte_model::Timestamp;
use riposte_playbook::{Playbook, Trigger, Webhook};
use riposte_server::hooks::{Bound, bind};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::time::Instant;

const PLAYBOOK: &str = include_str!("w6.yaml");

/// Bytes of an alert.
const SIZES: [(usize, &str); 3] = [(10 << 10, "10 KiB"), (100 << 10, "100 KiB"), (1 << 20, "1 MiB")];

/// Bytes that are read in each round.
const BYTES: usize = 20 << 20;

const W6: &str = "W6 bind";

pub(crate) fn measure(size: Size) -> Result<Vec<Line>> {
    let loaded = riposte_playbook::load("bench.yaml", PLAYBOOK, &riposte_actions::catalogue());
    let playbook = loaded.playbook.context("the benchmark's playbook is not in order")?;
    let webhook = webhook(&playbook).context("it has no webhook")?;
    let alerts = SIZES.map(|(bytes, _)| alert(bytes));
    let mut costs: [Vec<f64>; 3] = Default::default();
    for round in 0..size.rounds {
        for which in turns(round, [0, 1, 2]) {
            let (alert, bytes) = (&alerts[which], SIZES[which].0);
            let times = size.of(BYTES) / bytes;
            let begun = Instant::now();
            for _ in 0..times {
                let body: Arc<Value> = serde_json::from_slice(alert.as_bytes())?;
                match bind(&playbook, webhook, &body, Timestamp::from_millis(0)).map(|mut bound| bound.pop())
                {
                    Ok(Some(Bound::Run { .. })) => {}
                    other => bail!("the alert does not bind: {other:?}"),
                }
            }
            let each = begun.elapsed().as_secs_f64() * 1e6 / times as f64;
            costs[which].push(each / (bytes as f64 / 1024.0));
        }
    }
    Ok(super::by_size(W6, "µs a KiB", SIZES.map(|(_, name)| format!("of {name}")), costs))
}

fn webhook(playbook: &Playbook) -> Option<&Webhook> {
    playbook.triggers.iter().find_map(|trigger| match trigger {
        Trigger::Webhook(webhook) => Some(webhook),
        Trigger::Schedule(_) => None,
    })
}

/// An alert of about so many bytes, whose last piece of evidence is what the condition looks for.
fn alert(bytes: usize) -> String {
    let evidence = |number: usize, sha1: &str| {
        json!({
            "entityType": "File",
            "sha1": sha1,
            "fileName": format!("invoice-{number}.exe"),
            "filePath": "C:\\Users\\ada\\Downloads\\a folder with a rather long name",
            "processCommandLine": "powershell.exe -NoProfile -ExecutionPolicy Bypass -EncodedCommand SQBFAFgA",
            "detectionStatus": "Detected",
            "evidenceCreationTime": "2026-01-02T03:04:05.6789012Z",
        })
    };
    let each = evidence(1000, &"0".repeat(40)).to_string().len() + 1;
    let mut list: Vec<Value> =
        (0..bytes / each).map(|number| evidence(number, &format!("{number:040x}"))).collect();
    list.push(evidence(0, "the last one"));
    json!({ "machineId": "a device", "severity": "High", "evidence": list }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_the_size_that_is_said() {
        for (bytes, _) in SIZES {
            let length = alert(bytes).len();
            assert!(length.abs_diff(bytes) < bytes / 10, "{length} instead of {bytes}");
        }
    }

    #[test]
    fn every_size_binds_and_has_a_cost() {
        let lines = measure(Size { rounds: 1, quick: true }).unwrap();
        assert!(lines.iter().all(|line| line.riposte.iter().all(|cost| *cost > 0.0)), "{lines:?}");
    }
}
