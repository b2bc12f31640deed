//! Any text is a playbook or gets a report that can be drawn.

#![no_main]

use libfuzzer_sys::fuzz_target;
use riposte_model::Catalogue;
use riposte_playbook::{Style, load};
use std::sync::LazyLock;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(riposte_actions::catalogue);

fuzz_target!(|source: &str| {
    let loaded = load("fuzz.yaml", source, &CATALOGUE);
    assert_eq!(loaded.playbook.is_none(), loaded.report.has_errors(), "a playbook, or errors");
    let drawn = loaded.report.render(Style::Plain);
    assert!(drawn.chars().all(|character| character == '\n' || !character.is_control()), "{drawn:?}");
    let lines = loaded.report.to_json();
    assert_eq!(lines.as_array().map(Vec::len), Some(loaded.report.diagnostics().len()));
});
