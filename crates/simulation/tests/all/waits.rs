//! `wait`, and what else calls nobody: `set`, `stop`, `fail`, `parallel`, the playbook's `outputs`.

use crate::stage::{Script, done, failure, left, new_run, playbook, read, reason, stage, start};
use riposte_engine::{Outcome, RunStatus};
use riposte_model::{ErrorKind, StepPath};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const UNTIL: &str = "  - { id: rest, wait: { until: trigger.body } }\n";

#[tokio::test(start_paused = true)]
async fn a_wait_until_a_moment_ends_then_whatever_its_offset() {
    for moment in ["2027-01-15T10:30:00Z", "2027-01-15T12:30:00+02:00"] {
        let stage = stage(Script::default());
        let (run, kinds) = stage.start(start(playbook(UNTIL), &json!({}), json!(moment))).await;
        assert_eq!(run.status(), RunStatus::Succeeded);
        assert_eq!(kinds, ["run_started", "timer_set", "timer_fired", "run_finished"]);
        assert_eq!(stage.elapsed(), 9000, "the stage begins at 08:00");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_until_a_moment_that_has_passed_is_none() {
    let stage = stage(Script::default());
    let (run, _) = stage.start(start(playbook(UNTIL), &json!({}), json!("2001-01-01T00:00:00Z"))).await;
    assert_eq!((run.status(), stage.elapsed()), (RunStatus::Succeeded, 0));
}

#[tokio::test(start_paused = true)]
async fn a_wait_until_what_is_no_moment_fails_and_says_what_it_is() {
    for (moment, told) in [
        (json!("tomorrow"), "`until`: `tomorrow` is no time as RFC 3339 writes it"),
        (json!("2027-01-15"), "`until`: `2027-01-15` is no time as RFC 3339 writes it"),
        (json!("2027-02-30T00:00:00Z"), "`until`: `2027-02-30T00:00:00Z` is no time as RFC 3339 writes it"),
        (json!(1_800_000_000), "`until` gives an integer, not a time"),
        (Value::Null, "`until` gives a null, not a time"),
    ] {
        let stage = stage(Script::default());
        let (run, kinds) = stage.start(start(playbook(UNTIL), &json!({}), moment)).await;
        assert_eq!(kinds, ["run_started", "step_failed", "run_finished"]);
        assert_eq!((reason(&run).kind, reason(&run).message.as_str()), (ErrorKind::Invalid, told));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_counts_from_its_beginning_through_a_crash() {
    for (steps, ends) in [
        ("  - wait: 1h\n", 3600),
        ("  - wait: { until: 'timestamp(run.started_at) + duration(\"90m\")' }\n", 5400),
    ] {
        let stage = stage(Script::default());
        let run = stage.executor.begin(new_run(steps)).await.unwrap();
        let id = run.id();
        stage.drive_and_die(run, Duration::from_secs(600)).await;
        tokio::time::sleep(Duration::from_secs(600)).await;
        let again = stage.after_a_crash(&[]);
        let run = again.recorded(&playbook(steps), id).await;
        let run = again.executor.drive(run, CancellationToken::new()).await.unwrap();
        assert_eq!((run.status(), again.elapsed()), (RunStatus::Succeeded, ends));
        assert_eq!(again.kinds(id).await, ["run_started", "timer_set", "timer_fired", "run_finished"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_ended_while_nobody_was_there_ends_at_once() {
    let stage = stage(Script::default());
    let steps = "  - wait: 1h\n";
    let run = stage.executor.begin(new_run(steps)).await.unwrap();
    let id = run.id();
    stage.drive_and_die(run, Duration::from_secs(600)).await;
    tokio::time::sleep(Duration::from_secs(7200)).await;
    let again = stage.after_a_crash(&[]);
    let run = again.recorded(&playbook(steps), id).await;
    let run = again.executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!((run.status(), again.elapsed()), (RunStatus::Succeeded, 7800));
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_its_steps_time_fails_when_that_is_over() {
    let stage = stage(Script::default());
    let steps =
        "  - { id: rest, timeout: 5m, wait: { until: 'timestamp(run.started_at) + duration(\"1h\")' } }\n";
    let (run, _) = stage.play(steps).await;
    assert_eq!(reason(&run).kind, ErrorKind::Timeout);
    assert_eq!(
        reason(&run).message,
        "the step's time is over before its wait until 2027-01-15T09:00:00.000Z"
    );
    assert_eq!(stage.elapsed(), 300);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_wait_ends_at_once() {
    let stage = stage(Script::default());
    let run = stage.executor.begin(new_run("  - wait: 1h\n")).await.unwrap();
    let run = stage.drive_and_cancel(run, Duration::from_secs(60)).await;
    assert_eq!((run.status(), stage.elapsed()), (RunStatus::Cancelled, 60));
    assert_eq!(reason(&run).message, "cancelled by the operator");
}

#[tokio::test(start_paused = true)]
async fn what_set_computes_is_kept_as_it_was() {
    let stage = stage(Script::default());
    let steps = "  - id: first
    set: { at: '${{ trigger.at }}', n: '${{ size(steps) }}', list: [1, '${{ 1 + 1 }}', { deep: '${{ [3] }}' }], text: 'n is ${{ 1 + 2 }}', plain: '$${{ 1 }}' }
  - { id: second, set: { n: '${{ steps.first.output.list[1] }}' } }
";
    let (run, _) = stage.play(&steps.replace(", n: '${{ size(steps) }}'", "")).await;
    assert_eq!(
        left(&run, "first")["output"],
        json!({
            "at": "2027-01-15T08:00:00.000Z",
            "list": [1, 2, { "deep": [3] }],
            "text": "n is 3",
            "plain": "${{ 1 }}"
        })
    );
    assert_eq!(left(&run, "second")["output"], json!({ "n": 2 }));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_cannot_be_set_fails_the_step() {
    let stage = stage(Script::default());
    let (run, _) = stage.play("  - { id: one, set: { n: '${{ trigger.body.nothing }}' } }\n").await;
    assert_eq!((run.status(), reason(&run).kind), (RunStatus::Failed, ErrorKind::Expression));
    assert!(reason(&run).message.starts_with("`set`: "), "{}", reason(&run));
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_the_run_well_with_its_message_and_what_outputs_there_are() {
    let stage = stage(Script::default());
    let source = "name: staged
steps:
  - { id: first, set: { n: 1 } }
  - { id: enough, if: 'size(run.id) > 1', stop: 'only ${{ steps.first.output.n }}' }
  - { id: later, set: { n: 2 } }
outputs:
  first: ${{ steps.first.output.n }}
  later: ${{ steps.later.status }}
  lost: ${{ trigger.body.later }}
";
    let run = stage.perform(source).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(run.finished().unwrap().message.as_deref(), Some("only 1"));
    assert_eq!(json!(run.finished().unwrap().outputs), json!({ "first": 1, "later": "skipped" }));
    assert_eq!(run.record(&StepPath::root("later")), None);
}

#[tokio::test(start_paused = true)]
async fn a_fail_ends_the_run_as_failed_with_its_message() {
    let stage = stage(Script::default());
    let (run, kinds) = stage.play("  - { id: no, fail: '${{ 1 + 1 }} are too many' }\n  - wait: 1h\n").await;
    assert_eq!(run.status(), RunStatus::Failed);
    assert_eq!((reason(&run).kind, reason(&run).message.as_str()), (ErrorKind::Failed, "2 are too many"));
    assert_eq!(kinds, ["run_started", "step_failed", "run_finished"]);
}

#[tokio::test(start_paused = true)]
async fn a_fail_that_is_allowed_is_read_by_those_after_it() {
    let stage = stage(Script::default());
    let steps = "  - { id: no, fail: broken, on_error: continue }
  - { id: after, set: { status: '${{ steps.no.status }}', kind: '${{ steps.no.?error.kind.orValue(\"\") }}', why: '${{ steps.no.?error.message.orValue(\"\") }}' } }
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        left(&run, "after")["output"],
        json!({ "status": "failed", "kind": "failed", "why": "broken" })
    );
}

#[tokio::test(start_paused = true)]
async fn all_branches_end_before_a_parallel_fails() {
    let stage = stage(Script {
        sends: [Outcome::Failed(failure(ErrorKind::Forbidden)), crate::stage::accepted()].into(),
        standings: [done()].into(),
        ..Script::default()
    });
    let steps = "  - id: both
    parallel:
      - steps: [{ id: no, action: world.mark }, { id: unreached, set: { n: 1 } }]
      - steps: [{ id: strike, action: world.strike }, { id: rest, wait: 10m }, { id: last, set: { n: 1 } }]
  - { id: after, set: { n: 1 } }
";
    let (run, _) = stage.play(steps).await;
    assert_eq!((run.status(), reason(&run).kind), (RunStatus::Failed, ErrorKind::Forbidden));
    assert_eq!(run.finished().unwrap().step.as_ref().unwrap().as_str(), "both[0].no");
    assert_eq!(left(&run, "last")["status"], "succeeded");
    assert_eq!(left(&run, "unreached"), Value::Null);
    assert_eq!(run.record(&StepPath::root("after")), None);
    assert_eq!(stage.elapsed(), 602);
}

#[tokio::test(start_paused = true)]
async fn a_parallel_that_may_fail_does_not_fail_the_run() {
    let stage = stage(Script::default());
    let steps = "  - { id: both, on_error: continue, parallel: [{ steps: [{ fail: one }] }, { steps: [{ id: two, set: { n: 2 } }] }] }
  - { id: after, set: { both: '${{ steps.both.status }}', two: '${{ steps.two.?output.n.orValue(0) }}' } }
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(left(&run, "after")["output"], json!({ "both": "failed", "two": 2 }));
}

#[tokio::test(start_paused = true)]
async fn never_more_than_max_branches_are_under_way() {
    let sends = (0..5).map(|_| Outcome::Done(json!({}))).collect();
    let stage = stage(Script { sends, takes: Duration::from_secs(10), ..Script::default() });
    let branches: String =
        (0..5).map(|n| format!("      - steps: [{{ id: mark{n}, action: world.mark }}]\n")).collect();
    let (run, _) = stage.play(&format!("  - max: 2\n    parallel:\n{branches}")).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!((stage.script.most_under_way(), stage.elapsed()), (2, 30));
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_parallel_is_over_for_all_its_branches() {
    let stage = stage(Script::default());
    let steps = "  - id: both
    timeout: 10m
    parallel:
      - steps: [{ id: short, wait: 5m }]
      - steps: [{ id: long, wait: 1h }]
      - steps: [{ id: longer, wait: 2h }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!((reason(&run).kind, stage.elapsed()), (ErrorKind::Timeout, 600));
    for (step, status) in [("short", "succeeded"), ("long", "failed"), ("longer", "failed")] {
        assert_eq!(left(&run, step)["status"], status);
    }
}

#[tokio::test(start_paused = true)]
async fn outputs_are_computed_at_the_end_and_one_that_cannot_be_fails_the_run() {
    let source = |body: &str| {
        format!(
            "name: staged
steps:
  - {{ id: maybe, if: trigger.body == 1, set: {{ n: 5 }} }}
outputs:
  n: ${{{{ steps.maybe.?output.n.orValue(0) }}}}
  status: ${{{{ steps.maybe.status }}}}
{body}"
        )
    };
    for (body, n, status) in [(json!(1), 5, "succeeded"), (json!(2), 0, "skipped")] {
        let stage = stage(Script::default());
        let (run, _) = stage.start(start(read(&source("")), &json!({}), body)).await;
        assert_eq!(json!(run.finished().unwrap().outputs), json!({ "n": n, "status": status }));
    }
    let stage = stage(Script::default());
    let broken = source("  part: ${{ 10 / int(trigger.body) }}\n");
    let (run, _) = stage.start(start(read(&broken), &json!({}), json!(0))).await;
    assert_eq!((run.status(), reason(&run).kind), (RunStatus::Failed, ErrorKind::Expression));
    assert!(reason(&run).message.starts_with("output `part`: "), "{}", reason(&run));
    assert!(run.finished().unwrap().outputs.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_false_condition_skips_and_one_that_is_none_fails() {
    for (body, kinds, status) in [
        (json!(false), ["run_started", "step_skipped", "run_finished"], RunStatus::Succeeded),
        (json!("true"), ["run_started", "step_failed", "run_finished"], RunStatus::Failed),
        (Value::Null, ["run_started", "step_failed", "run_finished"], RunStatus::Failed),
    ] {
        for step in
            ["set: { n: 1 }", "wait: 1h", "stop: no", "fail: no", "action: world.mark", "call: nobody"]
        {
            let stage = stage(Script::default());
            let steps = format!("  - {{ id: one, if: trigger.body, {step} }}\n");
            let (run, told) = stage.start(start(playbook(&steps), &json!({}), body.clone())).await;
            assert_eq!(told, kinds, "{step}");
            assert_eq!(run.status(), status, "{step}");
        }
    }
}
