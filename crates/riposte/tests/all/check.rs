//! `riposte check` on what authors get wrong.

use crate::support::{Scratch, repository};

#[test]
fn the_shipped_playbooks_have_no_errors() {
    let scratch = Scratch::new();
    let said = scratch.call(&["check", &repository("playbooks")]);
    assert_eq!(said, "exit 0\n--- stdout\n40 playbooks checked, no errors\n--- stderr\n");
}

/// One mistake in `contain-device`, and what is said of it.
fn variant(from: &str, to: &str) -> String {
    let scratch = Scratch::new();
    let source = std::fs::read_to_string(repository("playbooks/contain-device.yaml")).unwrap();
    assert!(source.contains(from), "{from}");
    scratch.write("contain-device.yaml", &source.replacen(from, to, 1));
    scratch.call(&["check", "contain-device.yaml"])
}

#[test]
fn twelve_mistakes_are_each_named_with_their_place_and_the_nearest_right_name() {
    let mistakes = [
        ("unknown key of a step", "    timeout: 1h", "    timout: 1h"),
        ("unknown key at the top", "description:", "descripton:"),
        ("unknown action", "defender.isolate_machine", "defender.isolate_machin"),
        ("unknown argument", "isolation_type: Full", "isolation_tipe: Full"),
        ("wrong literal of an enum", "isolation_type: Full", "isolation_type: Ful"),
        ("wrong type of a literal", "scan_type: Full", "scan_type: 5"),
        ("missing argument", "              comment: Scan because of alert ${{ inputs.alert_id }}\n", ""),
        ("unknown step in a reference", "${{ steps.package.output.id }}", "${{ steps.packge.output.id }}"),
        (
            "unknown property in a reference",
            "${{ steps.package.output.id }}",
            "${{ steps.package.output.idd }}",
        ),
        ("unknown input", "${{ inputs.alert_id }} (", "${{ inputs.alert }} ("),
        ("bad duration", "timeout: 4h", "timeout: 4 hours"),
        ("bad JSONPath", "device_id: $.machineId", "device_id: $.machineId["),
        ("impossible comparison", "[\"Medium\", \"High\"]", "[\"Medium\", \"Hihg\"]"),
    ];
    let said: Vec<String> =
        mistakes.iter().map(|(what, from, to)| format!("### {what}\n{}", variant(from, to))).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn json_is_for_programs() {
    let scratch = Scratch::new();
    scratch.write("bad.yaml", "name: bad\nsteps:\n  - action: defender.nothing\n");
    let output = scratch.riposte(&["check", "bad.yaml", "--format", "json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(list[0]["code"], "RP0201");
    assert_eq!((&list[0]["line"], &list[0]["column"]), (&3.into(), &13.into()));
}

#[test]
fn a_workflow_annotates_the_lines_concerned() {
    let scratch = Scratch::new();
    scratch.write(
        "bad,1:2.yaml",
        "name: bad
triggers:
  - webhook: x
    auth: none
    if: 100 % 7 == \"seven\"
  - schedule: 0 9 * * 8
steps:
  - action: defender.isolate_machin
    with:
      machine_id: 5
  - fail: >-
      ${{ inputs.
      nothing }}
",
    );
    scratch.write("good.yaml", "name: good\nsteps:\n  - stop: here\n");
    scratch.write("same.yaml", "name: good\nsteps:\n  - stop: here\n");
    insta::assert_snapshot!(scratch.call(&["check", "--format", "github", ".", "missing.yaml"]));
    let silent = scratch.call(&["check", "--format", "github", "good.yaml"]);
    assert_eq!(silent, "exit 0\n--- stdout\n--- stderr\n");
}

#[test]
fn names_are_unique_among_the_files() {
    let scratch = Scratch::new();
    for file in ["a.yaml", "b.yml"] {
        scratch.write(file, "name: twice\nsteps:\n  - stop: here\n");
    }
    insta::assert_snapshot!(scratch.call(&["check", "."]));
}
