//! Which playbooks listen to which webhook, and what cannot be served.

use crate::fixture::{BEARER, HMAC, STANDARD, hooks, playbook, secret, trigger};
use riposte_server::config::{SecretError, SecretSource};
use secrecy::ExposeSecret;
use std::cell::Cell;
use std::error::Error;

fn refused(playbooks: &[(&str, String)]) -> String {
    let playbooks: Vec<_> = playbooks.iter().map(|(name, triggers)| playbook(name, triggers)).collect();
    let error = hooks(&playbooks).unwrap_err();
    let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{source}")
}

#[test]
fn what_cannot_be_guarded_is_not_served() {
    let missing = BEARER.replace("token }", "defender-hook }");
    let short = HMAC.replace("token }", "short }");
    let foreign = STANDARD.replace("whsec", "token");
    let said = [
        refused(&[("one", trigger("alert", BEARER, &[])), ("two", trigger("alert", "none", &[]))]),
        refused(&[("one", trigger("alert", &missing, &[]))]),
        refused(&[("one", trigger("alert", &short, &[]))]),
        refused(&[("one", trigger("alert", &foreign, &[]))]),
        refused(&[("one", trigger("alert", STANDARD, &["dedupe: { key: inputs.alert, window: 9m }"]))]),
    ];
    insta::assert_snapshot!(said.join("\n"));
    assert!(said.iter().all(|said| !said.contains("hunter2") && !said.contains("battery")));
}

#[test]
fn a_secret_is_fetched_once_for_a_webhook() {
    let playbooks = [
        playbook("one", &trigger("alert", BEARER, &[])),
        playbook("two", &trigger("alert", BEARER, &[])),
        playbook("three", &trigger("open", "none", &[])),
    ];
    let fetched = Cell::new(0);
    let hooks = riposte_server::hooks::Hooks::new(&playbooks, crate::fixture::rate(1), &|name| {
        fetched.set(fetched.get() + 1);
        secret(name)
    })
    .unwrap();
    assert_eq!(fetched.get(), 1);
    let names: Vec<_> = hooks.iter().map(|hook| (hook.name.as_str(), hook.listeners.len())).collect();
    assert_eq!(names, [("alert", 2), ("open", 1)]);
}

#[test]
fn a_guard_does_not_print_its_secret() {
    let hooks = hooks(&[playbook("one", &trigger("alert", BEARER, &[]))]).unwrap();
    let printed = format!("{:?}", hooks.get("alert").unwrap().guard);
    assert_eq!(printed, "Guard(Bearer)");
    // What would be seen if it did.
    assert_eq!(secret("token").unwrap().expose_secret(), crate::fixture::TOKEN);
    let missing = SecretSource::Env("RIPOSTE_NO_SUCH_VARIABLE".into()).read();
    assert!(matches!(missing, Err(SecretError::Env(_))));
}
