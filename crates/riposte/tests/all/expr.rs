//! `riposte expr`: why a condition gives what it gives.

use crate::support::{DEVICE, Scratch};

const SCOPE: &str = r#"
inputs:
  severity: High
  score: 87
  alerts:
    - { id: a1, severity: High }
    - { id: a2, severity: Low, score: 4 }
steps:
  device:
    status: succeeded
    output: { healthStatus: Inactive, name: "pc\e[31m\u202e", ips: [10.0.0.1, 8.8.8.8] }
"#;

/// What one call after the other prints over [`SCOPE`].
fn asked(expressions: &[&str]) -> String {
    let scratch = Scratch::new();
    scratch.write("scope.yaml", SCOPE);
    let said = expressions.iter().map(|expression| {
        format!("$ {expression}\n{}", scratch.call(&["expr", expression, "--input", "scope.yaml"]))
    });
    said.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_false_condition_shows_which_part_made_it_false() {
    insta::assert_snapshot!(asked(&[
        r#"steps.device.output.healthStatus == "Active" && inputs.severity in ["Medium", "High"]"#,
        r#"inputs.alerts.exists(a, a.severity == "Low" && a.score > 5)"#,
        r#"has(inputs.device_id) ? inputs.device_id : "none""#,
    ]));
}

#[test]
fn what_cannot_be_evaluated_is_shown_with_its_place() {
    insta::assert_snapshot!(asked(&[
        "inputs.alerts.all(a, a.score > 3)",
        "inputs.sevrity == 'High'",
        "inputs.score / (inputs.score - 87) > 1 || false",
    ]));
}

#[test]
fn computed_indexes_texts_and_templates_are_explained() {
    insta::assert_snapshot!(asked(&[
        "inputs.alerts.filter(a, a.severity == 'Low')[size(inputs.alerts) - 2]",
        "${{ inputs.score }}",
        "Alert ${{ inputs.alerts[0].id }} on ${{ steps.device.output.name }}",
        "Tags ${{ steps.device.output.ips }}, ${{ inputs.score }}",
        "-1 + inputs.score",
    ]));
}

#[test]
fn wrong_expressions_say_where_and_what_was_meant() {
    insta::assert_snapshot!(asked(&[
        "input.score > 50",
        "inputs.score > 50 and true",
        "inputs.score.contain('x')\n  || 'a' + 1 == 'b'",
        "size(inputs.score",
        "$${{ nothing",
        "a ${{ inputs.score",
        "",
    ]));
}

#[test]
fn wrong_files_are_named() {
    let scratch = Scratch::new();
    scratch.write("list.json", "[1]");
    scratch.write("broken.json", "{");
    scratch.write("broken.yaml", "inputs: { a: 1 }\ninputs: 2\nb: *c\n");
    scratch.write("word", "hello");
    let said = ["list.json", "broken.json", "broken.yaml", "word", "absent.yaml", "."]
        .map(|file| format!("$ {file}\n{}", scratch.call(&["expr", "1", "--input", file])));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn without_values_only_literals_can_be_used() {
    let scratch = Scratch::new();
    insta::assert_snapshot!(
        [scratch.call(&["expr", "1 + 2"]), scratch.call(&["expr", "inputs.score"])].join("\n")
    );
}

#[test]
fn values_come_from_stdin_too() {
    let scratch = Scratch::new();
    let output = scratch
        .riposte(&["expr", "-i", "-", "inputs.n * 2"])
        .write_stdin("\u{feff}{\"inputs\": {\"n\": 21}}")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "inputs.n * 2 → 42\n└─ inputs.n → 21\n\n42\n");
}

#[test]
fn programs_get_every_part() {
    let scratch = Scratch::new();
    scratch.write("scope.yaml", SCOPE);
    let call = |output| {
        let expression = "inputs.alerts.exists(a, a.score > 3) && missing.x";
        scratch.call(&["expr", expression, "--input", "scope.yaml", "--output", output])
    };
    // A name that is not there is found before anything is evaluated.
    assert!(call("json").starts_with("exit 2\n--- stdout\n--- stderr\nerror: no value is called `missing`"));
    let expression = "[1, 2].exists(n, n > 1) || 1 / 0 == 1";
    insta::assert_snapshot!(
        [
            scratch.call(&["expr", expression, "--output", "json"]),
            scratch.call(&["expr", "1 / 0", "--output", "yaml"])
        ]
        .join("\n")
    );
}

#[test]
fn a_condition_is_tried_against_what_really_happened() {
    let scratch = Scratch::new();
    let playbook = format!(
        "name: look\ninputs:\n  reason: {{ type: string }}\nsteps:\n  - {{ id: device, action: defender.get_machine, with: \
         {{ machine_id: {DEVICE} }} }}\n  - {{ id: never, if: inputs.reason == \"x\", stop: here }}\n"
    );
    let playbook = scratch.write("look.yaml", &playbook);
    let playbook = playbook.to_str().unwrap();
    scratch.riposte(&["run", playbook, "--simulate", "-i", "reason=why not"]).assert().success();
    let output = scratch.riposte(&["runs", "list", "--output", "json"]).output().unwrap();
    let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let id = runs[0]["run_id"].as_str().unwrap();
    let ask = |expression: &str| scratch.call(&["expr", expression, "--run", &id[..24]]);
    insta::assert_snapshot!(
        [
            ask("steps.device.output.healthStatus == \"Active\" && steps.never.status == \"skipped\""),
            ask("run.playbook + \": \" + inputs.reason + \" (\" + trigger.kind + \")\""),
            ask("inputs.reson"),
            ask("step.device.output"),
            scratch.call(&["expr", "1", "--run", "run_ffff"]),
            scratch.call(&["expr", "1", "--run", "run_ffff", "--data-dir", "elsewhere"]),
        ]
        .join("\n")
    );
    // The same as the run itself saw, and nothing that would have to be asked for again.
    let seen = ask("run.id == \"RUN\"".replace("RUN", id).as_str());
    assert!(seen.contains("\n\ntrue\n"), "{seen}");
    let seen = ask("timestamp(run.started_at) <= timestamp(steps.device.started_at)");
    assert!(seen.contains("\n\ntrue\n"), "{seen}");
}
