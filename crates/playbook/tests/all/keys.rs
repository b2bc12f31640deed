//! One broken use of every key that the other files do not break: loops, handlers, calls, and what holds for a whole
//! playbook.

use crate::catalogue::catalogue;
use crate::refused;
use riposte_playbook::{Style, load_all};

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
    loops_over_what_is_no_list: "name: a
inputs: { count: { type: integer } }
steps:
  - for_each: inputs.count
    as: one
    steps: [{ wait: 1s }]
  - for_each: [a, b]
    as: one
    steps: [{ wait: 1s }]
  - for_each: ${{ inputs.list }}
    as: one
    steps: [{ wait: 1s }]
  - for_each: 3
    as: one
    steps: [{ wait: 1s }]
";
    loops_that_lack_a_name_or_steps: "name: a
steps:
  - for_each: '[1, 2]'
    steps: [{ wait: 1s }]
  - for_each: '[1, 2]'
    as: one
  - for_each: '[1, 2]'
    as: one
    steps: []
";
    names_that_an_item_cannot_have: "name: a
steps:
  - for_each: '[1, 2]'
    as: steps
    steps: [{ wait: 1s }]
  - for_each: '[1, 2]'
    as: Device
    steps: [{ wait: 1s }]
  - for_each: '[1, 2]'
    as: null
    steps: [{ wait: 1s }]
  - for_each: '[1, 2]'
    as: 'true'
    steps: [{ wait: 1s }]
  - for_each: '[1, 2]'
    as: one
    steps:
      - for_each: '[3]'
        as: one
        steps: [{ wait: 1s }]
";
    limits_that_a_loop_cannot_have: "name: a
steps:
  - for_each: '[1, 2]'
    as: one
    max: 0
    steps: [{ wait: 1s }]
  - for_each: '[1, 2]'
    as: one
    max: all
    steps: [{ wait: 1s }]
";
    words_that_on_item_error_does_not_know: "name: a
steps:
  - for_each: '[1, 2]'
    as: one
    on_item_error: fail
    steps: [{ wait: 1s }]
  - for_each: '[1, 2]'
    as: one
    on_item_error: true
    steps: [{ wait: 1s }]
";
    outputs_of_a_loop_that_are_none: "name: a
steps:
  - for_each: '[1, 2]'
    as: one
    steps: [{ id: double, set: { x: '${{ one * 2 }}' } }]
    outputs: { X: '${{ steps.double.output.x }}', y: '${{ steps.double.output.y }}' }
  - for_each: '[1, 2]'
    as: one
    steps: [{ wait: 1s }]
    outputs: [x]
";
    a_step_of_a_loop_that_is_read_from_outside: "name: a
steps:
  - id: each
    for_each: '[1, 2]'
    as: one
    steps: [{ id: double, set: { x: '${{ one * 2 }}' } }]
  - stop: Double is ${{ steps.double.output.x }}, of ${{ one }}.
";
    handlers_of_a_block_that_make_no_sense: "name: a
steps:
  - steps: [{ wait: 1s }]
    on_failure: []
    always: { wait: 1s }
  - steps: [{ wait: 1s }]
    on_failure: [{ stop: may stand here }]
    always: [{ stop: may not }]
  - wait: 1s
    on_failure: [{ wait: 1s }]
    always: [{ wait: 1s }]
";
    handlers_of_a_playbook_that_make_no_sense: "name: a
steps:
  - wait: 1s
on_failure: []
always: tidy up
";
    failures_that_are_not_there: "name: a
steps:
  - set: { what: '${{ failure.step }}' }
on_failure:
  - set: { what: '${{ failure.stp }}' }
always:
  - set: { what: '${{ failure.step }}' }
";
    outputs_that_may_not_be_there: "name: a
steps:
  - { id: one, if: run.id != 'x', set: { x: 1 } }
  - { id: two, on_error: continue, steps: [{ id: three, set: { x: 1 } }] }
  - set:
      a: ${{ steps.one.output.x }}
      b: ${{ steps.three.output.x }}
      c: ${{ steps.two.error.kind }}
";
    waits_until_what_is_no_time: "name: a
inputs: { count: { type: integer } }
steps:
  - wait: { until: inputs.count }
  - wait: { until: 5 }
  - wait: { untill: inputs.count }
  - wait: { until: 'timestamp(\"tomorrow\")' }
";
    defaults_that_make_no_sense: "name: a
defaults: { retry: { attempts: 0 }, timeout: 5, on_error: continue }
steps:
  - wait: 1s
";
    a_concurrency_that_makes_no_sense: "name: a
inputs: { list: { type: array } }
concurrency: { key: inputs.list, limit: 0, when_full: wait }
steps:
  - wait: 1s
";
    a_concurrency_without_a_key: "name: a
concurrency: { limit: 2 }
steps:
  - wait: 1s
";
    a_concurrency_that_is_a_number: "name: a
concurrency: 2
steps:
  - wait: 1s
";
    outputs_of_a_playbook_that_are_none: "name: a
steps:
  - wait: 1s
outputs: { Result: 1, x: '${{ steps.none.output }}' }
";
    calls_of_what_is_no_name: "name: a
steps:
  - call: Other Playbook
  - call: 5
  - call: other
    with: [1]
  - call: other
    retry: { attempts: 3 }
";
    an_await_that_is_none: "name: a
inputs: { id: { type: string } }
steps:
  - action: defender.isolate_machine
    with: { machine_id: '${{ inputs.id }}', comment: why, isolation_type: Full }
    await: finished
";
    a_secret_among_arguments: "name: a
steps:
  - action: http.request
    with: { url: x, json: { token: { credential: hook } } }
";
}

/// What a person sees of playbooks that are loaded together.
fn refused_together(sources: &[&str]) -> String {
    let named = |(number, source): (usize, &&str)| (format!("{}.yaml", number + 1), (*source).to_owned());
    let loaded = load_all(sources.iter().enumerate().map(named).collect(), &catalogue());
    assert!(loaded.iter().any(|loaded| loaded.report.has_errors()));
    loaded.iter().map(|loaded| loaded.report.render(Style::Plain)).collect::<Vec<_>>().join("\n")
}

#[test]
fn calls_that_do_not_fit() {
    insta::assert_snapshot!(refused_together(&[
        "name: caller
inputs: { count: { type: integer } }
steps:
  - { id: one, call: called, with: { device_id: '${{ inputs.count }}', severitty: High } }
  - { call: called, with: { severity: Hihg } }
  - call: caled
  - stop: ${{ steps.one.output.nothing }}
",
        "name: called
inputs: { device_id: { type: string }, severity: { enum: [Low, High], default: High } }
steps:
  - stop: ${{ inputs.device_id }}, ${{ inputs.severity }}
outputs: { x: 1 }
",
    ]));
}

#[test]
fn playbooks_that_call_each_other() {
    insta::assert_snapshot!(refused_together(&[
        "name: one\nsteps:\n  - call: two\n",
        "name: two\nsteps:\n  - parallel: [{ steps: [{ wait: 1s }] }, { steps: [{ call: one }] }]\n",
        "name: three\nsteps:\n  - wait: 1s\nalways:\n  - call: three\n",
        "name: two\nsteps:\n  - wait: 1s\n",
    ]));
}

#[test]
fn calls_of_what_does_not_load() {
    insta::assert_snapshot!(refused_together(&[
        "name: one\nsteps:\n  - call: two\n",
        "name: two\nsteps:\n  - call: three\n",
        "name: three\nsteps:\n  - wiat: 1s\n",
    ]));
}
