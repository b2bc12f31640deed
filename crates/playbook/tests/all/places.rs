//! Problems inside expressions stand exactly where they are, however the text is written.

use crate::check;
use riposte_playbook::Code;

/// The file's text at the place of its only problem, which must have this code.
#[track_caller]
fn place(code: Code, source: &str) -> (String, usize, usize) {
    let loaded = check(source);
    let [problem] = loaded.report.diagnostics() else {
        panic!("{}", loaded.report.render(riposte_playbook::Style::Plain))
    };
    assert_eq!(problem.code, code);
    let json = loaded.report.to_json();
    let number = |key: &str| usize::try_from(json[0][key].as_u64().unwrap()).unwrap();
    (source[problem.primary.span.clone()].to_owned(), number("line"), number("column"))
}

#[track_caller]
fn unknown(source: &str, line: usize, column: usize) {
    assert_eq!(place(Code::UnknownName, source), ("devise".to_owned(), line, column), "{source}");
}

#[test]
fn plain_text() {
    unknown("name: a\nsteps:\n  - stop: é 日本 ${{ inputs.devise }} x\n", 3, 27);
    unknown("name: a\nsteps:\n  - stop: é\n      日本 ${{\n      inputs.devise }} x\n", 5, 14);
    unknown("name: a\nsteps:\n  - if: inputs.devise == 1\n    wait: 1s\n", 3, 16);
}

#[test]
fn quoted_text() {
    unknown("name: a\nsteps:\n  - stop: 'it''s é ${{ inputs.devise }}'\n", 3, 31);
    unknown("name: a\nsteps:\n  - stop: \"é \\\"q\\\" \\u00e9\\t${{ inputs.devise }}\"\n", 3, 39);
    unknown(
        "name: a\nsteps:\n  - stop: \"\\U0001F600 one\n      two \\\n      é ${{ inputs.devise }}\"\n",
        5,
        20,
    );
    unknown(
        "name: a\nsteps:\n  - { if: \"inputs[\\\"devise\\\"].devise == 1\", wait: 1s }\n"
            .replace("[\\\"devise\\\"]", "")
            .as_str(),
        3,
        19,
    );
}

#[test]
fn block_text() {
    unknown(
        "name: a\nsteps:\n  - stop: |\n      é one\n        two ${{ inputs.devise }}\n      three\n",
        5,
        24,
    );
    unknown(
        "name: a\nsteps:\n  - stop: >-\n      é one\n      two\n\n      three ${{ inputs.devise }}\n",
        7,
        24,
    );
    unknown("name: a\nsteps:\n  - stop: |-\n      \"${{ inputs.devise }}\"\n", 4, 19);
    unknown("name: a\r\nsteps:\r\n  - stop: |\r\n      é one\r\n      ${{ inputs.devise }}\r\n", 5, 18);
    unknown("\u{feff}name: a\nsteps:\n  - stop: ${{ inputs.devise }}\n", 3, 22);
}

#[test]
fn a_nested_argument() {
    let source = "name: a
steps:
  - action: defender.tag_machine
    with: { machine_id: \"0123456789012345678901234567890123456789\", owner: { name: é, team: [1] } }
";
    assert_eq!(place(Code::WrongArgument, source), ("[1]".to_owned(), 4, 93));
}

#[test]
fn an_end_is_told_as_well() {
    let loaded = check("name: a\nsteps:\n  - wait: é5\n");
    let json = loaded.report.to_json();
    assert_eq!(
        json,
        serde_json::json!([{
            "code": "RP0401",
            "severity": "error",
            "message": "`é5` is no duration",
            "file": "playbooks/test.yaml",
            "line": 3,
            "column": 11,
            "end_line": 3,
            "end_column": 13,
            "label": "cannot be read",
            "help": ["expected digits and a unit, like `90s`, `5m`, `1h30m` or `7d`"],
        }])
    );
}
