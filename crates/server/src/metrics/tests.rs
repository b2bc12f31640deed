//! The page: every metric, what tells it apart, and its bounds.

use super::*;
use riposte_engine::{
    Event, EventBody, Finding, Note, Observer as _, Run, RunFinished, RunStarted, RunStatus, StoreError,
    Trigger,
};
use riposte_executor::Counts;
use riposte_model::{Catalogue, ErrorKind, Failure, RunId, StepPath};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::time::Duration;

const SOURCE: &str = "name: hello\nsteps:\n  - { id: first, set: { a: 1 } }\n  - { id: pause, wait: 1m }\n";

fn second(number: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + number * 1000)
}

/// A run of `hello`, and its first event.
fn run() -> (Run, Event) {
    let playbook = riposte_playbook::load("hello.yaml", SOURCE, &Catalogue::default()).playbook.unwrap();
    let started = RunStarted {
        playbook: playbook.name.clone(),
        source: playbook.hash.clone(),
        inputs: Map::new(),
        trigger: Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null.into() },
        parent: None,
        connections: Map::new(),
    };
    let first = Event { seq: 1, at: second(0), body: EventBody::RunStarted(started.into()) };
    let run = Run::new(RunId::from_uuid(uuid::Uuid::from_u128(1)), playbook, &first).unwrap();
    (run, first)
}

fn failure() -> Failure {
    Failure::new(ErrorKind::UnknownOutcome, "no answer")
}

/// One of everything that is counted.
fn story(metrics: &Metrics) -> Readings {
    let (run, first) = run();
    metrics.loaded([&run.playbook().name], second(0));
    metrics.begun(run.id(), run.started(), first.at);
    let step = StepPath::root("first");
    let tell = |at: i64, body: EventBody| metrics.recorded(&run, &Event { seq: 2, at: second(at), body });
    tell(
        1,
        EventBody::CallFailed {
            step: step.clone(),
            attempt: 1,
            started_at: second(0),
            failure: failure(),
            retry_at: Some(second(2)),
        },
    );
    tell(2, EventBody::OutcomeUnknown { step: step.clone(), attempt: 2, failure: failure() });
    tell(
        3,
        EventBody::CallSucceeded {
            step: step.clone(),
            attempt: 2,
            started_at: second(0),
            output: Value::Null,
        },
    );
    tell(4, EventBody::StepSkipped { step: StepPath::root("pause") });
    tell(5, EventBody::WithdrawalFailed { step, attempt: 2, failure: failure() });
    tell(60, EventBody::RunFinished(finished(RunStatus::Failed)));
    metrics.request("isolate_machine", Some(201), Duration::from_millis(20));
    metrics.request("isolate_machine", None, Duration::from_secs(60));
    metrics.token(true);
    metrics.waited("general", Duration::from_secs(2));
    metrics.throttled("general", Duration::from_millis(2500));
    metrics.committed(3, 5, Duration::from_millis(2), None);
    Readings {
        counts: Counts { live: 1, at_work: 2, parked: 3, ready: 4, troubled: 5 },
        alive: true,
        hooks: vec!["alert".to_owned()],
        webhooks: [(("alert".to_owned(), 202), 7), ((String::new(), 404), 8)].into(),
        filtered: [("alert".to_owned(), 6)].into(),
        fires: [((run.playbook().name.clone(), "begun"), 9)].into(),
        journal_bytes: Some(10),
        disk_free_bytes: Some(11),
        process: Some(Process {
            started_at: 12.0,
            cpu_seconds: 13.5,
            resident_bytes: 14,
            open_files: 15,
            max_files: Some(16),
        }),
    }
}

fn finished(status: RunStatus) -> RunFinished {
    RunFinished { status, step: None, failure: None, message: None, outputs: Map::new() }
}

/// The lines that tell values, but for the buckets of histograms, in the order of the alphabet.
fn samples(page: &str) -> Vec<&str> {
    let mut samples: Vec<&str> =
        page.lines().filter(|line| !line.starts_with('#') && !line.contains("_bucket{")).collect();
    samples.sort_unstable();
    samples
}

#[test]
fn everything_that_happens_is_on_the_page() {
    let metrics = Metrics::new("1.2.3");
    let readings = story(&metrics);
    insta::assert_snapshot!(samples(&metrics.page(&readings)).join("\n"), @r#"
    process_cpu_seconds_total 13.5
    process_max_fds 16
    process_open_fds 15
    process_resident_memory_bytes 14
    process_start_time_seconds 12.0
    riposte_build_info{version="1.2.3"} 1
    riposte_calls_in_doubt 0
    riposte_defender_request_seconds_count{operation="isolate_machine"} 2
    riposte_defender_request_seconds_sum{operation="isolate_machine"} 60.02
    riposte_defender_requests_total{operation="isolate_machine",status="201"} 1
    riposte_defender_requests_total{operation="isolate_machine",status="none"} 1
    riposte_defender_throttled_seconds_total{class="general"} 2.5
    riposte_defender_tokens_total{outcome="granted"} 1
    riposte_defender_tokens_total{outcome="refused"} 0
    riposte_defender_turn_wait_seconds_total{class="general"} 2.0
    riposte_disk_free_bytes 11
    riposte_disk_full 0
    riposte_host_alive 1
    riposte_journal_commit_seconds_count 1
    riposte_journal_commit_seconds_sum 0.002
    riposte_journal_commits_total{outcome="done"} 1
    riposte_journal_commits_total{outcome="failed"} 0
    riposte_journal_commits_total{outcome="full"} 0
    riposte_journal_events_total 5
    riposte_journal_requests_total 3
    riposte_journal_size_bytes 10
    riposte_outcomes_unknown_total 1
    riposte_reload_failed 0
    riposte_reload_last_success_timestamp_seconds 1700000000.0
    riposte_run_duration_seconds_count{playbook="hello"} 1
    riposte_run_duration_seconds_sum{playbook="hello"} 60.0
    riposte_runs_at_work 2
    riposte_runs_live 1
    riposte_runs_parked 3
    riposte_runs_ready 4
    riposte_runs_started_total{playbook="hello"} 1
    riposte_runs_total{playbook="hello",status="cancelled"} 0
    riposte_runs_total{playbook="hello",status="failed"} 1
    riposte_runs_total{playbook="hello",status="succeeded"} 0
    riposte_runs_troubled 5
    riposte_schedule_fires_total{playbook="hello",what="begun"} 9
    riposte_step_duration_seconds_count{action="set"} 1
    riposte_step_duration_seconds_sum{action="set"} 3.0
    riposte_step_retries_total{action="set"} 1
    riposte_steps_total{action="set",outcome="succeeded"} 1
    riposte_steps_total{action="wait",outcome="skipped"} 1
    riposte_webhook_events_filtered_total{hook="alert"} 6
    riposte_webhook_requests_total{hook="(none)",answer="404"} 8
    riposte_webhook_requests_total{hook="alert",answer="202"} 7
    riposte_webhook_requests_total{hook="alert",answer="401"} 0
    riposte_webhook_requests_total{hook="alert",answer="429"} 0
    riposte_webhook_requests_total{hook="alert",answer="503"} 0
    riposte_withdrawals_failed_total 1
    "#);
}

#[test]
fn the_page_is_openmetrics() {
    let metrics = Metrics::new("1.2.3");
    let readings = story(&metrics);
    let page = metrics.page(&readings);
    assert!(page.ends_with("# EOF\n"), "{page}");
    assert!(
        page.contains("# TYPE riposte_runs counter\n")
            && page.contains("# UNIT process_cpu_seconds seconds\n")
    );
    for line in page.lines().filter(|line| line.starts_with("# HELP ")) {
        assert!(line.split(' ').count() > 3, "no words about it: {line}");
    }
}

/// All values of a metric.
fn value(metrics: &Metrics, name: &str) -> Vec<String> {
    let page = metrics.page(&Readings::default());
    let of = |line: &&str| line.split(['{', ' ']).next() == Some(name);
    page.lines().filter(of).map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn a_doubt_counts_until_it_is_settled_and_is_known_again_after_a_restart() {
    let step = StepPath::root("first");
    let (run, _) = run();
    let body = |body: EventBody| Event { seq: 2, at: second(1), body };
    let unknown = body(EventBody::OutcomeUnknown { step: step.clone(), attempt: 1, failure: failure() });
    let settled = Finding::Absent { evidence: String::new() };
    for end in [
        EventBody::Reconciled { step: step.clone(), attempt: 1, finding: settled },
        EventBody::StepFailed { step: step.clone(), failure: failure(), because_of: None },
        EventBody::RunFinished(finished(RunStatus::Cancelled)),
    ] {
        let metrics = Metrics::new("1");
        metrics.recorded(&run, &unknown);
        metrics.noted(run.id(), &step, &Note::Looking("m".into()));
        assert_eq!(value(&metrics, "riposte_calls_in_doubt"), ["1"]);
        metrics.recorded(&run, &body(end.clone()));
        assert_eq!(value(&metrics, "riposte_calls_in_doubt"), ["0"], "{end:?}");
        metrics.noted(run.id(), &step, &Note::Looking("m".into()));
        assert_eq!(value(&metrics, "riposte_calls_in_doubt"), ["1"]);
    }
}

#[test]
fn runs_of_playbooks_that_were_never_loaded_are_counted_together() {
    let metrics = Metrics::new("1");
    let (run, first) = run();
    metrics.begun(run.id(), run.started(), first.at);
    metrics.loaded([&run.playbook().name], second(0));
    let page = metrics.page(&Readings::default());
    assert!(page.contains("riposte_runs_started_total{playbook=\"(others)\"} 1\n"), "{page}");
    assert!(
        page.contains("riposte_runs_total{playbook=\"hello\",status=\"failed\"} 0\n"),
        "there before it fails"
    );
}

#[test]
fn a_full_disk_shows_until_something_is_written() {
    let metrics = Metrics::new("1");
    let took = Duration::from_millis(1);
    metrics.committed(1, 1, took, Some(&StoreError::Full("no room".into())));
    assert_eq!(value(&metrics, "riposte_disk_full"), ["1"]);
    metrics.committed(1, 1, took, None);
    assert_eq!(value(&metrics, "riposte_disk_full"), ["0"]);
    assert_eq!(value(&metrics, "riposte_journal_events_total"), ["1"], "what failed was not written");
}

#[test]
fn a_refused_reload_shows_until_the_next_one_is_taken() {
    let metrics = Metrics::new("1");
    metrics.loaded([], second(0));
    metrics.not_loaded();
    assert_eq!(value(&metrics, "riposte_reload_failed"), ["1"]);
    metrics.loaded([], second(60));
    assert_eq!(value(&metrics, "riposte_reload_failed"), ["0"]);
    assert_eq!(value(&metrics, "riposte_reload_last_success_timestamp_seconds"), ["1700000060.0"]);
}

/// Every name that the page has, of buckets too.
fn names() -> BTreeSet<String> {
    let metrics = Metrics::new("1.2.3");
    let readings = story(&metrics);
    let page = metrics.page(&readings);
    page.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(['{', ' ']).next().unwrap().to_owned())
        .collect()
}

/// The names in a query that can only be those of metrics.
fn asked_for(query: &str) -> impl Iterator<Item = &str> {
    let words = query.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with("riposte_") || word.starts_with("process_"))
}

#[test]
fn the_dashboard_asks_for_what_is_there() {
    let text = include_str!("../../../../deploy/grafana/riposte.json");
    let dashboard: Value = serde_json::from_str(text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let queries: Vec<&str> = targets.map(|target| target["expr"].as_str().unwrap()).collect();
    assert!(queries.len() > 20);
    let names = names();
    for name in queries.iter().flat_map(|query| asked_for(query)).chain(asked_for(text)) {
        assert!(names.contains(name), "the dashboard asks for {name}");
    }
    let ids: BTreeSet<i64> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "each panel has an id of its own");
    assert!(
        panels.iter().all(|panel| panel["type"] == "row" || panel["datasource"]["uid"] == "${datasource}")
    );
}

#[test]
fn alerts_ask_for_what_is_there_and_say_what_to_do() {
    use riposte_playbook::yaml::{Limits, Node, read};
    let text = include_str!("../../../../deploy/prometheus/riposte.rules.yml");
    let root = read(text, &Limits::default()).unwrap();
    let at = |node: &Node, key: &str| match node {
        Node::Map(entries) => {
            entries.iter().find(|(name, _)| name.value == key).map(|(_, below)| below.value.clone())
        }
        _ => None,
    };
    let text_at = |node: &Node, key: &str| match at(node, key) {
        Some(Node::Str(text)) => text.value,
        other => panic!("`{key}` is {other:?}"),
    };
    let Some(Node::Seq(groups)) = at(&root.value, "groups") else { panic!("no groups") };
    let Some(Node::Seq(rules)) = at(&groups[0].value, "rules") else { panic!("no rules") };
    assert!(rules.len() >= 12);
    let names = names();
    for rule in &rules {
        let alert = text_at(&rule.value, "alert");
        for name in asked_for(&text_at(&rule.value, "expr")) {
            assert!(names.contains(name), "{alert} asks for {name}");
        }
        let annotations = at(&rule.value, "annotations").unwrap();
        for key in ["summary", "description", "action"] {
            assert!(text_at(&annotations, key).len() > 20, "{alert}: {key}");
        }
        assert!(
            ["page", "warning"].contains(&text_at(&at(&rule.value, "labels").unwrap(), "severity").as_str())
        );
    }
}
