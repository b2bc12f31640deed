//! What follows a failure, and what follows in any case: of blocks, and of whole playbooks.

use crate::stage::{Script, accepted, failure, left, new_run, reason, stage};
use riposte_engine::{EventBody, Outcome, Run, RunStatus, Standing, Store};
use riposte_model::{ErrorKind, StepPath};
use serde_json::json;
use std::time::Duration;

/// The steps that ended, in that order.
async fn order(stage: &crate::stage::Stage, run: &Run) -> Vec<String> {
    let ended = |event: &riposte_engine::Event| match &event.body {
        EventBody::StepSucceeded { step, .. } => Some(step.to_string()),
        EventBody::StepFailed { step, .. } => Some(format!("{step} failed")),
        EventBody::StepSkipped { step } => Some(format!("{step} skipped")),
        _ => None,
    };
    stage.store.events(run.id()).await.unwrap().iter().filter_map(ended).collect()
}

const BLOCK: &str = "  - id: contain
    steps:
      - { id: first, set: { n: 1 } }
      - { id: second, if: size(run.id) > 1, fail: broken }
      - { id: third, set: { n: 3 } }
    on_failure:
      - { id: tell, set: { step: '${{ failure.step }}', kind: '${{ failure.error.kind }}', why: '${{ failure.error.message }}', first: '${{ steps.first.?output.n.orValue(0) }}', third: '${{ steps.third.status }}' } }
    always:
      - { id: clean, set: { failed: '${{ has(failure.step) }}', told: '${{ steps.tell.status }}' } }
  - { id: after, set: { contain: '${{ steps.contain.status }}' } }
";

#[tokio::test(start_paused = true)]
async fn a_block_that_deals_with_its_failure_goes_on_as_if_it_had_not_been() {
    let stage = stage(Script::default());
    let (run, _) = stage.play(BLOCK).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        order(&stage, &run).await,
        [
            "contain.first",
            "contain.second failed",
            "contain.on_failure.tell",
            "contain.always.clean",
            "contain",
            "after"
        ]
    );
    assert_eq!(
        left(&run, "tell")["output"],
        json!({ "step": "contain.second", "kind": "failed", "why": "broken", "first": 1, "third": "skipped" })
    );
    assert_eq!(left(&run, "clean")["output"], json!({ "failed": false, "told": "succeeded" }));
    assert_eq!(left(&run, "after")["output"], json!({ "contain": "succeeded" }));
}

#[tokio::test(start_paused = true)]
async fn without_a_failure_only_what_follows_in_any_case_follows() {
    let stage = stage(Script::default());
    let (run, _) = stage.play(&BLOCK.replace("fail: broken", "set: { n: 2 }")).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        order(&stage, &run).await,
        ["contain.first", "contain.second", "contain.third", "contain.always.clean", "contain", "after"]
    );
    assert_eq!(left(&run, "clean")["output"], json!({ "failed": false, "told": "skipped" }));
}

#[tokio::test(start_paused = true)]
async fn a_block_whose_handler_fails_has_failed_for_that_reason_and_still_cleans_up() {
    let stage = stage(Script::default());
    let steps = "  - id: contain
    steps: [{ id: try, fail: first }]
    on_failure: [{ id: tell, fail: second }]
    always: [{ id: clean, set: { step: '${{ failure.?step.orValue(\"none\") }}' } }]
  - { id: after, set: { n: 1 } }
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Failed);
    assert_eq!(run.finished().unwrap().step.as_ref().unwrap().as_str(), "contain.on_failure.tell");
    assert_eq!(reason(&run).message, "second");
    assert_eq!(left(&run, "clean")["output"], json!({ "step": "contain.on_failure.tell" }));
    assert_eq!(run.record(&StepPath::root("after")), None);
}

#[tokio::test(start_paused = true)]
async fn what_fails_first_is_the_reason_although_cleaning_up_failed_too() {
    let stage = stage(Script::default());
    let steps =
        "  - id: contain\n    steps: [{ id: try, fail: first }]\n    always: [{ id: clean, fail: second }]\n";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.finished().unwrap().step.as_ref().unwrap().as_str(), "contain.try");
    assert_eq!(left(&run, "clean")["error"]["message"], "second");
}

#[tokio::test(start_paused = true)]
async fn what_fails_while_cleaning_up_fails_the_block() {
    let stage = stage(Script::default());
    let steps = "  - id: contain\n    steps: [{ id: try, set: { n: 1 } }]\n    always: [{ id: clean, fail: second }]\n";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Failed);
    assert_eq!(run.finished().unwrap().step.as_ref().unwrap().as_str(), "contain.always.clean");
}

#[tokio::test(start_paused = true)]
async fn a_failure_goes_out_to_the_nearest_block_that_deals_with_it() {
    let stage = stage(Script::default());
    let steps = "  - id: outer
    steps:
      - id: inner
        steps: [{ id: try, fail: deep }]
        always: [{ id: inner_clean, set: { n: 1 } }]
      - { id: unreached, set: { n: 1 } }
    on_failure: [{ id: tell, set: { step: '${{ failure.step }}' } }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        order(&stage, &run).await,
        [
            "outer.inner.try failed",
            "outer.inner.always.inner_clean",
            "outer.inner failed",
            "outer.on_failure.tell",
            "outer"
        ]
    );
    assert_eq!(left(&run, "tell")["output"], json!({ "step": "outer.inner.try" }));
}

#[tokio::test(start_paused = true)]
async fn a_handler_in_a_handler_reads_the_failure_that_it_is_about() {
    let stage = stage(Script::default());
    let steps = "  - id: outer
    steps: [{ id: try, fail: outside }]
    on_failure:
      - id: again
        steps: [{ id: retry, fail: inside }]
        on_failure: [{ id: inner, set: { why: '${{ failure.error.message }}' } }]
      - { id: late, set: { why: '${{ failure.error.message }}' } }
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(left(&run, "inner")["output"], json!({ "why": "inside" }));
    assert_eq!(left(&run, "late")["output"], json!({ "why": "outside" }));
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_block_is_that_of_its_steps_and_its_handlers_still_run() {
    let stage = stage(Script { sends: [Outcome::Done(json!({}))].into(), ..Script::default() });
    let steps = "  - id: contain
    timeout: 10s
    steps: [{ id: rest, wait: 1h }]
    on_failure: [{ id: mark, action: world.mark }, { id: why, set: { kind: '${{ failure.error.kind }}' } }]
    always: [{ id: pause, wait: 20s }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(stage.script.heard(), ["send contain.on_failure.mark #1"]);
    assert_eq!(left(&run, "why")["output"], json!({ "kind": "timeout" }));
    assert_eq!(stage.elapsed(), 30);
}

#[tokio::test(start_paused = true)]
async fn the_time_of_what_is_around_counts_for_handlers_too() {
    let stage = stage(Script::default());
    let steps = "  - id: outer
    timeout: 15s
    steps:
      - id: inner
        timeout: 10s
        steps: [{ id: rest, wait: 1h }]
        on_failure: [{ id: pause, wait: 1h }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(reason(&run).kind, ErrorKind::Timeout);
    assert_eq!(run.finished().unwrap().step.as_ref().unwrap().as_str(), "outer.inner.on_failure.pause");
    assert_eq!(stage.elapsed(), 15);
}

#[tokio::test(start_paused = true)]
async fn a_skipped_block_runs_none_of_its_lists() {
    let stage = stage(Script::default());
    let (run, _) = stage
        .play(&BLOCK.replace("  - id: contain\n", "  - id: contain\n    if: trigger.kind == \"webhook\"\n"))
        .await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(order(&stage, &run).await, ["contain skipped", "after"]);
    assert_eq!(left(&run, "after")["output"], json!({ "contain": "skipped" }));
}

#[tokio::test(start_paused = true)]
async fn a_condition_that_cannot_be_evaluated_is_a_failure_like_any_other() {
    let stage = stage(Script::default());
    let steps = "  - id: contain
    steps: [{ id: odd, if: trigger.body.missing == 1, set: { n: 1 } }]
    on_failure: [{ id: tell, set: { kind: '${{ failure.error.kind }}' } }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(left(&run, "odd")["status"], "failed");
    assert_eq!(left(&run, "tell")["output"], json!({ "kind": "expression" }));
}

#[tokio::test(start_paused = true)]
async fn a_stop_in_a_blocks_handler_ends_the_run_well_after_cleaning_up() {
    let stage = stage(Script::default());
    let steps = "  - id: contain
    steps: [{ id: try, fail: broken }]
    on_failure: [{ id: enough, stop: nothing to do }]
    always: [{ id: clean, set: { n: 1 } }]
  - { id: after, fail: never reached }
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(run.finished().unwrap().message.as_deref(), Some("nothing to do"));
    assert_eq!(left(&run, "clean")["status"], "succeeded");
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_was_allowed_is_none_for_the_handler() {
    let stage = stage(Script::default());
    let steps = "  - id: contain
    steps: [{ id: try, fail: broken, on_error: continue }]
    on_failure: [{ id: tell, set: { n: 1 } }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(order(&stage, &run).await, ["contain.try failed", "contain"]);
}

#[tokio::test(start_paused = true)]
async fn the_failure_of_a_branch_is_told_by_the_step_in_it() {
    let stage = stage(Script::default());
    let steps = "  - id: contain
    steps:
      - parallel:
          - steps: [{ id: left, wait: 10s }, { id: late, fail: later }]
          - steps: [{ id: right, fail: sooner }]
    on_failure: [{ id: tell, set: { step: '${{ failure.step }}' } }]
";
    let (run, _) = stage.play(steps).await;
    // When all branches have ended, the first one in the file counts, not the first in time.
    assert_eq!(left(&run, "tell")["output"], json!({ "step": "contain.parallel_1[0].late" }));
    assert_eq!(stage.elapsed(), 10);
}

/// A playbook with everything that may follow.
fn whole(steps: &str) -> String {
    format!(
        "name: staged
steps:
{steps}on_failure:
  - {{ id: tell, set: {{ step: '${{{{ failure.step }}}}', why: '${{{{ failure.error.message }}}}' }} }}
always:
  - {{ id: clean, set: {{ step: '${{{{ failure.?step.orValue(\"none\") }}}}' }} }}
outputs:
  cleaned: ${{{{ steps.clean.status }}}}
"
    )
}

#[tokio::test(start_paused = true)]
async fn a_playbooks_failure_is_told_and_stays_one() {
    let stage = stage(Script::default());
    let run = stage.perform(&whole("  - { id: try, fail: broken }\n")).await;
    assert_eq!(run.status(), RunStatus::Failed);
    assert_eq!(
        (run.finished().unwrap().step.as_ref().unwrap().as_str(), reason(&run).message),
        ("try", "broken".into())
    );
    assert_eq!(order(&stage, &run).await, ["try failed", "on_failure.tell", "always.clean"]);
    assert_eq!(left(&run, "tell")["output"], json!({ "step": "try", "why": "broken" }));
    assert_eq!(left(&run, "clean")["output"], json!({ "step": "try" }));
    assert!(run.finished().unwrap().outputs.is_empty(), "a run that failed gives nothing");
}

#[tokio::test(start_paused = true)]
async fn a_playbook_that_goes_well_only_cleans_up() {
    let stage = stage(Script::default());
    let run = stage.perform(&whole("  - { id: try, set: { n: 1 } }\n")).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(order(&stage, &run).await, ["try", "always.clean"]);
    assert_eq!(left(&run, "clean")["output"], json!({ "step": "none" }));
    assert_eq!(json!(run.finished().unwrap().outputs), json!({ "cleaned": "succeeded" }));
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_followed_by_what_follows_in_any_case() {
    let stage = stage(Script::default());
    let run = stage.perform(&whole("  - { id: try, stop: enough }\n")).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(run.finished().unwrap().message.as_deref(), Some("enough"));
    assert_eq!(order(&stage, &run).await, ["try", "always.clean"]);
}

#[tokio::test(start_paused = true)]
async fn a_playbooks_handler_that_fails_hides_neither_the_reason_nor_what_follows() {
    let stage = stage(Script::default());
    let source = whole("  - { id: try, fail: broken }\n")
        .replace("id: tell, set:", "id: tell, if: trigger.body.nothing == 1, set:");
    let run = stage.perform(&source).await;
    assert_eq!((run.status(), reason(&run).message.as_str()), (RunStatus::Failed, "broken"));
    assert_eq!(order(&stage, &run).await, ["try failed", "on_failure.tell failed", "always.clean"]);
}

#[tokio::test(start_paused = true)]
async fn a_playbook_that_went_well_and_cannot_clean_up_has_failed() {
    let stage = stage(Script::default());
    let source = "name: staged\nsteps: [{ id: try, stop: enough }]\nalways: [{ id: clean, fail: dirty }]\n";
    let run = stage.perform(source).await;
    assert_eq!((run.status(), reason(&run).message.as_str()), (RunStatus::Failed, "dirty"));
    assert_eq!(run.finished().unwrap().step.as_ref().unwrap().as_str(), "always.clean");
}

#[tokio::test(start_paused = true)]
async fn a_handler_acts_with_the_same_care_as_any_step() {
    let stage = stage(Script {
        sends: [
            Outcome::Failed(failure(ErrorKind::Forbidden)),
            Outcome::Failed(failure(ErrorKind::Throttled)),
            accepted(),
        ]
        .into(),
        standings: [crate::stage::done()].into(),
        ..Script::default()
    });
    let steps = "  - id: contain
    steps: [{ id: strike, action: world.strike }]
    on_failure: [{ id: mark, action: world.strike, retry: { attempts: 2, initial: 5s, jitter: none } }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        stage.script.heard(),
        [
            "send contain.strike #1",
            "send contain.on_failure.mark #1",
            "send contain.on_failure.mark #2",
            "standings p1"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_begins_no_handler() {
    for (steps, after) in [
        (
            "  - { steps: [{ id: rest, wait: 1h }], on_failure: [{ action: world.mark }], always: [{ action: world.mark }] }\n",
            60,
        ),
        // Inside of the handler.
        (
            "  - { steps: [{ fail: broken }], on_failure: [{ id: rest, wait: 1h }, { action: world.mark }], always: [{ action: world.mark }] }\n",
            60,
        ),
    ] {
        let stage = stage(Script::default());
        let run = stage.executor.begin(new_run(steps)).await.unwrap();
        let run = stage.drive_and_cancel(run, Duration::from_secs(after)).await;
        assert_eq!((run.status(), reason(&run).kind), (RunStatus::Cancelled, ErrorKind::Cancelled));
        assert!(stage.script.heard().is_empty(), "{:?}", stage.script.heard());
        assert_eq!(stage.elapsed(), 60);
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_timed_out_at_the_provider_is_dealt_with_by_its_kind() {
    let stage = stage(Script {
        sends: [accepted()].into(),
        standings: (0..99).map(|_| Ok(Standing::Open { status: "Pending".into() })).collect(),
        ..Script::default()
    });
    let steps = "  - id: contain
    steps: [{ id: strike, action: world.strike, timeout: 5m }]
    on_failure:
      - { id: known, if: failure.error.kind != \"timeout\", fail: '${{ failure.error.message }}' }
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(left(&run, "strike")["error"]["kind"], "timeout");
}
