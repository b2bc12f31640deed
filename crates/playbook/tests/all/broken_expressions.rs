//! One broken playbook for each rule about expressions and references, as a person sees it.

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
    all_steps_at_once: "name: a
steps:
  - { id: x, set: { y: 1 } }
  - { if: size(steps) > 0, stop: now }
";
    an_unknown_input: "name: a
inputs: { device_id: { type: string } }
steps:
  - stop: \"é ${{ inputs.devise_id }} ${{ input.device_id }}\"
";
    an_unknown_step: "name: a
steps:
  - { id: isolate, set: { x: 1 } }
  - stop: ${{ steps.isolte.output.x }}
  - stop: ${{ steps.collect.output.x }}
";
    a_step_where_none_has_ended: "name: a
steps:
  - stop: ${{ steps.collect.output.x }}
";
    a_step_that_runs_later: "name: a
steps:
  - if: steps.late.status == \"succeeded\"
    wait: 1s
  - id: late
    wait: 1s
";
    a_step_that_runs_beside: "name: a
steps:
  - parallel:
      - steps:
          - { id: left, wait: 1s }
      - steps:
          - { id: right, if: steps.left.status == \"failed\", wait: 1s }
";
    a_step_that_is_still_running: "name: a
steps:
  - id: block
    steps:
      - { id: inner, if: steps.block.status == \"failed\", wait: 1s }
      - { id: self, if: steps.self.status == \"failed\", wait: 1s }
  - { id: after, if: steps.block.status == \"failed\", wait: 1s }
";
    an_unknown_property_of_an_output: "name: a
inputs: { id: { type: string } }
steps:
  - { id: device, action: defender.get_machine, with: { machine_id: \"${{ inputs.id }}\" } }
  - if: steps.device.output.healthStatu == \"Active\"
    wait: 1s
  - if: steps.device.outpt.healthStatus == \"Active\"
    wait: 1s
  - { id: pause, wait: 1s }
  - if: steps.pause.output.x == 1
    wait: 1s
";
    a_choice_that_is_none: "name: a
inputs: { severity: { enum: [Low, High] } }
steps:
  - { id: one, if: inputs.severity == \"Hihg\", wait: 1s }
  - { if: steps.one.status == \"success\", wait: 1s }
  - { if: steps.one.error.kind == \"trottled\", wait: 1s }
";
    a_condition_that_is_no_boolean: "name: a
inputs: { id: { type: string } }
steps:
  - { if: inputs.id, wait: 1s }
  - { if: 5, wait: 1s }
  - { if: \"1 + 1\", wait: 1s }
";
    a_condition_in_braces: "name: a
inputs: { id: { type: string } }
steps:
  - if: ${{ inputs.id == \"x\" }}
    wait: 1s
";
    expressions_that_are_none: "name: a
inputs: { id: { type: string }, n: { type: integer } }
steps:
  - if: inputs.id = \"x\"
    wait: 1s
  - if: inputs.id == 'x
    wait: 1s
  - stop: ${{ inputs.id
  - stop: ${{ }}
  - stop: ${{ lower(inputs.id) }}
  - stop: ${{ inputs.id + 1 }}
  - if: inputs.id.matches(\"(a\")
    wait: 1s
  - stop: ${{ jsonpath(inputs.id, \"$[\") }}
";
    paths_that_are_none: "name: a
steps:
  - action: http.request
    with: { url: x }
    select: value[*]
  - action: http.request
    with: { url: x }
    select: $.value[?
  - action: http.request
    with: { url: x }
    select: 5
";
    a_trigger_that_reads_a_step: "name: a
triggers:
  - webhook: hook
    auth: none
    if: steps.one.status == \"failed\"
    dedupe: { key: trigger.body.id + run.id, window: 1h }
steps:
  - { id: one, wait: 1s }
";
    an_output_that_reads_what_is_not_there: "name: a
steps:
  - { id: one, set: { x: 1 } }
outputs:
  x: ${{ steps.one.output.y }}
  Y: ${{ steps.two.output.y }}
";
    a_message_that_is_a_list: "name: a
inputs: { list: { type: array } }
steps:
  - stop: ${{ inputs.list }}
  - fail: \"found ${{ inputs.list }}\"
  - stop: [a]
";
}
