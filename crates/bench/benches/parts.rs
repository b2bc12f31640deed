//! What the parts cost, one by one: `cargo bench -p riposte-bench`.
#![expect(missing_docs, reason = "what criterion's macro makes has no documentation")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use riposte_engine::{Beginning, Event, HostStore, Run, Store};
use riposte_expr::{Bindings, Expression};
use riposte_journal::Journal;
use riposte_model::{RunId, Timestamp};
use riposte_playbook::yaml::{Limits, read};
use riposte_playbook::{Playbook, load};
use riposte_server::hooks::bind;
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::Arc;

const CONTAIN: &str = include_str!("../src/work/w1.yaml");
const LOOK: &str = include_str!("../src/work/w6.yaml");

/// Runs that are begun, or go on, at once.
const TOGETHER: u128 = 64;

fn playbook(source: &str) -> Arc<Playbook> {
    load("bench.yaml", source, &riposte_actions::catalogue()).playbook.expect("the playbook is in order")
}

fn run_id(number: u128) -> RunId {
    format!("run_{number:032x}").parse().expect("an id")
}

fn alert(pieces: usize) -> Value {
    let evidence = |number: usize| json!({ "sha1": format!("{number:040x}"), "fileName": format!("{number}.exe"), "path": "C:\\a\\b" });
    let mut evidence: Vec<Value> = (0..pieces).map(evidence).collect();
    evidence.push(json!({ "sha1": "the last one" }));
    json!({ "id": "da1", "machineId": "0".repeat(40), "severity": "High", "evidence": evidence })
}

/// What is recorded of a run of the first workload.
fn events(playbook: &Playbook) -> Vec<Event> {
    let machine = "0".repeat(40);
    let step = |id: &str, kind: &str, action: &str, seq: u64| {
        let arguments = json!({ "machine_id": machine, kind: "Full", "comment": "Alert da1" });
        let output = json!({ "id": format!("{action}-1"), "status": "Succeeded", "machineId": machine });
        [
            json!({ "kind": "call_intended", "step": id, "attempt": 1, "action": action, "arguments": arguments,
                    "marker": riposte_engine::Marker::new(run_id(1), &riposte_model::StepPath::root(id), 1) }),
            json!({ "kind": "call_accepted", "step": id, "attempt": 1, "provider_id": format!("{action}-1") }),
            json!({ "kind": "call_succeeded", "step": id, "attempt": 1,
                    "started_at": Timestamp::from_millis(i64::try_from(seq).unwrap_or_default()), "output": output }),
        ]
    };
    let inputs = json!({ "device_id": machine, "severity": "High", "alert_id": "da1" });
    let started = json!({
        "kind": "run_started", "playbook": "bench", "source": playbook.hash, "inputs": inputs,
        "trigger": { "kind": "webhook", "name": "bench", "body": alert(4) },
    });
    let isolated = step("isolate", "isolation_type", "defender.isolate_machine", 2);
    let scanned = step("scan", "scan_type", "defender.run_antivirus_scan", 5);
    let finished = json!({ "kind": "run_finished", "status": "succeeded" });
    let bodies = std::iter::once(started).chain(isolated).chain(scanned).chain([finished]);
    (1..)
        .zip(bodies)
        .map(|(seq, body)| {
            let body = serde_json::from_value(body).expect("an event");
            Event { seq, at: Timestamp::from_millis(i64::try_from(seq).unwrap_or_default()), body }
        })
        .collect()
}

fn language(criterion: &mut Criterion) {
    let catalogue = riposte_actions::catalogue();
    criterion.bench_function("parse", |bencher| {
        bencher.iter(|| read(black_box(CONTAIN), &Limits::default()).expect("YAML"));
    });
    criterion.bench_function("parse and check", |bencher| {
        bencher.iter(|| load("bench.yaml", black_box(CONTAIN), &catalogue).playbook.expect("in order"));
    });
    let condition = Expression::parse("inputs.severity in [\"Medium\", \"High\"] && has(inputs.alert_id)");
    let condition = condition.expect("an expression");
    let inputs = json!({ "severity": "High", "alert_id": "da1" });
    criterion.bench_function("expression", |bencher| {
        bencher.iter(|| {
            condition.evaluate_bool(&Bindings::new().with("inputs", black_box(&inputs))).expect("a boolean")
        });
    });
}

fn binding(criterion: &mut Criterion) {
    // One whose condition goes through all of it, and one whose inputs have patterns.
    for (name, source, pieces) in [("bind", LOOK, 100), ("bind a small alert", CONTAIN, 4)] {
        let (playbook, body) = (playbook(source), Arc::new(alert(pieces)));
        let webhook = playbook.webhooks().next().expect("a webhook");
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                bind(&playbook, webhook, black_box(&body), Timestamp::from_millis(0)).expect("it binds")
            });
        });
    }
}

fn folding(criterion: &mut Criterion) {
    let playbook = playbook(CONTAIN);
    let events = events(&playbook);
    criterion.bench_function("fold 8 events", |bencher| {
        bencher.iter(|| Run::replay(run_id(1), playbook.clone(), black_box(&events)).expect("they fold"));
    });
    let open = Run::replay(run_id(1), playbook, &events[..4]).expect("they fold");
    criterion.bench_function("next", |bencher| bencher.iter(|| black_box(&open).next()));
}

fn journal(criterion: &mut Criterion) {
    let playbook = playbook(CONTAIN);
    let events = Arc::new(events(&playbook));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let journal = runtime.block_on(Journal::open(&folder.path().join("journal.db"))).expect("a journal");
    let journal = Arc::new(journal);
    let mut next = 0;
    let mut begin = || {
        let first = next;
        next += TOGETHER;
        let source: Arc<str> = CONTAIN.into();
        let beginnings = (first..next)
            .map(|number| Beginning::new(run_id(number), source.clone(), events[0].clone(), None));
        let beginnings: Vec<Beginning> = beginnings.collect();
        runtime.block_on(journal.begin_delivered(&beginnings)).expect("they begin");
        first..next
    };
    criterion.bench_function("append 7 events to each of 64 runs", |bencher| {
        bencher.iter_batched(
            &mut begin,
            |runs| {
                runtime.block_on(async {
                    let mut tasks = tokio::task::JoinSet::new();
                    for run in runs {
                        let (journal, events) = (journal.clone(), events.clone());
                        tasks.spawn(async move { journal.append(run_id(run), &events[1..]).await });
                    }
                    for appended in tasks.join_all().await {
                        appended.expect("it is appended");
                    }
                });
            },
            BatchSize::PerIteration,
        );
    });
    runtime.block_on(journal.close());
}

criterion_group!(parts, language, binding, folding, journal);
criterion_main!(parts);
