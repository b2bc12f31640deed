//! What stands in a line, and what can never break one.

use super::*;
use riposte_model::Timestamp;
use riposte_server::config::{self, LogLevel};
use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Mutex};

/// What is written while something is done, at these levels.
fn written(
    levels: &config::Levels,
    show: impl Fn(&Line<'_>) -> String + Send + Sync + 'static,
    act: impl FnOnce(),
) -> Vec<String> {
    let gathered = Arc::new(Mutex::new(Vec::new()));
    let into = gathered.clone();
    let lines = Lines {
        write: move |line: &Line<'_>| {
            let Line { level, target, message, fields, .. } = line;
            let line = Line {
                at: Timestamp::from_millis(0),
                level: *level,
                target,
                message: message.clone(),
                fields,
            };
            into.lock().unwrap().push(show(&line));
        },
    };
    let subscriber = tracing_subscriber::registry().with(lines.with_filter(Levels::of(levels)));
    tracing::subscriber::with_default(subscriber, act);
    Arc::try_unwrap(gathered).unwrap().into_inner().unwrap()
}

fn levels(default: LogLevel, targets: &[(&str, LogLevel)]) -> config::Levels {
    let targets = targets.iter().map(|(target, level)| ((*target).to_owned(), *level)).collect();
    config::Levels { default, targets }
}

fn text(line: &Line<'_>) -> String {
    line.text()
}

fn json(line: &Line<'_>) -> String {
    line.json()
}

fn story() {
    let run = tracing::info_span!("run", run_id = "run_1", playbook = "contain", otel.kind = "internal");
    let _run = run.enter();
    let step = tracing::info_span!("step", step = "isolate", attempt = 1, status = tracing::field::Empty);
    let _step = step.enter();
    step.record("status", 200);
    tracing::info!(run_id = "run_1", name = "Ada's \u{1b}[31mPC\n2026 ERROR forged", "asked\nand answered");
}

#[test]
fn a_line_has_each_field_once_and_nothing_from_outside_breaks_it() {
    let lines = written(&levels(LogLevel::Info, &[]), text, story);
    assert_eq!(
        lines,
        [concat!(
            "1970-01-01T00:00:00.000Z  INFO riposte::logging::tests: asked and answered run_id=run_1 ",
            "playbook=contain step=isolate attempt=1 status=200 name=\"Ada's \\u{1b}[31mPC 2026 ERROR forged\""
        )]
    );
}

#[test]
fn as_json_it_is_one_object() {
    let lines = written(&levels(LogLevel::Info, &[]), json, story);
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(!line.contains('\n'));
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(line).unwrap(),
        serde_json::json!({
            "timestamp": "1970-01-01T00:00:00.000Z", "level": "INFO", "target": "riposte::logging::tests",
            "message": "asked\nand answered", "run_id": "run_1", "playbook": "contain", "step": "isolate",
            "attempt": 1, "status": 200, "name": "Ada's \u{1b}[31mPC\n2026 ERROR forged",
        })
    );
}

#[test]
fn the_journal_gets_fields_that_it_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let listener = UnixDatagram::bind(&path).unwrap();
    let journal = Journal::at(&path).unwrap();
    let sent = written(
        &levels(LogLevel::Info, &[]),
        move |line| journal.send(line).map_or_else(|error| error.to_string(), |()| String::new()),
        story,
    );
    assert_eq!(sent, [""]);
    let mut entry = [0; 4096];
    assert_eq!(listener.recv(&mut entry).unwrap(), 0, "asking whether anybody is there");
    let length = listener.recv(&mut entry).unwrap();
    let entry = String::from_utf8_lossy(&entry[..length]);
    let has = |name: &str, value: &str| {
        let length = u64::try_from(value.len()).unwrap().to_le_bytes();
        entry.contains(&format!("{name}\n{}{value}\n", String::from_utf8_lossy(&length)))
    };
    for (name, value) in [
        ("RUN_ID", "run_1"),
        ("PLAYBOOK", "contain"),
        ("STEP", "isolate"),
        ("PRIORITY", "6"),
        ("SYSLOG_IDENTIFIER", "riposte"),
        ("NAME", "Ada's \u{1b}[31mPC\n2026 ERROR forged"),
    ] {
        assert!(has(name, value), "{name} in {entry:?}");
    }
    assert_eq!(entry.matches("RUN_ID\n").count(), 1, "{entry:?}");
    assert!(entry.starts_with("MESSAGE\n") && entry.contains("asked and answered run_id=run_1"), "{entry:?}");
}

#[test]
fn an_entry_fits_into_a_datagram_however_long_its_values_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let _listener = UnixDatagram::bind(&path).unwrap();
    let journal = Journal::at(&path).unwrap();
    let long = "é".repeat(1 << 20);
    let sent = written(
        &levels(LogLevel::Info, &[]),
        move |line| journal.send(line).map_or_else(|error| error.to_string(), |()| String::new()),
        || tracing::info!(a = long, b = long, c = long, d = long, "{long}"),
    );
    assert_eq!(sent, [""]);
}

#[test]
fn levels_are_of_parts_and_others_say_no_details() {
    let levels = levels(
        LogLevel::Debug,
        &[("riposte_defender", LogLevel::Error), ("riposte_defender::budget", LogLevel::Trace)],
    );
    let lines = written(
        &levels,
        |line| line.message.clone(),
        || {
            tracing::debug!(target: "riposte", "shown 1");
            tracing::trace!(target: "riposte", "hidden");
            tracing::warn!(target: "riposte_defender::client", "hidden");
            tracing::trace!(target: "riposte_defender::budget", "shown 2");
            tracing::info!(target: "hyper", "hidden: authorization: Bearer x");
            tracing::warn!(target: "hyper", "shown 3");
            tracing::debug!(target: "ripostes", "hidden");
        },
    );
    assert_eq!(lines, ["shown 1", "shown 2", "shown 3"]);
}

#[test]
fn spans_that_are_details_are_made_where_details_are_asked_for() {
    let act = || {
        let _around = tracing::info_span!(target: "riposte_executor", "step", step = "isolate").entered();
        let _inside =
            tracing::debug_span!(target: "riposte_defender", "request", operation = "list").entered();
        tracing::warn!(target: "riposte_defender", "said");
    };
    let said = |levels: &config::Levels| {
        written(levels, |line| line.fields.iter().map(|(name, _)| name).collect::<Vec<_>>().join(" "), act)
    };
    assert_eq!(said(&levels(LogLevel::Warn, &[])), ["step"]);
    assert_eq!(said(&levels(LogLevel::Debug, &[])), ["step operation"]);
    assert_eq!(said(&levels(LogLevel::Warn, &[("riposte_journal", LogLevel::Debug)])), ["step operation"]);
}
