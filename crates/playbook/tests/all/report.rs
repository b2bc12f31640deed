//! What reaches a terminal, and what other files use of the reader.

use crate::check;
use riposte_playbook::yaml::{Fields, Limits, Node, read};
use riposte_playbook::{Diagnostics, Report, Style};

#[test]
fn nothing_of_the_file_acts_on_a_terminal() {
    let source = "name: \"\u{202e}a\u{200b}\"\nsteps:\n  - \"\\e[2J\": 1\n    \"\u{9f}b\": \u{feff}x\n";
    let text = crate::refused(source);
    let bad = text
        .chars()
        .find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{200b}' | '\u{202e}' | '\u{feff}'));
    assert_eq!(bad, None, "{text:?}");
    let loaded = riposte_playbook::load("a\u{1b}[31m.yaml", "name: 1", &crate::catalogue::catalogue());
    assert!(!loaded.report.render(Style::Plain).contains('\u{1b}'));
}

#[test]
fn plain_drawings_have_no_escape_codes_and_coloured_ones_do() {
    let report = check("name: A\nsteps:\n  - stop: done\n").report;
    assert!(!report.render(Style::Plain).contains('\u{1b}'));
    assert!(report.render(Style::Colour).contains('\u{1b}'));
}

#[test]
fn a_good_file_has_an_empty_report() {
    let report = check("name: a\nsteps:\n  - stop: done\n").report;
    assert!(report.is_empty() && !report.has_errors());
    assert_eq!(report.render(Style::Plain), "");
    assert_eq!(report.to_json(), serde_json::json!([]));
}

#[test]
fn a_warning_does_not_stop_a_playbook() {
    let loaded = check(
        "name: a
inputs: { id: { type: string } }
triggers:
  - webhook: hook
    auth: none
    bind: { id: { path: $.id, optional: true } }
steps:
  - stop: done
",
    );
    assert!(loaded.playbook.is_some() && !loaded.report.has_errors());
    insta::assert_snapshot!(loaded.report.render(Style::Plain));
}

#[test]
fn places_that_are_far_apart_are_drawn_apart() {
    let gap = "  - wait: 1s\n".repeat(200);
    let source = format!("name: a\nsteps:\n  - {{ id: one, wait: 1s }}\n{gap}  - {{ id: one, wait: 1s }}\n");
    insta::assert_snapshot!(crate::refused(&source));
}

#[test]
fn a_very_long_line_is_named_but_not_drawn() {
    let source = format!("name: a\nsteps:\n  - {{ stop: \"{}\", wait: 1s }}\n", "x".repeat(5000));
    insta::assert_snapshot!(crate::refused(&source));
}

#[test]
fn configuration_is_read_by_the_same_reader() {
    let source = "listen: 8080\nworkers: 0\nlog:\n  levl: info\n  format: xml\nextra: true\n";
    let root = read(source, &Limits::default()).unwrap();
    let mut found = Diagnostics::new();
    let mut fields = Fields::of("the configuration", &root, &mut found).unwrap();
    let listen = fields.take("listen").and_then(|field| field.text(&mut found));
    let workers = fields.take("workers").and_then(|field| field.integer(1..=64, &mut found));
    let log = fields.require("log", &mut found).unwrap();
    let data = fields.require("data", &mut found);
    fields.finish(&mut found);
    let mut log = Fields::of("`log`", log.value, &mut found).unwrap();
    let level = log.take("level");
    let format = log.take("format").and_then(|field| field.word(&[("text", 0), ("json", 1)], &mut found));
    log.finish(&mut found);
    assert!(listen.is_none() && workers.is_none() && data.is_none() && level.is_none() && format.is_none());
    insta::assert_snapshot!(Report::new("riposte.yaml", source, found.into_vec()).render(Style::Plain));
}

#[test]
fn words_of_older_yaml_are_text() {
    let root = read("on: yes\n", &Limits::default()).unwrap();
    let Node::Map(entries) = &root.value else { panic!("a mapping") };
    assert_eq!(entries[0].0.value, "on");
    assert!(matches!(&entries[0].1.value, Node::Str(text) if text.value == "yes"));
}
