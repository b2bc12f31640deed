//! The language as an editor sees it. Every playbook that loads in another test is held against the schema there.

use crate::catalogue::catalogue;
use jsonschema::Validator;
use riposte_playbook::editor_schema;
use riposte_playbook::yaml::{Limits, read};
use std::sync::LazyLock;

static SCHEMA: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft202012::new(&editor_schema(&catalogue())).unwrap());

/// Where an editor marks something in a playbook.
pub(crate) fn problems(source: &str) -> Vec<String> {
    let root = read(source, &Limits::default()).unwrap();
    SCHEMA.iter_errors(&root.value.to_json()).map(|error| error.instance_path().to_string()).collect()
}

#[test]
fn the_schema_is_one() {
    let schema = editor_schema(&catalogue());
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    // Every reference leads somewhere: the validator resolves them when it is built.
    LazyLock::force(&SCHEMA);
    insta::assert_json_snapshot!(schema["$defs"]["with_defender_tag_machine"]);
    insta::assert_json_snapshot!(schema["$defs"]["step_action"]["allOf"][1]);
}

#[test]
fn without_actions_it_is_a_schema_too() {
    let schema = editor_schema(&riposte_model::Catalogue::default());
    jsonschema::draft202012::meta::validate(&schema).unwrap();
}

/// A playbook with these steps.
fn steps(steps: &str) -> String {
    format!("name: a\nsteps:\n{steps}")
}

#[test]
fn everything_that_the_language_has_is_accepted() {
    let whole = "
name: a
description: b
inputs:
  maybe: { type: [string, null], format: uuid }
  bare: { enum: [x, y] }
  any: {}
  list: { type: array, items: { type: object, properties: { n: { type: integer, minimum: 1 } }, required: [n] } }
concurrency: { key: inputs.bare, limit: 2, when_full: skip }
defaults: { retry: { attempts: 3 }, timeout: 5m }
triggers:
  - schedule: '@daily'
    timezone: Europe/Paris
    missed: all
    overlap: allow
    jitter: 1h30m
    inputs: { any: [1, { x: null }] }
  - webhook: x
    auth: none
steps:
  - for_each: inputs.list
    as: item
    max: 3
    on_item_error: continue
    steps: [{ id: one, set: { n: '${{ item.n }}' } }]
    outputs: { n: '${{ steps.one.output.n }}' }
  - steps: [{ wait: 500ms }]
    on_failure: [{ fail: '${{ failure.step }}' }]
    always: [{ stop: done }]
  - { id: called, call: other-one, with: { x: '${{ inputs.any }}' }, timeout: 1d }
  - { wait: { until: inputs.any.at }, on_error: continue }
  - action: defender.tag_machine
    with:
      machine_id: ${{ inputs.bare }}
      tags: ${{ inputs.any }}
      days: '${{ size(inputs.list) }}'
      owner: { name: x, team: '${{ inputs.bare }}' }
  - parallel: [{ steps: [{ if: false, fail: x }] }]
    max: 2
on_failure: [{ stop: x }]
always: [{ wait: 1s }]
outputs: { x: [1, '${{ inputs.any }}'] }
";
    assert_eq!(problems(whole), [""; 0]);
}

#[test]
fn what_the_language_does_not_have_is_marked_where_it_stands() {
    let action = |rest: &str| steps(&format!("  - action: {rest}\n"));
    let id = "machine_id: 1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
    let cases: Vec<(String, &str)> = vec![
        ("name: A b\nsteps: [{ wait: 1s }]\n".into(), "/name"),
        ("name: a\nstep: [{ wait: 1s }]\n".into(), ""),
        ("name: a\nsteps: []\n".into(), "/steps"),
        (steps("  - { wiat: 1s }\n"), "/steps/0"),
        (steps("  - { wait: 1s, fail: x }\n"), "/steps/0"),
        (steps("  - { wait: 1s, max: 2 }\n"), "/steps/0"),
        (steps("  - { wait: 5 }\n"), "/steps/0/wait"),
        (steps("  - { wait: 5 minutes }\n"), "/steps/0/wait"),
        (steps("  - { wait: 1s, id: Big }\n"), "/steps/0/id"),
        (steps("  - { wait: 1s, on_error: ignore }\n"), "/steps/0/on_error"),
        (steps("  - { stop: 5 }\n"), "/steps/0/stop"),
        (steps("  - { set: {} }\n"), "/steps/0/set"),
        (steps("  - { for_each: inputs.x }\n"), "/steps/0"),
        (steps("  - parallel: [{ stop: x }]\n"), "/steps/0/parallel/0"),
        (steps("  - steps: [{ steps: [{ wait: x }] }]\n"), "/steps/0/steps/0/steps/0/wait"),
        (action("defender.isolate"), "/steps/0/action"),
        (action("defender.get_machine"), "/steps/0"),
        (action("defender.get_machine\n    with: { machine_id: abc }"), "/steps/0/with/machine_id"),
        (action(&format!("defender.get_machine\n    with: {{ {id}, x: 1 }}")), "/steps/0/with"),
        (
            action(&format!("defender.get_machine\n    with: {{ {id} }}\n    await: accepted")),
            "/steps/0/await",
        ),
        (
            action(&format!(
                "defender.isolate_machine\n    with: {{ {id}, comment: c, isolation_type: Ful }}"
            )),
            "/steps/0/with/isolation_type",
        ),
        (
            action(&format!("defender.tag_machine\n    with: {{ {id}, owner: {{ name: x, teem: y }} }}")),
            "/steps/0/with/owner",
        ),
        (
            action(&format!("defender.get_machine\n    with: {{ {id} }}\n    retry: {{ attempts: 0 }}")),
            "/steps/0/retry/attempts",
        ),
        (
            action(&format!(
                "defender.get_machine\n    with: {{ {id} }}\n    retry: {{ on: [unknown_outcome] }}"
            )),
            "/steps/0/retry/on/0",
        ),
        ("name: a\ninputs: { x: { type: strng } }\nsteps: [{ wait: 1s }]\n".into(), "/inputs/x/type"),
        ("name: a\ninputs: { x: { type: string, minimum: 1 } }\nsteps: [{ wait: 1s }]\n".into(), "/inputs/x"),
        ("name: a\ninputs: { x: { minimum: 1 } }\nsteps: [{ wait: 1s }]\n".into(), "/inputs/x"),
        ("name: a\ntriggers: [{ webhook: x }]\nsteps: [{ wait: 1s }]\n".into(), "/triggers/0"),
        (
            "name: a\ntriggers: [{ webhook: x, auth: bearer }]\nsteps: [{ wait: 1s }]\n".into(),
            "/triggers/0/auth",
        ),
        (
            "name: a\ntriggers: [{ schedule: '@daily', auth: none }]\nsteps: [{ wait: 1s }]\n".into(),
            "/triggers/0",
        ),
        (
            "name: a\ntriggers: [{ schedule: '@daily', timezone: Paris }]\nsteps: [{ wait: 1s }]\n".into(),
            "/triggers/0/timezone",
        ),
        ("name: a\ntriggers: [{}]\nsteps: [{ wait: 1s }]\n".into(), "/triggers/0"),
        ("name: a\nconcurrency: { limit: 0, key: x }\nsteps: [{ wait: 1s }]\n".into(), "/concurrency/limit"),
        ("name: a\noutputs: { A: 1 }\nsteps: [{ wait: 1s }]\n".into(), "/outputs"),
    ];
    for (source, place) in cases {
        let found = problems(&source);
        assert!(found.iter().any(|path| path == place), "{source}{place} is not among {found:?}");
    }
}
