//! `for_each`: turns, their order, their failures, and what they leave.

use crate::stage::{Script, accepted, done, failure, left, new_run, reason, stage, start};
use riposte_engine::{Outcome, RunStatus, Standing, Withdrawal};
use riposte_model::{ErrorKind, StepPath};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A mark for each of these items, by these other keys of the loop.
fn marks(items: &str, keys: &str) -> String {
    format!(
        "  - id: sweep
    for_each: '{items}'
    as: device
    outputs: {{ of: \"${{{{ device }}}}\" }}
{keys}    steps:
      - {{ id: mark, action: world.mark, with: {{ target: \"${{{{ device }}}}\" }} }}
"
    )
}

fn marked(times: usize) -> Script {
    let sends = (0..times).map(|_| Outcome::Done(json!({}))).collect();
    Script { sends, takes: Duration::from_secs(10), ..Script::default() }
}

#[tokio::test(start_paused = true)]
async fn without_max_one_item_follows_another() {
    let stage = stage(marked(3));
    let (run, kinds) = stage.play(&marks(r#"["a", "b", "c"]"#, "")).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        stage.script.heard(),
        ["send sweep[0].mark #1", "send sweep[1].mark #1", "send sweep[2].mark #1"]
    );
    assert_eq!(
        stage.script.arguments(),
        [json!({ "target": "a" }), json!({ "target": "b" }), json!({ "target": "c" })]
    );
    assert_eq!((stage.script.most_under_way(), stage.elapsed()), (1, 30));
    assert_eq!(kinds[..4], ["run_started", "loop_started", "call_intended", "call_succeeded"]);
    assert_eq!(kinds[kinds.len() - 3..], ["item_ended", "step_succeeded", "run_finished"]);
}

#[tokio::test(start_paused = true)]
async fn never_more_than_max_items_are_under_way() {
    let stage = stage(marked(7));
    let (run, _) = stage.play(&marks("[1, 2, 3, 4, 5, 6, 7].map(n, string(n))", "    max: 3\n")).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        (stage.script.most_under_way(), stage.elapsed()),
        (3, 30),
        "three rounds of three, three, one"
    );
    assert_eq!(stage.script.heard().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn what_a_loop_leaves_is_in_the_order_of_its_items_whatever_ended_first() {
    let stage = stage(Script::default());
    let steps = "  - id: sweep
    for_each: '[30, 10, 20]'
    as: seconds
    max: 3
    outputs: { waited: \"${{ seconds }}\" }
    steps:
      - { id: later, set: { at: '${{ timestamp(run.started_at) + duration(string(seconds) + \"s\") }}' } }
      - { id: rest, wait: { until: steps.later.output.at } }
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(stage.elapsed(), 30);
    let item =
        |seconds: u32| json!({ "item": seconds, "status": "succeeded", "outputs": { "waited": seconds } });
    assert_eq!(left(&run, "sweep")["output"], json!([item(30), item(10), item(20)]));
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_is_gone_through_at_once() {
    let stage = stage(Script::default());
    let (run, kinds) = stage.play(&marks("[]", "")).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(kinds, ["run_started", "loop_started", "step_succeeded", "run_finished"]);
    assert_eq!(left(&run, "sweep")["output"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_list_fails_the_loop_before_anything_is_done() {
    for (body, told) in [
        (Value::Null, "`for_each` gives a null, not a list"),
        (json!("a, b"), "`for_each` gives a string, not a list"),
        (json!({ "a": 1 }), "`for_each` gives an object, not a list"),
    ] {
        let stage = stage(Script::default());
        let playbook = crate::stage::playbook(&marks("trigger.body", ""));
        let (run, kinds) = stage.start(start(playbook, &json!({}), body)).await;
        assert_eq!(kinds, ["run_started", "step_failed", "run_finished"]);
        assert_eq!((reason(&run).kind, reason(&run).message.as_str()), (ErrorKind::Invalid, told));
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_with_too_many_items_is_refused_before_anything_is_done() {
    let stage = stage(Script::default());
    let playbook = crate::stage::playbook(&marks("trigger.body", ""));
    let (run, kinds) = stage.start(start(playbook, &json!({}), json!(vec!["x"; 10_001]))).await;
    assert_eq!(kinds, ["run_started", "step_failed", "run_finished"]);
    assert_eq!(reason(&run).message, "`for_each` has 10001 items, over the limit of 10000 items");
}

#[tokio::test(start_paused = true)]
async fn as_many_items_as_may_be_are_gone_through() {
    let stage = stage(Script::default());
    let steps = "  - { id: sweep, for_each: trigger.body, as: n, max: 100, steps: [{ id: one, set: { n: \"${{ n }}\" } }] }\n";
    let playbook = crate::stage::playbook(steps);
    let (run, _) = stage.start(start(playbook, &json!({}), json!(vec![7; 10_000]))).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(left(&run, "sweep")["output"].as_array().unwrap().len(), 10_000);
}

fn second_fails() -> Script {
    let forbidden = || Outcome::Failed(failure(ErrorKind::Forbidden));
    let well = || Outcome::Done(json!({}));
    Script { sends: [well(), forbidden(), well()].into(), ..Script::default() }
}

#[tokio::test(start_paused = true)]
async fn the_first_item_that_fails_ends_the_loop_and_no_other_begins() {
    let stage = stage(second_fails());
    let steps = marks(r#"["a", "b", "c"]"#, "    on_item_error: stop\n    on_error: continue\n");
    let (run, _) = stage.play(&steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded, "the loop was allowed to fail");
    assert_eq!(stage.script.heard(), ["send sweep[0].mark #1", "send sweep[1].mark #1"]);
    let sweep = left(&run, "sweep");
    assert_eq!((&sweep["status"], &sweep["error"]["kind"]), (&json!("failed"), &json!("forbidden")));
    assert_eq!(sweep.get("output"), None);
    assert_eq!(run.record(&StepPath::root("sweep").turn(2).child("mark")), None);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_fails_in_a_loop_names_the_step_of_the_very_item() {
    let stage = stage(second_fails());
    let (run, _) = stage.play(&marks(r#"["a", "b", "c"]"#, "")).await;
    assert_eq!(run.status(), RunStatus::Failed);
    assert_eq!(run.finished().unwrap().step.as_ref().unwrap().as_str(), "sweep[1].mark");
    assert_eq!(reason(&run).kind, ErrorKind::Forbidden);
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_goes_on_says_of_each_item_what_became_of_it() {
    let stage = stage(second_fails());
    let (run, _) = stage.play(&marks(r#"["a", "b", "c"]"#, "    on_item_error: continue\n")).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    let well = |of: &str| json!({ "item": of, "status": "succeeded", "outputs": { "of": of } });
    let ill =
        json!({ "item": "b", "status": "failed", "error": { "kind": "forbidden", "message": "scripted" } });
    assert_eq!(left(&run, "sweep")["output"], json!([well("a"), ill, well("c")]));
}

#[tokio::test(start_paused = true)]
async fn items_under_way_are_brought_to_their_end_after_another_has_failed() {
    let stage = stage(Script {
        sends: [accepted(), Outcome::Failed(failure(ErrorKind::Forbidden))].into(),
        standings: [Ok(Standing::Open { status: "Pending".into() }), done()].into(),
        ..Script::default()
    });
    let steps = "  - id: sweep
    for_each: '[1, 2, 3]'
    as: n
    max: 2
    steps: [{ id: strike, action: world.strike }]
";
    let (run, kinds) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Failed);
    assert!(kinds.contains(&"call_succeeded".to_owned()), "{kinds:?}");
    assert_eq!(stage.script.heard().iter().filter(|line| line.starts_with("send")).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_output_that_cannot_be_computed_fails_its_item_alone() {
    let stage = stage(Script::default());
    let steps = "  - id: sweep
    for_each: '[2, 0, 1]'
    as: n
    on_item_error: continue
    outputs: { part: '${{ 10 / n }}' }
    steps: [{ set: { n: \"${{ n }}\" } }]
";
    let (run, _) = stage.play(steps).await;
    let output = left(&run, "sweep")["output"].clone();
    assert_eq!(output[0]["outputs"], json!({ "part": 5 }));
    assert_eq!(output[1]["error"]["kind"], "expression");
    assert!(output[1]["error"]["message"].as_str().unwrap().starts_with("output `part`: "), "{output}");
    assert_eq!(output[2]["outputs"], json!({ "part": 10 }));
}

#[tokio::test(start_paused = true)]
async fn inner_loops_read_the_items_of_outer_ones_and_the_steps_of_their_own_turn() {
    let stage = stage(Script::default());
    let steps = "  - id: outer
    for_each: '[\"a\", \"b\"]'
    as: letter
    max: 2
    outputs: { names: '${{ steps.inner.output.map(one, one.outputs.name) }}' }
    steps:
      - { id: prefix, set: { text: 'p${{ letter }}' } }
      - id: inner
        for_each: '[1, 2]'
        as: number
        max: 2
        outputs: { name: '${{ steps.name.output.text }}' }
        steps:
          - { id: name, set: { text: '${{ steps.prefix.output.text }}${{ letter }}${{ number }}' } }
";
    let (run, _) = stage.play(steps).await;
    let output = left(&run, "outer")["output"].clone();
    assert_eq!(output[0]["outputs"]["names"], json!(["paa1", "paa2"]));
    assert_eq!(output[1]["outputs"]["names"], json!(["pbb1", "pbb2"]));
}

#[tokio::test(start_paused = true)]
async fn a_turn_does_not_see_what_the_turn_before_did() {
    let stage = stage(Script::default());
    let steps = "  - id: sweep
    for_each: '[1, 2]'
    as: n
    outputs: { seen: '${{ steps.odd.status }}', value: '${{ steps.odd.?output.value.orValue(0) }}' }
    steps:
      - { id: odd, if: n == 1, set: { value: '${{ n }}' } }
";
    let (run, _) = stage.play(steps).await;
    let output = left(&run, "sweep")["output"].clone();
    assert_eq!(output[0]["outputs"], json!({ "seen": "succeeded", "value": 1 }));
    assert_eq!(output[1]["outputs"], json!({ "seen": "skipped", "value": 0 }));
}

#[tokio::test(start_paused = true)]
async fn loops_in_branches_go_on_side_by_side() {
    let stage = stage(marked(4));
    let steps = "  - parallel:
      - steps: [{ id: left, for_each: '[1, 2]', as: n, steps: [{ id: one, action: world.mark }] }]
      - steps: [{ id: right, for_each: '[1, 2]', as: n, steps: [{ id: two, action: world.mark }] }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!((stage.script.most_under_way(), stage.elapsed()), (2, 20));
}

#[tokio::test(start_paused = true)]
async fn a_stop_in_an_item_ends_the_loop_and_the_run_well() {
    let stage = stage(Script::default());
    let steps = "  - id: sweep
    for_each: '[1, 2, 3]'
    as: n
    steps:
      - { id: found, if: n == 2, stop: 'found ${{ n }}' }
      - { id: looked, set: { n: '${{ n }}' } }
  - fail: never reached
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(run.finished().unwrap().message.as_deref(), Some("found 2"));
    assert_eq!(left(&run, "sweep")["output"].as_array().unwrap().len(), 2, "the third had no turn");
}

#[tokio::test(start_paused = true)]
async fn each_item_has_attempts_of_its_own() {
    let unavailable = || Outcome::Failed(failure(ErrorKind::Unavailable));
    let well = || Outcome::Done(json!({}));
    let stage =
        stage(Script { sends: [unavailable(), well(), unavailable(), well()].into(), ..Script::default() });
    let steps = "  - id: sweep
    for_each: '[1, 2]'
    as: n
    steps: [{ id: mark, action: world.mark, retry: { attempts: 2, initial: 5s, jitter: none } }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        stage.script.heard(),
        ["send sweep[0].mark #1", "send sweep[0].mark #2", "send sweep[1].mark #1", "send sweep[1].mark #2"]
    );
    assert_eq!(stage.elapsed(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_loops_time_is_that_of_all_its_items() {
    let stage = stage(marked(3));
    let (run, _) = stage.play(&marks(r#"["a", "b", "c"]"#, "    timeout: 15s\n")).await;
    assert_eq!(reason(&run).kind, ErrorKind::Timeout);
    assert_eq!(run.finished().unwrap().step.as_ref().unwrap().as_str(), "sweep[2].mark");
    assert_eq!(stage.script.heard().len(), 2, "what had left was waited for, and nothing left after");
}

#[tokio::test(start_paused = true)]
async fn when_a_loop_that_goes_on_is_out_of_time_each_item_left_says_so() {
    let stage = stage(marked(3));
    let keys = "    timeout: 15s\n    on_item_error: continue\n";
    let (run, _) = stage.play(&marks(r#"["a", "b", "c", "d"]"#, keys)).await;
    let output = left(&run, "sweep")["output"].clone();
    let statuses: Vec<&Value> = output.as_array().unwrap().iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, ["succeeded", "succeeded", "failed", "failed"]);
    assert_eq!(
        output[3]["error"],
        json!({ "kind": "timeout", "message": "the step's time is over before it began" })
    );
    assert_eq!(stage.script.heard().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_loop_begins_no_other_item_and_tells_what_is_open() {
    let stage = stage(Script {
        sends: [accepted()].into(),
        standings: (0..9).map(|_| Ok(Standing::Open { status: "Pending".into() })).collect(),
        withdrawals: [Withdrawal::Failed(failure(ErrorKind::Forbidden))].into(),
        ..Script::default()
    });
    let steps =
        "  - { id: sweep, for_each: '[1, 2]', as: n, steps: [{ id: strike, action: world.strike }] }\n";
    let run = stage.executor.begin(new_run(steps)).await.unwrap();
    let run = stage.drive_and_cancel(run, Duration::from_secs(7)).await;
    assert_eq!(run.status(), RunStatus::Cancelled);
    assert!(reason(&run).message.ends_with("`sweep[0].strike` as p1"), "{}", reason(&run));
    assert_eq!(stage.script.heard().iter().filter(|line| line.starts_with("send")).count(), 1);
    assert_eq!(stage.kinds(run.id()).await.last().unwrap(), "run_finished");
}

#[tokio::test(start_paused = true)]
async fn a_loop_whose_condition_is_false_is_skipped_with_all_that_is_inside() {
    let stage = stage(Script::default());
    let (run, kinds) =
        stage.play(&marks("trigger.body.nothing", "    if: trigger.kind == \"webhook\"\n")).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(kinds, ["run_started", "step_skipped", "run_finished"]);
    assert_eq!(left(&run, "sweep")["status"], "skipped");
}

#[tokio::test(start_paused = true)]
async fn a_loop_goes_on_after_a_crash_where_it_was() {
    let stage = stage(marked(3));
    let steps = "  - id: sweep
    for_each: '[1, 2, 3]'
    as: n
    steps: [{ id: mark, action: world.mark }, { id: rest, wait: 60s }]
";
    let playbook = crate::stage::playbook(steps);
    let run = stage.executor.begin(start(playbook.clone(), &json!({}), Value::Null)).await.unwrap();
    let id = run.id();
    // In the second item's wait.
    stage.drive_and_die(run, Duration::from_secs(100)).await;
    let again = stage.after_a_crash(&[]);
    let run = again.recorded(&playbook, id).await;
    let run = again.executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        again.script.heard(),
        ["send sweep[0].mark #1", "send sweep[1].mark #1", "send sweep[2].mark #1"]
    );
    assert_eq!(again.elapsed(), 3 * 70, "the wait ended when it was to end");
    assert_eq!(left(&run, "sweep")["output"].as_array().unwrap().len(), 3);
}
