//! One broken playbook for each rule about the file and its structure, as a person sees it.

use crate::refused;

macro_rules! broken {
    ($($name:ident: $source:literal;)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(stringify!($name), refused($source));
            }
        )*
    };
}

broken! {
    an_empty_file: "";
    yaml_with_a_stray_colon: "name: a: b\nsteps:\n  - stop: done\n";
    yaml_with_an_open_quote: "name: a\nsteps:\n  - stop: 'done\n";
    yaml_with_an_open_bracket: "name: a\nsteps: [{ stop: done }\n";
    yaml_with_a_tab: "name: a\nsteps:\n\t- stop: done\n";
    an_expression_in_a_flow_mapping_without_quotes:
        "name: a\ninputs: { who: {} }\nsteps:\n  - { id: x, stop: ${{ inputs.who }} }\n";
    a_key_that_stands_twice: "name: a\nname: b\nsteps:\n  - stop: done\n    stop: again\n";
    anchors_and_aliases: "name: a\nsteps:\n  - &one { stop: done }\n  - *one\n  - *two\n";
    a_tag: "name: !!str a\nsteps:\n  - stop: !secret done\n";
    a_merge_key: "name: a\nsteps:\n  - <<: { stop: done }\n";
    a_second_document: "name: a\nsteps:\n  - stop: done\n---\nname: b\n";
    keys_that_are_no_text: "name: a\nsteps:\n  - stop: done\n[1]: x\n~: y\n";
    a_number_that_cannot_be_held: "name: a\nsteps:\n  - set: { n: 123456789012345678901234567890, x: .inf }\n";
    an_invisible_character: "name: a\u{1b}[31m\nsteps:\n  - stop: done\u{0}\n";
    a_list_as_playbook: "- name: a\n- steps: []\n";
    unknown_and_missing_keys: "nam: a\nstep:\n  - stop: done\n";
    a_key_that_is_like_no_other: "name: a\nsteps:\n  - stop: done\nqqqqqqqq: 1\n";
    a_playbook_without_steps: "name: a\nsteps: []\n";
    a_name_in_capitals: "name: Contain Device\nsteps:\n  - stop: done\n";
    a_name_that_is_a_number: "name: 12\ndescription:\nsteps: done\n";
    a_step_that_does_nothing: "name: a\nsteps:\n  - id: one\n    if: true\n";
    a_step_with_a_misspelt_kind: "name: a\nsteps:\n  - acton: defender.get_machine\n";
    a_step_that_does_two_things: "name: a\nsteps:\n  - wait: 1m\n    stop: done\n";
    a_step_with_the_key_of_another_kind: "name: a\nsteps:\n  - wait: 1m\n    retry: { attempts: 3 }\n    max: 3\n";
    a_step_with_an_unknown_key: "name: a\nsteps:\n  - action: http.request\n    with: { url: x }\n    retri: {}\n";
    a_step_that_is_text: "name: a\nsteps:\n  - done\n  -\n";
    ids_that_are_used_twice:
        "name: a\nsteps:\n  - { id: one, wait: 1s }\n  - steps:\n      - { id: one, wait: 1s }\n";
    an_id_that_an_unnamed_step_has: "name: a\nsteps:\n  - { id: wait_2, wait: 1s }\n  - wait: 1s\n";
    an_id_with_a_dash: "name: a\nsteps:\n  - { id: my-step, wait: 1s }\n  - { id: 7, wait: 1s }\n";
    a_misspelt_word: "name: a\nsteps:\n  - wait: 1s\n    on_error: contineu\n  - wait: 1s\n    on_error: retry\n";
    durations_that_are_none: "name: a
steps:
  - wait: 90
  - wait: 5min
    timeout: 0s
  - wait: ${{ inputs.pause }}
  - wait: soon
  - wait:
  - wait: 99999d
";
    parallel_steps_that_make_no_sense: "name: a
steps:
  - parallel: []
  - parallel:
      - stop: done
      - steps: []
    max: 0
  - parallel:
      steps: [{ stop: done }]
";
    a_set_of_nothing: "name: a\nsteps:\n  - set: {}\n  - set: { Bad-Name: 1 }\n  - set: 5\n";
    an_unknown_action: "name: a\nsteps:\n  - action: defender.isolate_machin\n    with: { comment: \"${{ inputs.x }}\" }\n";
    an_unknown_action_of_a_known_connection: "name: a\nsteps:\n  - action: defender.explode\n";
    an_unknown_connection: "name: a\nsteps:\n  - action: sentinel.explode\n";
    arguments_that_do_not_fit: "name: a
steps:
  - action: defender.isolate_machine
    with:
      machine_id: xyz
      coment: why
      isolation_type: Ful
  - action: defender.tag_machine
    with:
      machine_id: 0123456789012345678901234567890123456789
      tags: [a, 5, true]
      days: \"3\"
      owner: { nam: x }
  - action: defender.get_machine
  - action: defender.get_machine
    with: [1]
";
    computed_arguments_that_do_not_fit: "name: a
inputs: { id: { type: string }, count: { type: integer }, list: { type: array, items: { type: string } } }
steps:
  - action: defender.tag_machine
    with:
      machine_id: ${{ inputs.count }}
      tags: ${{ inputs.id }}
      days: ${{ inputs.count + 1 }}
      owner: { name: \"${{ inputs.list }}\", tem: \"${{ inputs.id }}\" }
";
    awaiting_what_ends_at_once: "name: a
steps:
  - action: http.request
    with: { url: x }
    await: completed
";
    a_retry_that_makes_no_sense: "name: a
steps:
  - action: http.request
    with: { url: x }
    retry: { attempts: 0, initial: 5, jitter: full, often: 3 }
  - action: http.request
    with: { url: x }
    retry: { initial: 2m, max: 1m }
  - action: http.request
    with: { url: x }
    retry: { factor: 20, on: [throttled] }
  - action: http.request
    with: { url: x }
    retry: { on: [throttled, timeout, trottled, unknown_outcome] }
";
    schemas_that_are_none: "name: a
inputs:
  one: { type: strng }
  two: { type: string, minimum: 3, patern: x }
  three: { type: string, pattern: \"(a\", format: uid }
  four: { minLength: 3 }
  five: { type: [string, integer] }
  six: { type: integer, minimum: 5, maximum: 3 }
  seven: { type: object, properties: { a: { type: string } }, required: [b] }
  eight: string
  nine: { enum: [a, 1, a] }
  Ten: {}
steps:
  - stop: done
";
    defaults_that_do_not_fit: "name: a
inputs:
  severity: { type: string, enum: [Low, High], default: Hihg }
  count: { type: integer, maximum: 5, default: 7 }
  owner: { type: object, properties: { name: { type: string } }, default: { name: 5 } }
steps:
  - stop: done
";
    a_trigger_without_auth: "name: a
triggers:
  - webhook: hook
  - webhook: hook2
    auth: { hmac: {} }
  - webhook: hook3
    auth: bearer
  - webhook: hook4
    auth: { bearer: { token: hunter2 }, standard_webhooks: { secret: { credential: x } } }
  - webhook: hook5
    auth: { bearer: { token: hunter2 } }
  - webhook: hook6
    auth: { hmac_sha256: { secret: { credential: ../x }, header: \"X-Sig:\" } }
  - webhook: hook7
    auth: {}
  - auth: nobody
steps:
  - stop: done
";
    bindings_that_do_not_bind: "name: a
inputs:
  device_id: { type: string }
  severity: { type: string, default: High }
triggers:
  - webhook: hook
    auth: none
    each: $.value[
    bind: { devise_id: $.id, severity: id }
  - webhook: hook
    auth: none
    bind: { device_id: { path: $.id, optional: true, deflt: 3 }, severity: 5 }
    if: inputs.sevrity == \"High\"
    dedupe: { key: inputs, windw: 1h }
steps:
  - stop: done
";
}

#[test]
fn many_problems_are_told_at_once_in_the_order_of_the_file() {
    let source = "name: Many Problems
inputs:
  device_id: { type: strin }
triggers:
  - webhook: hook
    auth: none
steps:
  - id: one
    if: ${{ steps.two.output }}
    action: defender.get_machin
    with: { machine_id: \"${{ input.device_id }}\" }
  - id: two
    wait: 5
    on_error: ignore
  - id: two
    stop: \"${{ steps.one.output + }}\"
output: {}
";
    insta::assert_snapshot!(refused(source));
}
