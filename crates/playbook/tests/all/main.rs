//! What the language accepts, what it refuses, and what a person then sees.
#![cfg(test)]

mod broken;
mod broken_expressions;
mod catalogue;
mod cron;
mod editor;
mod good;
mod hostile;
mod keys;
mod newcomer;
mod places;
mod report;
mod round_trip;
mod schedules;

use riposte_playbook::{Loaded, Playbook, Style, load};

fn check(source: &str) -> Loaded {
    load("playbooks/test.yaml", source, &catalogue::catalogue())
}

/// The playbook in a text that must load without a word.
#[track_caller]
fn good(source: &str) -> std::sync::Arc<Playbook> {
    let loaded = check(source);
    assert!(loaded.report.is_empty(), "{}", loaded.report.render(Style::Plain));
    // Whatever loads, an editor accepts.
    assert_eq!(editor::problems(source), [""; 0], "{source}");
    loaded.playbook.expect("a file without problems is a playbook")
}

/// What a person sees of a text that must not load.
#[track_caller]
fn refused(source: &str) -> String {
    let loaded = check(source);
    assert!(loaded.playbook.is_none() && loaded.report.has_errors(), "loads:\n{source}");
    loaded.report.render(Style::Plain)
}
