//! What the shipped playbooks say of themselves.

use super::{files, playbooks};
use crate::support::repository;
use riposte_playbook::Playbook;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Needs one permission for each kind of action that it is to cancel, so that all of its alternatives may stand there.
const ONE_FOR_EACH_KIND: &str = "defender.cancel_machine_action";

/// The comment at the beginning of a playbook, without its signs.
fn comment(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix('#'));
    lines.map(str::trim).collect::<Vec<_>>().join("\n")
}

/// The permissions that a comment names.
fn named(comment: &str) -> BTreeSet<String> {
    let (_, list) = comment.split_once("Permissions of the application: ").unwrap();
    let list = list.split_once(".\n").map_or(list.trim_end_matches('.'), |(list, _)| list);
    let list = list.split(". ").next().unwrap();
    list.split(',').map(|name| name.trim().to_owned()).collect()
}

/// The actions of a playbook and of all that it calls, each with the permissions of which one is enough.
fn needs(playbook: &Playbook, all: &[Arc<Playbook>]) -> BTreeMap<String, &'static [&'static str]> {
    let own =
        playbook.actions().into_iter().filter(|(_, action)| action.spec.name.connection() == "defender");
    let mut needs: BTreeMap<_, _> =
        own.map(|(_, action)| (action.spec.name.to_string(), action.spec.permissions.application)).collect();
    for (_, call) in playbook.calls() {
        let called = all.iter().find(|called| called.name == call.playbook).unwrap();
        needs.extend(self::needs(called, all));
    }
    needs
}

#[test]
fn a_comment_names_the_permissions_that_are_needed_and_no_others() {
    let all = playbooks();
    for playbook in &all {
        let named = named(&comment(&playbook.source));
        let needs = needs(playbook, &all);
        let serves = |permission: &String| {
            // The permission of which nothing else named takes the place.
            needs.iter().any(|(action, enough)| {
                let given: Vec<&String> =
                    named.iter().filter(|name| enough.contains(&name.as_str())).collect();
                given == [permission] || (action == ONE_FOR_EACH_KIND && given.contains(&permission))
            })
        };
        for (action, enough) in &needs {
            assert!(
                named.iter().any(|name| enough.contains(&name.as_str())),
                "{}: {action} needs one of {enough:?}, and the comment names {named:?}",
                playbook.name
            );
        }
        for permission in &named {
            assert!(serves(permission), "{}: nothing needs {permission}", playbook.name);
        }
    }
}

#[test]
fn a_comment_says_when_a_playbook_is_used_and_what_it_needs() {
    for path in files() {
        let comment = comment(&std::fs::read_to_string(&path).unwrap());
        assert!(comment.starts_with("When to use: "), "{}", path.display());
        let parts = comment.split("\n\n").count();
        assert!(parts >= 2, "{}: when, and which permissions, are two parts", path.display());
    }
}

#[test]
fn the_readme_has_one_line_for_each_playbook() {
    let text = std::fs::read_to_string(repository("playbooks/README.md")).unwrap();
    let rows: BTreeSet<&str> = text.lines().filter(|line| line.starts_with("| [`")).collect();
    let wanted: BTreeSet<String> = playbooks()
        .iter()
        .map(|playbook| {
            let (name, says) = (&playbook.name, playbook.description.as_deref().unwrap());
            format!("| [`{name}`]({name}.yaml) | {says} |")
        })
        .collect();
    assert_eq!(rows, wanted.iter().map(String::as_str).collect());
}

#[test]
fn a_playbook_that_says_it_changes_nothing_changes_nothing() {
    for playbook in playbooks() {
        let reads =
            playbook.actions().iter().all(|(_, action)| action.spec.effect == riposte_model::Effect::Read);
        let says = comment(&playbook.source).replace('\n', " ").contains("It changes nothing.");
        assert_eq!(says, reads && playbook.calls().is_empty(), "{}", playbook.name);
    }
}
