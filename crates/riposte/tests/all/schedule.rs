//! `riposte schedule next`.

use crate::support::Scratch;

const SWEEP: &str = "name: sweep
inputs: { wide: { type: boolean, default: false } }
triggers:
  - { schedule: '30 2 * * *', timezone: Europe/Paris, missed: once, jitter: 10m }
  - { schedule: '30 * * * *', timezone: Europe/Paris, overlap: queue, inputs: { wide: true } }
steps:
  - stop: ${{ inputs.wide }}
";

fn asked(arguments: &[&str]) -> String {
    let scratch = Scratch::new();
    scratch.write("sweep.yaml", SWEEP);
    scratch.write("none.yaml", "name: none\nsteps:\n  - stop: done\n");
    scratch.call(&[&["schedule", "next"], arguments].concat())
}

#[test]
fn times_are_shown_through_the_changes_of_clocks() {
    let spring = asked(&["sweep.yaml", "-n", "3", "--from", "2026-03-28T00:00:00Z"]);
    let autumn = asked(&["sweep.yaml", "-n", "3", "--from", "2026-10-25T00:00:00Z"]);
    insta::assert_snapshot!(format!("{spring}\n{autumn}"));
}

#[test]
fn programs_get_every_part() {
    insta::assert_snapshot!(asked(&[
        "sweep.yaml",
        "-n",
        "1",
        "--from",
        "2026-03-29T00:59:59Z",
        "--output",
        "json"
    ]));
}

#[test]
fn what_has_no_schedule_says_so() {
    insta::assert_snapshot!(asked(&["none.yaml"]));
    insta::assert_snapshot!(asked(&["sweep.yaml", "--from", "tomorrow"]));
}
