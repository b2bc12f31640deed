//! Schedules in playbooks.

use crate::{check, good, refused};
use riposte_playbook::{Missed, Overlap, Zone};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn a_schedule_keeps_all_its_parts() {
    let playbook = good(
        "name: a
inputs:
  group: { type: string }
  days: { type: integer, default: 7 }
triggers:
  - schedule: '*/15 * * * *'
    timezone: Europe/Paris
    missed: once
    overlap: queue
    jitter: 5m
    inputs: { group: servers }
  - schedule: '@daily'
    inputs: { days: 1, group: servers }
steps:
  - set: { all: \"${{ inputs }}\" }
",
    );
    let schedules: Vec<_> = playbook.schedules().collect();
    let [often, daily] = schedules[..] else { panic!("two schedules") };
    assert_eq!(often.cron.as_str(), "*/15 * * * *");
    assert_eq!(often.zone.name(), "Europe/Paris");
    assert_eq!((often.missed, often.overlap), (Missed::Once, Overlap::Queue));
    assert_eq!(often.jitter, Some(Duration::from_secs(300)));
    assert_eq!(Value::Object(often.inputs.clone()), json!({ "group": "servers", "days": 7 }));
    assert_eq!((daily.zone, daily.missed, daily.overlap), (Zone::UTC, Missed::Skip, Overlap::Skip));
    assert_eq!(Value::Object(daily.inputs.clone()), json!({ "group": "servers", "days": 1 }));
}

#[test]
fn the_same_times_with_other_inputs_or_on_other_clocks_are_other_schedules() {
    let playbook = good(
        "name: a
inputs: { x: { type: integer, default: 1 } }
triggers:
  - schedule: '@daily'
  - schedule: '@daily'
    inputs: { x: 2 }
  - schedule: '@daily'
    timezone: Asia/Kolkata
steps:
  - stop: ${{ inputs.x }}
",
    );
    assert_eq!((playbook.schedules().count(), playbook.webhooks().count()), (3, 0));
}

#[test]
fn what_started_a_run_is_one_of_three() {
    good("name: a\nsteps:\n  - { if: trigger.kind == \"schedule\", stop: trigger }\n");
    insta::assert_snapshot!(refused("name: a\nsteps:\n  - { if: trigger.kind == \"cron\", stop: here }\n"));
}

macro_rules! refused {
    ($($name:ident: $source:literal;)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(refused($source));
            }
        )*
    };
}

refused! {
    schedules_that_are_none: "name: a
triggers:
  - schedule: 0 9 * * 8
  - schedule: \"0 9 * * \\u0031-5 2026\"
  - schedule: '@dayly'
  - schedule: 5
  - schedule: [{ cron: '@daily' }]
  - schedule:
  - schedule: 0 0 30 FEB *
  - schedule: >-
      0 9 *
      13 *
steps:
  - stop: done
";
    a_schedule_without_quotes: "name: a
triggers:
  - schedule: */15 * * * *
steps:
  - stop: done
";
    a_schedule_of_stars_without_quotes: "name: a
triggers:
  - timezone: UTC
    schedule: * * * * * # every minute
steps:
  - stop: done
";
    a_name_without_quotes: "name: a
triggers:
  - schedule: @daily
steps:
  - stop: done
";
    words_that_a_schedule_does_not_know: "name: a
triggers:
  - schedule: '@daily'
    timezone: europe/paris
    missed: catch_up
    overlap: forbid
    jitter: 25h
    retry: 3
  - schedule: '@hourly'
    timezone: Paris
    jitter: 60m
  - schedule: 0 1 * * *
    timezone: Romance Standard Time
    jitter: 5
  - schedule: 0 2 * * *
    timezone: UTC+2
  - schedule: 0 3 * * *
    time_zone: UTC
steps:
  - stop: done
";
    inputs_that_do_not_fit: "name: a
inputs:
  device_id: { type: string, pattern: \"^[0-9a-f]{40}$\" }
  severity: { type: string, enum: [Low, High] }
  days: { type: integer, minimum: 1 }
  extra: { type: object, properties: { n: { type: integer } }, additionalProperties: false, default: {} }
triggers:
  - schedule: '@daily'
  - schedule: '@hourly'
    inputs: { severity: Hihg, days: 0 }
  - schedule: 0 1 * * *
    inputs:
      device_id: abc
      severitty: High
      days: seven
      extra: { n: 1, m: 2 }
  - schedule: 0 2 * * *
    inputs: { device_id: \"${{ steps.one.output.id }}\", severity: Low, days: 1, extra: [] }
  - schedule: 0 3 * * *
    inputs: [device_id]
steps:
  - set: { all: \"${{ inputs }}\" }
";
    triggers_that_are_nothing_or_two_things: "name: a
triggers:
  - webhook: x
    auth: none
    schedule: '@daily'
  - name: x
  - {}
  - cron: '@daily'
  - shedule: '@daily'
  - timezone: UTC
  - schedule: '@daily'
    auth: none
  - daily
steps:
  - stop: done
";
    schedules_that_start_each_run_twice: "name: a
inputs: { x: { type: integer, default: 1 } }
triggers:
  - schedule: '@daily'
  - schedule: 0 0 * * *
    timezone: UTC
    missed: once
    inputs: { x: 1 }
steps:
  - stop: ${{ inputs.x }}
";
}

#[test]
fn two_thousand_schedules_are_checked_in_no_time() {
    let mut source = "name: a\ntriggers:\n".to_owned();
    for number in 0..2000 {
        source.push_str(&format!("  - schedule: {} {} * * *\n", number % 60, number / 60 % 24));
    }
    source.push_str("steps:\n  - stop: done\n");
    let loaded = check(&source);
    assert!(loaded.playbook.is_none(), "after 1440 of them they repeat themselves");
}
