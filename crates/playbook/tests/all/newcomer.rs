//! What people who know YAML, but not this language, write first, and what they are told.

use crate::{check, good, refused};
use riposte_playbook::{Code, Diagnostic, Report, Style};

macro_rules! refused {
    ($($name:ident: $source:literal;)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(stringify!($name), refused($source));
            }
        )*
    };
}

/// What a person sees of a text that loads, but not without a word.
#[track_caller]
fn warned(source: &str) -> String {
    let loaded = check(source);
    assert!(loaded.playbook.is_some() && !loaded.report.is_empty(), "{}", loaded.report.render(Style::Plain));
    loaded.report.render(Style::Plain)
}

macro_rules! warned {
    ($($name:ident: $source:literal;)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(stringify!($name), warned($source));
            }
        )*
    };
}

refused! {
    double_quotes_inside_of_double_quotes_in_a_flow_mapping: "name: a
inputs: { d: { type: string } }
steps:
  - set: { a: \"${{ inputs.d == \"x\" }}\" }
";
    double_quotes_inside_of_double_quotes: "name: a
inputs: { d: { type: string } }
steps:
  - set:
      a: \"${{ inputs.d == \"x\" }}\"
";
    double_quotes_inside_of_a_quoted_condition: "name: a
inputs: { d: { type: string } }
steps:
  - if: \"inputs.d == \"High\"\"
    stop: done
";
    double_quotes_and_an_apostrophe: "name: a
steps:
  - stop: \"it's \"done\" now\"
";
    an_apostrophe_inside_of_single_quotes: "name: a
steps:
  - stop: 'it's'
";
    an_apostrophe_inside_of_single_quotes_in_a_flow_mapping: "name: a
steps:
  - { stop: 'it's done' }
";
    a_single_quote_that_is_not_closed: "name: a
steps:
  - stop: 'done
  - stop: now
";
    a_double_quote_that_is_not_closed: "name: a
steps:
  - stop: \"done
";
    braces_around_a_part_of_a_condition: "name: a
inputs: { x: { type: integer } }
steps:
  - if: \"${{ inputs.x }} == 5\"
    stop: done
";
    braces_around_two_parts_of_a_condition: "name: a
inputs: { x: { type: integer }, y: { type: integer } }
steps:
  - if: 5 < ${{ inputs.x }} && ${{ inputs.y }} > 5
    stop: done
";
    a_key_that_is_indented_too_little: "name: a
steps:
  - action: http.request
   with: { url: x }
";
    a_key_that_is_indented_too_much: "name: a
steps:
  - action: http.request
     with: { url: x }
";
    a_top_key_that_is_indented: "name: a
 steps:
  - stop: done
";
    a_key_of_a_mapping_that_is_indented_too_little: "name: a
steps:
  - action: http.request
    with:
      url: x
     json: 1
";
    a_key_of_a_mapping_that_is_indented_too_much: "name: a
inputs:
  a: { type: string }
   b: { type: string }
steps:
  - stop: done
";
    an_item_that_is_indented_too_little: "name: a
steps:
  - stop: done
 - stop: done
";
    an_item_that_is_indented_too_much: "name: a
steps:
  - stop: done
   - stop: done
";
    a_first_key_is_not_called_indented: "name: a
inputs:
  x: a: b
steps:
  - stop: done
";
    a_list_whose_only_item_has_no_blank: "name: a
steps:
  -wait: 1s
";
    no_blank_behind_a_colon: "name:t
steps:
  - stop: done
";
    no_blank_behind_a_colon_further_down: "name: t
steps:
  - id: one
    stop:done
";
    no_blank_behind_a_colon_at_the_end: "name: t
steps:
  - stop: done
description:text
";
    no_blank_behind_the_first_dash: "name: t
steps:
  -id: a
    stop: done
";
    no_blank_behind_the_second_dash: "name: t
steps:
  - id: a
    wait: 1s
  -id: b
    wait: 1s
";
    no_blank_behind_a_dash_and_a_colon_in_a_value: "name: t
steps:
  - id: a
    wait: 1s
  - id:b
    wait: 1s
";
    a_colon_inside_of_an_expression: "name: t
inputs: { days: { type: string } }
steps:
  - stop: ${{ \"Days: \" + inputs.days }}
";
    an_expression_with_quotes_in_a_flow_mapping: "name: t
inputs: { days: { type: string } }
steps:
  - { stop: ${{ \"It's \" + inputs.days }} }
";
    a_step_without_a_blank_behind_its_colon: "name: t
steps:
  - id:b
";
    a_condition_that_begins_with_a_quote: "name: a
inputs: { d: { type: string } }
steps:
  - if: \"High\" == inputs.d
    stop: done
";
    a_single_quote_that_swallows_lines: "name: a
steps:
  - wait: '1s
  - stop: 'now'
";
    an_invisible_word: "name: a
steps:
  - stop: done
    on_error: \"continue\u{a0}\"
";
    a_nonbreaking_space_before_a_key: "name: a
steps:
  - \u{a0}stop: done
";
    a_nonbreaking_space_in_a_name: "name: a\u{a0}b
steps:
  - stop: done
    on_error:\u{a0}continue
";
    inputs_without_braces: "name: a
inputs:
  device_id: string
  count: int
  other: text
steps:
  - stop: ${{ inputs.device_id }}${{ inputs.count }}${{ inputs.other }}
";
    an_input_that_is_required: "name: a
inputs:
  one: { type: string, required: true }
  two: { type: string, required: false }
steps:
  - stop: ${{ inputs.one }}${{ inputs.two }}
";
    types_of_other_languages: "name: a
inputs:
  one: { type: list }
  two: { type: str }
  three: { type: bool }
  four: { type: int }
  five: { type: dict }
  six: { type: float }
steps:
  - set: { a: \"${{ inputs }}\" }
";
    words_for_true_and_false: "name: a
inputs: { x: { type: boolean, default: yes } }
steps:
  - if: yes
    stop: ${{ inputs.x }}
  - if: off
    stop: done
";
    text_without_quotes_in_an_expression: "name: a
inputs: { d: { type: string, enum: [low, high] } }
steps:
  - if: inputs.d == high
    stop: done
";
    steps_as_a_mapping: "name: a
steps:
  id: one
  stop: done
";
    steps_inside_of_steps_as_a_mapping: "name: a
steps:
  - parallel:
      left:
        stop: done
  - steps:
      stop: done
  - parallel:
      - steps: { stop: done }
";
    triggers_as_a_mapping: "name: a
triggers:
  webhook: x
  auth: none
steps:
  - stop: done
";
    a_retry_that_is_a_number: "name: a
steps:
  - action: http.request
    with: { url: x }
    retry: 3
";
    keys_of_other_languages: "name: a
steps:
  - action: http.request
    with: { url: x }
    when: true
    continue_on_error: true
  - uses: http.request
    with: { url: x }
  - run: http.request
    ignore_errors: true
  - wait: 1s
    condition: true
    continue-on-error: true
";
    guesses_at_the_larger_parts: "name: a
defaults: { timeout: 1h }
concurrency: { key: run.id }
steps:
  - for_each: inputs.list
    as: x
    steps:
      - stop: done
  - call: other
    with: {}
  - steps:
      - wait: 1s
    on_failure:
      - wait: 1s
    always:
      - wait: 1s
  - until: steps.a.output.x
  - wait: { until: x }
on_failure:
  - stop: done
always:
  - stop: done
";
    a_misspelt_required_key: "nme: a
steps:
  - stop: done
";
    required_keys_in_other_spellings: "Name: a
step:
  - stop: done
";
    misspelt_required_keys_inside: "name: a
inputs: { x: { type: string } }
triggers:
  - web_hook: x
    auht: none
    bind: { x: { pth: $.x } }
    dedupe: { kye: inputs.x, windw: 1h }
steps:
  - parallel:
      - step: [{ stop: done }]
";
    a_wait_that_is_longer_than_its_timeout: "name: a
steps:
  - wait: 2h
    timeout: 1h
";
}

warned! {
    references_that_are_plain_text: "name: a
inputs: { device_id: { type: string } }
steps:
  - id: one
    action: http.request
    with: { url: inputs.device_id, json: { a: [\"${inputs.device_id}\", \"{{ inputs.device_id }}\", $inputs.device_id] } }
  - set: { a: steps.one.output.id, b: \"{{inputs.device_id}}\", c: run.id, d: \"$${{ inputs.device_id }}\" }
  - stop: ${{ inputs.device_id }}
";
    a_reference_in_a_block_that_is_plain_text: "name: a
inputs: { device_id: { type: string } }
steps:
  - action: http.request
    with:
      url: inputs.device_id
";
    steps_behind_a_stop: "name: a
steps:
  - id: one
    steps:
      - fail: no
        on_error: continue
      - if: true
        stop: maybe
      - stop: done
      - wait: 1s
      - wait: 2s
  - fail: done
  - wait: 3s
";
    an_auth_that_lets_anybody_in: "name: a
triggers:
  - webhook: x
    auth: none
steps:
  - stop: done
";
    an_input_that_nobody_reads: "name: a
inputs:
  one: { type: string }
  two: { type: string }
  three: { type: string }
triggers:
  - webhook: x
    auth: { bearer: { token: { credential: x } } }
    bind: { one: $.one, two: $.two, three: $.three }
    if: inputs.two == \"x\"
steps:
  - stop: ${{ inputs[\"three\"] }}
";
}

#[test]
fn whoever_reads_all_inputs_reads_each() {
    good("name: a\ninputs: { one: { type: string } }\nsteps:\n  - set: { all: \"${{ inputs }}\" }\n");
}

#[test]
fn a_condition_may_stand_in_quotes() {
    good("name: a\nsteps:\n  - { if: \"run.id != ''\", wait: 1s }\n  - stop: done\n");
}

#[test]
fn a_fault_without_a_line_of_the_file_is_drawn_like_the_others() {
    let problem = |span| Diagnostic::error(Code::Yaml, "nothing is here", span, "here").with_help("write it");
    let draw = |source: &str, span| Report::new("a.yaml", source, vec![problem(span)]).render(Style::Plain);
    insta::assert_snapshot!("an_empty_file", draw("", 0..0));
    insta::assert_snapshot!("an_empty_line", draw("a: 1\n\nb: 2\n", 5..5));
    insta::assert_snapshot!("the_end_of_a_file", draw("a: 1\n", 5..5));
    let coloured = Report::new("a.yaml", "", vec![problem(0..0)]).render(Style::Colour);
    assert!(coloured.lines().nth(1).unwrap().starts_with(' '), "{coloured:?}");
}
