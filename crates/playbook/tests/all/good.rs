//! Playbooks that load, and the plans they become.

use crate::good;
use riposte_model::ErrorKind;
use riposte_playbook::retry::Jitter;
use riposte_playbook::{Auth, Await, Block, Computed, Credential, OnError, StepKind, Trigger, Wait};
use serde_json::json;
use std::time::Duration;

const WHOLE: &str = r#"
name: contain-device
description: Isolate a device, and say what was found.

inputs:
  device_id: { type: string, pattern: "^[0-9a-f]{40}$", description: MDE device id }
  severity:  { type: string, enum: [Informational, Low, Medium, High], default: High }
  alert_id:  { type: string }

triggers:
  - webhook: defender-alert
    auth: { hmac_sha256: { secret: { credential: defender-hook }, header: X-Hub-Signature-256 } }
    each: "$.value[*]"
    bind:
      device_id: $.machineId
      severity:  { path: $.severity, optional: true }
      alert_id:  $.id
    if: inputs.severity in ["Medium", "High"]
    dedupe: { key: inputs.alert_id, window: 24h }

steps:
  - id: device
    action: defender.get_machine
    with: { machine_id: "${{ inputs.device_id }}" }

  - id: isolate
    if: steps.device.output.healthStatus == "Active"
    action: defender.isolate_machine
    with:
      machine_id: ${{ inputs.device_id }}
      isolation_type: Full
      comment: "Alert ${{ inputs.alert_id }}"
    retry: { attempts: 7, initial: 1s, factor: 3, max: 1m, jitter: none, on: [throttled] }
    timeout: 1h30m
    on_error: continue
    await: accepted

  - parallel:
      - steps:
          - id: note
            set:
              text: "${{ inputs.alert_id }} on ${{ steps.device.output.id }}"
              count: 3
      - steps:
          - { wait: 5m }
    max: 1

  - id: block
    steps:
      - id: tags
        action: defender.tag_machine
        with: { machine_id: "${{ inputs.device_id }}", tags: [seen, "${{ inputs.severity }}"], days: 3 }
        select: $.value[*]
      - { if: 'inputs.severity == "Low"', fail: "never ${{ steps.note.output.text }}" }

  - stop: done

outputs:
  isolated: ${{ steps.isolate.status == "succeeded" }}
  tags: ${{ steps.tags.output }}
  fixed: { a: [1, two] }
"#;

#[test]
fn a_whole_playbook_becomes_its_plan() {
    let playbook = good(WHOLE);
    assert_eq!(playbook.name.as_str(), "contain-device");
    assert_eq!(playbook.description.as_deref(), Some("Isolate a device, and say what was found."));
    assert_eq!(&*playbook.source, WHOLE);
    let ids: Vec<(&str, u32)> =
        playbook.body.steps.iter().map(|step| (step.id.as_str(), step.line)).collect();
    assert_eq!(ids, [("device", 22), ("isolate", 26), ("parallel_3", 38), ("block", 48), ("stop_5", 56)]);
    let outputs: Vec<&str> = playbook.outputs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(outputs, ["isolated", "tags", "fixed"]);
    assert!(
        matches!(&playbook.outputs[2].1, Computed::Literal(value) if *value == json!({ "a": [1, "two"] }))
    );
}

#[test]
fn a_trigger_keeps_all_its_parts() {
    let playbook = good(WHOLE);
    let [Trigger::Webhook(trigger)] = &playbook.triggers[..] else { panic!("one webhook") };
    assert_eq!(trigger.name, "defender-alert");
    let secret = Credential("defender-hook".to_owned());
    assert_eq!(trigger.auth, Auth::HmacSha256 { secret, header: "X-Hub-Signature-256".to_owned() });
    assert_eq!(trigger.each.as_ref().map(riposte_expr::Path::as_str), Some("$.value[*]"));
    let bound: Vec<_> =
        trigger.bind.iter().map(|bind| (bind.input.as_str(), bind.path.as_str(), bind.optional)).collect();
    assert_eq!(
        bound,
        [("device_id", "$.machineId", false), ("severity", "$.severity", true), ("alert_id", "$.id", false)]
    );
    assert_eq!(trigger.condition.as_ref().unwrap().source(), r#"inputs.severity in ["Medium", "High"]"#);
    assert_eq!(trigger.dedupe.as_ref().unwrap().window, Duration::from_secs(24 * 3600));
}

#[test]
fn an_action_keeps_all_its_parts() {
    let playbook = good(WHOLE);
    let step = &playbook.body.steps[1];
    assert_eq!(step.time_limit(), Some(Duration::from_secs(5400)));
    assert_eq!(step.on_error, OnError::Continue);
    let StepKind::Action(action) = &step.kind else { panic!("an action") };
    assert_eq!(action.spec.name.as_str(), "defender.isolate_machine");
    assert_eq!(action.until, Await::Accepted);
    assert_eq!(action.retry.attempts(), 7);
    assert_eq!(action.retry.jitter(), Jitter::None);
    assert!(action.retry.covers(ErrorKind::Throttled) && !action.retry.covers(ErrorKind::Unavailable));
    let names: Vec<&str> = action.with.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["machine_id", "isolation_type", "comment"]);
    assert!(matches!(&action.with[1].1, Computed::Literal(value) if *value == json!("Full")));
    assert!(matches!(&action.with[2].1, Computed::Template(_)));
}

#[test]
fn steps_inside_of_steps_keep_their_place() {
    let playbook = good(WHOLE);
    let StepKind::Parallel { branches, max } = &playbook.body.steps[2].kind else { panic!("parallel") };
    assert_eq!((branches.len(), *max), (2, 1));
    assert_eq!(branches[1][0].id, "wait_1");
    assert!(
        matches!(branches[1][0].kind, StepKind::Wait(Wait::For(pause)) if pause == Duration::from_secs(300))
    );
    let StepKind::Block(Block { steps, .. }) = &playbook.body.steps[3].kind else { panic!("a block") };
    let StepKind::Action(action) = &steps[0].kind else { panic!("an action") };
    assert_eq!(action.select.as_ref().unwrap().as_str(), "$.value[*]");
    assert!(matches!(&action.with[1].1, Computed::List(items) if items.len() == 2));
    assert_eq!(steps[1].condition.as_ref().unwrap().source(), r#"inputs.severity == "Low""#);
}

#[test]
fn an_unlimited_parallel_step_runs_all_its_branches_at_once() {
    let playbook = good(
        "name: a\nsteps:\n  - parallel:\n      - steps: [{ wait: 1s }]\n      - steps: [{ wait: 1s }]\n",
    );
    assert!(matches!(playbook.body.steps[0].kind, StepKind::Parallel { max: 2, .. }));
}

#[test]
fn senders_prove_themselves_in_four_ways() {
    let auth = |auth: &str| {
        let source =
            format!("name: a\ntriggers:\n  - webhook: hook\n    auth: {auth}\nsteps:\n  - stop: done\n");
        let loaded = crate::check(&source);
        loaded.playbook.unwrap().webhooks().next().unwrap().auth.clone()
    };
    let secret = Credential("hook.key".to_owned());
    assert_eq!(auth("none"), Auth::None);
    assert_eq!(
        auth("{ bearer: { token: { credential: hook.key } } }"),
        Auth::Bearer { token: secret.clone() }
    );
    assert_eq!(
        auth("{ standard_webhooks: { secret: { credential: hook.key } } }"),
        Auth::StandardWebhooks { secret }
    );
}

#[test]
fn schemas_are_read_as_json_schema_means_them() {
    let playbook = good(
        "name: a
inputs:
  list: { type: array, items: { type: integer, minimum: 0 }, maxItems: 3 }
  maybe: { type: [string, \"null\"], format: uuid, default: null }
  bare: { enum: [a, b], default: a }
  tree:
    type: object
    properties: { name: { type: string }, size: { type: number, maximum: 1.5 } }
    required: [name]
    additionalProperties: false
  anything: {}
steps:
  - set: { all: \"${{ inputs }}\" }
",
    );
    let schema = playbook.inputs.schema().to_json();
    assert_eq!(
        schema["properties"],
        json!({
            "list": { "type": "array", "items": { "type": "integer", "minimum": 0 }, "maxItems": 3 },
            "maybe": { "type": ["string", "null"], "format": "uuid", "default": null },
            "bare": { "type": "string", "enum": ["a", "b"], "default": "a" },
            "tree": {
                "type": "object",
                "properties": { "name": { "type": "string" }, "size": { "type": "number", "maximum": 1.5 } },
                "required": ["name"],
                "additionalProperties": false,
            },
            "anything": {},
        })
    );
}

#[test]
fn expressions_are_looked_for_only_where_values_stand() {
    let playbook = good(
        "name: a\ndescription: says ${{ nothing }}\nsteps:\n  - set: { text: \"$${{ kept }}\", n: 1 }\n    timeout: 1m\n",
    );
    assert_eq!(playbook.description.as_deref(), Some("says ${{ nothing }}"));
    let StepKind::Set(values) = &playbook.body.steps[0].kind else { panic!("set") };
    assert!(matches!(&values[0].1, Computed::Literal(value) if *value == json!("${{ kept }}")));
}

#[test]
fn after_a_parallel_step_its_branches_can_be_read() {
    good(
        "name: a
steps:
  - parallel:
      - steps:
          - { id: left, set: { x: 1 } }
          - { id: after_left, set: { y: \"${{ steps.left.output.x }}\" } }
      - steps:
          - { id: right, set: { x: text } }
  - id: both
    if: steps.left.output.x == 1 && steps.right.output.x == \"text\"
    stop: \"${{ steps.after_left.status }}\"
",
    );
}
