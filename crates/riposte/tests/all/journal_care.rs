//! Looking after the journal: verify, export, prune.

use crate::support::Scratch;
use serde_json::Value;

const PLAYBOOKS: [(&str, &str); 2] = [
    ("inner.yaml", "name: inner\nsteps:\n  - stop: nothing to do\n"),
    (
        "outer.yaml",
        "name: outer\nsteps:\n  - { id: text, set: { long: \"${{ 'x' }}\" } }\n  - { id: inside, call: inner }\n",
    ),
];

/// A folder in which `outer` has called `inner` once.
fn after_a_run() -> Scratch {
    let scratch = Scratch::new();
    for (name, text) in PLAYBOOKS {
        scratch.write(name, text);
    }
    scratch.riposte(&["run", "outer.yaml"]).assert().success();
    scratch
}

/// Carries out statements on the journal, past everything that looks after it.
pub(crate) fn sql(scratch: &Scratch, statements: &str) {
    use sqlx::{Connection, Executor, SqlSafeStr};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let path = scratch.path("data").join("journal.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(false);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        (&mut connection).execute(sqlx::AssertSqlSafe(statements.to_owned()).into_sql_str()).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// With ids, hashes and times taken out.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        if c.is_ascii_digit() || matches!(c, 'a'..='f') {
            digits.push(c);
            continue;
        }
        out.push_str(if digits.len() >= 32 { "HEX" } else { &digits });
        digits.clear();
        out.push(c);
    }
    let text = out.trim_end_matches('\0').to_owned();
    text.lines()
        .map(|line| match line.split_once(" versions of playbooks in ") {
            Some((before, _)) => format!("{before} versions of playbooks in TIME\n"),
            None => format!("{line}\n"),
        })
        .collect()
}

#[test]
fn a_sound_journal_verifies() {
    let scratch = after_a_run();
    let found = plain(&scratch.call(&["journal", "verify"]));
    assert_eq!(
        found,
        "exit 0\n--- stdout\nlooked at 2 runs (0 not over), 8 events, 2 versions of playbooks in TIME\n--- stderr\n"
    );
}

#[test]
fn each_kind_of_damage_is_named_and_the_rest_is_looked_at_all_the_same() {
    let scratch = after_a_run();
    sql(
        &scratch,
        "DROP TRIGGER events_are_immutable;
         UPDATE playbooks SET source = source || '# changed' WHERE source LIKE 'name: inner%';
         UPDATE runs SET turned_seq = 9, status = 'failed' WHERE playbook = 'outer';
         DELETE FROM events WHERE seq = 2 AND run = (SELECT run FROM runs WHERE playbook = 'inner');
         UPDATE events SET payload = '{\"kind\":\"child_started\"}' WHERE kind = 'child_started';
         INSERT INTO events (run, seq, at_ms, kind, payload) VALUES (77, 1, 1, 'lost', '{}');",
    );
    insta::assert_snapshot!(plain(&scratch.call(&["journal", "verify"])));
}

#[test]
fn an_event_that_the_engine_would_not_take_is_named() {
    let scratch = after_a_run();
    sql(
        &scratch,
        "DROP TRIGGER events_are_immutable;
         UPDATE events SET kind = 'timer_fired', payload = json_object('kind', 'timer_fired', 'step', 'text')
         WHERE kind = 'step_succeeded' AND step = 'text';",
    );
    insta::assert_snapshot!(plain(&scratch.call(&["journal", "verify"])));
}

#[test]
fn a_kind_or_step_that_only_the_column_says_is_followed_where_it_is_damaged() {
    for (name, set) in [
        ("another_kind", "kind = 'step_taken_up'"),
        ("another_step", "step = 'inside'"),
        ("no_step_of_it", "step = 'tex'"),
    ] {
        let scratch = after_a_run();
        let statement =
            format!("DROP TRIGGER events_are_immutable; UPDATE events SET {set} WHERE step = 'text'");
        sql(&scratch, &statement);
        insta::assert_snapshot!(name, plain(&scratch.call(&["journal", "verify"])));
    }
}

#[test]
fn a_journal_of_the_first_schema_verifies() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("data")).unwrap();
    sql(&scratch, include_str!("../../../journal/tests/all/journal-0001.sql"));
    let found = scratch.call(&["journal", "verify"]);
    assert!(found.starts_with("exit 0\n--- stdout\nlooked at 5 runs (1 not over), 20 events"), "{found}");
}

#[test]
fn an_export_has_a_line_for_each_run_and_each_event() {
    let scratch = after_a_run();
    let output = scratch.riposte(&["journal", "export"]).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<String> = lines
        .iter()
        .map(|line| match line["type"].as_str().unwrap() {
            "run" => {
                format!("run of {}: {}", line["playbook"].as_str().unwrap(), line["status"].as_str().unwrap())
            }
            _ => format!("{} {}", line["seq"], line["kind"].as_str().unwrap()),
        })
        .collect();
    assert_eq!(
        told,
        [
            "run of outer: succeeded",
            "1 run_started",
            "2 step_succeeded",
            "3 child_started",
            "4 child_finished",
            "5 run_finished",
            "run of inner: succeeded",
            "1 run_started",
            "2 step_succeeded",
            "3 run_finished",
        ]
    );
    let event = &lines[2];
    assert_eq!(event["step"], "text");
    assert_eq!(
        event["payload"],
        serde_json::json!({ "kind": "step_succeeded", "step": "text", "output": { "long": "x" } })
    );
    assert_eq!(event["run"], lines[0]["run"]);
    assert!(event["time"].as_str().unwrap().ends_with('Z'));
    assert_eq!(lines[0]["hash"].as_str().unwrap().len(), 64);

    let inner = lines[6]["run"].as_str().unwrap();
    scratch.riposte(&["journal", "export", "--run", inner, "--output", "one.jsonl"]).assert().success();
    let one = std::fs::read_to_string(scratch.path("one.jsonl")).unwrap();
    assert_eq!(one.lines().collect::<Vec<_>>(), text.lines().skip(6).collect::<Vec<_>>());
    assert!(!scratch.path("one.jsonl.part").exists());
    let none = scratch.riposte(&["journal", "export", "--since", "2100-01-01"]).output().unwrap();
    assert_eq!((none.status.code(), none.stdout.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn a_moment_that_is_none_is_refused() {
    let scratch = after_a_run();
    insta::assert_snapshot!(scratch.call(&["journal", "export", "--since", "yesterday"]));
}

#[test]
fn pruning_tells_what_goes_and_leaves_what_is_kept() {
    let scratch = after_a_run();
    let kept = scratch.call(&["journal", "prune", "--finished-before", "2100-01-01", "--keep", "1"]);
    assert!(
        kept.contains("deleted what was over before 2100-01-01T00:00:00.000Z: 0 runs with 0 events"),
        "{kept}"
    );
    let told = scratch.call(&["journal", "prune", "--finished-before", "2100-01-01", "--dry-run"]);
    let expected = "would delete what was over before 2100-01-01T00:00:00.000Z: 2 runs with 8 events, and \
                    2 versions of playbooks that no other run has\n";
    assert!(told.contains(expected), "{told}");
    let done = scratch.call(&["journal", "prune", "--finished-before", "2100-01-01"]);
    assert_eq!(done, told.replace("would delete", "deleted"));
    assert!(scratch.call(&["runs", "list"]).contains("no runs yet"));
    scratch.riposte(&["journal", "verify"]).assert().success();
    scratch.riposte(&["journal", "prune"]).assert().code(2);
}

#[test]
fn pruning_to_a_size_tells_what_is_left() {
    let scratch = after_a_run();
    let told = scratch.call(&["journal", "prune", "--size", "1KiB", "--dry-run"]);
    assert!(
        told.contains("\nthe journal takes 0.") && told.contains("MiB, and may take 0.0 MiB\n"),
        "{told}"
    );
    assert!(told.contains("is known only once they have gone\n"), "{told}");
    let kept = scratch.call(&["journal", "prune", "--size", "1GiB"]);
    assert!(kept.contains("deleted what was over first: 0 runs with 0 events"), "{kept}");
    assert!(kept.contains("and may take 1024.0 MiB\n"), "{kept}");
    let done = scratch.call(&["journal", "prune", "--size", "1KiB"]);
    assert!(done.contains("deleted what was over first: 2 runs with 8 events"), "{done}");
    assert!(done.contains("what is left is not over, or is to be kept\n"), "{done}");
    assert!(scratch.call(&["runs", "list"]).contains("no runs yet"));
    scratch.riposte(&["journal", "prune", "--size", "20GB"]).assert().code(2);
}
