//! Whatever the text, there is an answer. That it comes soon is not measured here: without the limits, most of these
//! would not end at all.

use crate::check;
use proptest::prelude::*;
use riposte_playbook::{Code, MAX_SOURCE, Style};

/// The codes of what is found.
#[track_caller]
fn codes(source: &str) -> Vec<Code> {
    let loaded = check(source);
    let drawn = loaded.report.render(Style::Plain);
    assert!(loaded.playbook.is_none());
    assert!(drawn.len() < 1 << 20);
    loaded.report.diagnostics().iter().map(|problem| problem.code).collect()
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    assert_eq!(codes(&"x".repeat(10 << 20)), [Code::FileTooLarge]);
    assert_eq!(codes(&"[".repeat(MAX_SOURCE + 1)), [Code::FileTooLarge]);
}

#[test]
fn deep_nesting_is_refused() {
    assert_eq!(codes(&"[".repeat(1000)), [Code::TooDeep]);
    assert_eq!(codes(&"{a: ".repeat(1000)), [Code::TooDeep]);
    assert_eq!(codes(&"- ".repeat(1000)), [Code::TooDeep]);
    assert_eq!(codes(&"[".repeat(MAX_SOURCE)), [Code::TooDeep]);
    let block: String = (0..1000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert_eq!(codes(&block), [Code::TooDeep]);
    assert_eq!(codes(&"? ".repeat(1000)), [Code::TooDeep]);
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert!(codes(&bomb).iter().all(|code| matches!(code, Code::Anchor | Code::MoreProblems)));
}

#[test]
fn too_many_values_are_refused() {
    assert_eq!(codes(&format!("name: a\nsteps: [{}]", "x, ".repeat(300_000))), [Code::TooManyNodes]);
    assert_eq!(codes(&"x: 1\n".repeat(200_000)).last(), Some(&Code::MoreProblems));
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    assert_eq!(codes("name: a\0\nsteps: []"), [Code::Character]);
    assert!(codes(&"\0".repeat(MAX_SOURCE)).contains(&Code::MoreProblems));
}

#[test]
fn a_file_full_of_problems_is_answered() {
    let steps: String =
        (0..3500).map(|n| format!("- {{ id: s{n}, stop: \"${{{{ steps.x{n}.y }}}}\" }}\n")).collect();
    assert_eq!(codes(&format!("name: a\nsteps:\n{steps}")).last(), Some(&Code::MoreProblems));
    let line = format!("name: a\nsteps:\n- stop: \"{}\"\n", "${{ nothing }} ".repeat(60_000));
    assert_eq!(codes(&line), [Code::TooComplex]);
    let texts: String = (0..2500)
        .map(|n| format!("- {{ id: s{n}, if: run.id != '', stop: \"${{{{ run.id }}}}\" }}\n"))
        .collect();
    assert_eq!(codes(&format!("name: a\nsteps:\n{texts}")), [Code::TooComplex]);
    let line = format!("name: a\nsteps:\n- stop: \"{}\"\n", "${{ nothing }} ".repeat(100));
    assert_eq!(codes(&line).last(), Some(&Code::MoreProblems));
    let keys: String = (0..5000).map(|n| format!("k{n}: 1\n")).collect();
    assert_eq!(codes(&keys).last(), Some(&Code::MoreProblems));
    let patterns: String =
        (0..3000).map(|n| format!("  i{n}: {{ type: string, pattern: '(a{{500}}){{{n}}}' }}\n")).collect();
    assert!(codes(&format!("name: a\ninputs:\n{patterns}steps: [{{ stop: x }}]\n")).contains(&Code::Regex));
}

#[test]
fn a_long_playbook_is_checked() {
    let steps: String = (0..2000)
        .map(|n| {
            let before = if n == 0 { 0 } else { n - 1 };
            let read = if n == 0 { "1".to_owned() } else { format!("${{{{ steps.s{before}.output.x }}}}") };
            format!("- {{ id: s{n}, set: {{ x: \"{read}\" }} }}\n")
        })
        .collect();
    let source = format!("name: a\nsteps:\n{steps}");
    let loaded = check(&source);
    assert!(loaded.playbook.is_some(), "{}", loaded.report.render(Style::Plain));
}

const SEEDS: [&str; 2] = [
    r#"name: contain-device
inputs:
  device_id: { type: string, pattern: "^[0-9a-f]{40}$" }
  severity:  { enum: [Low, High], default: High }
triggers:
  - webhook: defender-alert
    auth: { hmac_sha256: { secret: { credential: hook }, header: X-Sig } }
    each: "$.value[*]"
    bind: { device_id: $.machineId, severity: { path: $.severity, optional: true } }
    if: inputs.severity in ["Low", "High"]
    dedupe: { key: inputs.device_id, window: 24h }
"#,
    r#"name: b
steps:
  - id: device
    action: defender.get_machine
    with: { machine_id: "${{ inputs.device_id }}" }
    retry: { attempts: 5, initial: 2s, on: [throttled] }
  - parallel:
      - steps: [{ id: x, set: { a: "é ${{ steps.device.output.id }}" } }]
      - steps:
          - fail: >-
              folded ${{ trigger.body.x }}
              text
    max: 1
outputs:
  x: ${{ steps.x.output.a }}
"#,
];

/// Words that mean something to a reader of YAML or of the language.
fn fragment() -> impl Strategy<Value = String> {
    let words = [
        ": ", "- ", "\n", "  ", "{", "}", "[", "]", ",", "\"", "'", "|", ">", "&a ", "*a", "!t ", "<<", "? ",
        "---\n", "#", "${{", "}}", "steps", "id", "action", "é", "\u{0}", "\u{1b}", "~", "1e999", "%", "\t",
        "\r", "\u{feff}", "\\", "null",
    ];
    prop_oneof![proptest::sample::select(words.to_vec()).prop_map(str::to_owned), ".{0,4}"]
}

fn answered(source: &str) {
    let loaded = check(source);
    assert_eq!(loaded.playbook.is_some(), !loaded.report.has_errors());
    let _ = loaded.report.render(Style::Plain);
    let _ = loaded.report.to_json();
    for problem in loaded.report.diagnostics() {
        for label in std::iter::once(&problem.primary).chain(&problem.secondary) {
            assert!(source.get(label.span.clone()).is_some(), "{label:?}");
        }
        assert!(!problem.message.contains('\n'), "{}", problem.message);
        assert!(!problem.help.is_empty(), "{}", problem.message);
    }
}

#[test]
fn what_a_message_quotes_is_on_one_line_and_hides_nothing() {
    answered("? '---\n\r'");
    let loaded = check("\"a\\nb'\\u202Ec\\u00A0é\": 1\n");
    let messages: Vec<&str> =
        loaded.report.diagnostics().iter().map(|problem| problem.message.as_str()).collect();
    assert!(messages.contains(&r"a playbook has no key `a\nb'\u{202e}c\u{a0}é`"), "{messages:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_answered(fragments in proptest::collection::vec(fragment(), 0..40)) {
        answered(&fragments.concat());
    }

    #[test]
    fn any_change_of_a_playbook_is_answered(
        seed in 0..SEEDS.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..12, fragment()), 1..6),
    ) {
        let mut text = SEEDS[seed].to_owned();
        for (at, length, with) in changes {
            let mut bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            bounds.push(text.len());
            let start = at.index(bounds.len());
            let end = (start + length).min(bounds.len() - 1);
            text.replace_range(bounds[start]..bounds[end], &with);
        }
        answered(&text);
    }
}
