//! What is around a failed step when its run is retried: handlers, blocks, branches, loops, and runs that were called.

use crate::retries::{
    accepted, again, ended_badly, found, lost, marked, not_seen, pending, refused, sent, twice,
};
use crate::stage::{Script, done, failure, left, reason, stage, stage_with};
use riposte_engine::{RunStatus, Store, Withdrawal};
use riposte_model::ErrorKind;
use serde_json::Value;

const INNER: &str = "name: inner
steps: [{ id: mark, action: world.mark }, { id: strike, action: world.strike, timeout: 10m }]
outputs: { of: '${{ steps.strike.status }}' }
";
const MIDDLE: &str = "name: middle\nsteps: [{ id: inside, call: inner }]\n";
const OUTER: &str = "name: outer\nsteps: [{ id: contain, call: middle }]\n";

#[tokio::test(start_paused = true)]
async fn handlers_run_again_with_attempts_of_their_own() {
    let stage = stage(Script {
        sends: [refused(), marked(), refused(), marked(), marked()].into(),
        ..Script::default()
    });
    let source = "name: staged
steps: [{ id: strike, action: world.mark }]
on_failure: [{ id: tell, action: world.mark }]
always: [{ id: note, set: { of: '${{ steps.strike.status }}' } }]
";
    let run = stage.perform(source).await;
    let run = again(&stage, run.id()).await;
    assert_eq!(run.status(), RunStatus::Failed);
    let run = again(&stage, run.id()).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    let heard = stage.script.heard();
    let expected = [
        "send strike #1",
        "send on_failure.tell #1",
        "send strike #2",
        "send on_failure.tell #2",
        "send strike #3",
    ];
    assert_eq!(heard, expected);
    assert_eq!(left(&run, "note")["output"]["of"], "succeeded");
    assert_eq!(left(&run, "tell"), Value::Null, "nothing has failed in the end");
}

#[tokio::test(start_paused = true)]
async fn a_handlers_call_in_doubt_is_looked_for_when_its_turn_comes() {
    let stage = stage(Script {
        sends: [refused(), lost(), refused()].into(),
        sightings: (0..7).map(|_| not_seen()).chain([found("p1")]).collect(),
        standings: [pending(), done()].into(),
        ..Script::default()
    });
    let source = "name: staged
steps: [{ id: mark, action: world.mark }]
on_failure: [{ id: strike, action: world.strike, timeout: 30s }]
";
    let run = stage.perform(source).await;
    let from = stage.script.heard().len();
    again(&stage, run.id()).await;
    assert_eq!(sent(&stage, from), ["send mark #2", "find on_failure.strike #1", "standings p1"]);
    assert!(stage.kinds(run.id()).await.contains(&"step_taken_up".to_owned()));
}

/// That its block has ended well settles nothing about the action.
#[tokio::test(start_paused = true)]
async fn what_a_handler_was_allowed_to_leave_open_is_looked_at_before_it_is_sent_again() {
    let stage = stage(Script {
        sends: [refused(), accepted("p1"), refused()].into(),
        standings: [pending(), pending(), pending(), done()].into(),
        ..Script::default()
    });
    let source = "name: staged
steps: [{ id: mark, action: world.mark }]
on_failure:
  - id: around
    steps: [{ id: strike, action: world.strike, timeout: 3s, on_error: continue }]
";
    let run = stage.perform(source).await;
    let from = stage.script.heard().len();
    again(&stage, run.id()).await;
    assert_eq!(sent(&stage, from), ["send mark #2", "standings p1"]);
}

/// A device that was released before it was isolated once more is not released.
#[tokio::test(start_paused = true)]
async fn what_a_handler_had_done_before_its_turn_came_again_is_done_again() {
    let stage = stage(Script {
        sends: [refused(), accepted("p1"), refused(), accepted("p2"), refused(), accepted("p3")].into(),
        standings: [pending(), pending(), done(), done(), done()].into(),
        ..Script::default()
    });
    let source = "name: staged
steps: [{ id: mark, action: world.mark }]
on_failure: [{ id: strike, action: world.strike, timeout: 3s }]
";
    let run = stage.perform(source).await;
    let from = stage.script.heard().len();
    let run = again(&stage, run.id()).await;
    let second = ["send mark #2", "standings p1", "send on_failure.strike #2", "standings p2"];
    assert_eq!(sent(&stage, from), second);
    let from = stage.script.heard().len();
    again(&stage, run.id()).await;
    assert_eq!(sent(&stage, from), ["send mark #3", "send on_failure.strike #3", "standings p3"]);
}

/// The second time, the list may be another one.
#[tokio::test(start_paused = true)]
async fn what_is_in_doubt_in_a_handlers_loop_is_not_taken_for_another_item() {
    let stage = stage(Script {
        sends: [refused(), lost(), refused()].into(),
        sightings: (0..7).map(|_| not_seen()).collect(),
        ..Script::default()
    });
    let source = "name: staged
steps: [{ id: mark, action: world.mark }]
on_failure:
  - id: each
    for_each: '[failure.error.message]'
    as: what
    steps: [{ id: strike, action: world.strike, timeout: 30s, with: { target: '${{ what }}' } }]
";
    let run = stage.perform(source).await;
    let from = stage.script.heard().len();
    let run = again(&stage, run.id()).await;
    assert_eq!(sent(&stage, from), ["send mark #2"]);
    let strike = run.steps().find(|(step, _)| step.as_str().ends_with("strike")).unwrap();
    let told = format!("{:?}", strike.1.state);
    assert!(told.contains("not begun again") && told.contains("on_failure.each[0].strike #1"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_block_goes_on_from_what_failed_in_it_and_not_from_what_its_handler_settled() {
    let stage =
        stage(Script { sends: [refused(), marked(), refused(), marked()].into(), ..Script::default() });
    let steps = "  - id: contain
    steps: [{ id: strike, action: world.mark }]
    on_failure: [{ id: instead, action: world.mark }]
    always: [{ id: tell, action: world.mark }]
";
    let (run, _, second) = twice(&stage, steps).await;
    assert_eq!(
        (run.status(), second),
        (RunStatus::Succeeded, vec!["send contain.always.tell #2".to_owned()])
    );
}

#[tokio::test(start_paused = true)]
async fn all_failed_branches_go_on_and_no_other() {
    let stage = stage(Script {
        sends: [refused(), marked(), refused(), marked(), marked()].into(),
        ..Script::default()
    });
    let steps = "  - id: both
    parallel:
      - steps: [{ id: a, action: world.mark }]
      - steps: [{ id: b, action: world.mark }]
      - steps: [{ id: c, action: world.mark }]
";
    let (run, first, second) = twice(&stage, steps).await;
    assert_eq!(first, ["send both[0].a #1", "send both[1].b #1", "send both[2].c #1"]);
    assert_eq!(second, ["send both[0].a #2", "send both[2].c #2"]);
    assert_eq!(run.status(), RunStatus::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_loop_goes_on_with_the_items_that_failed_and_those_that_had_not_begun() {
    let stage = stage(Script {
        sends: [marked(), marked(), marked(), refused(), marked(), marked(), marked()].into(),
        ..Script::default()
    });
    let steps = "  - id: sweep
    for_each: '[\"a\", \"b\", \"c\"]'
    as: device
    outputs: { of: \"${{ steps.tag.output.of }}\" }
    steps:
      - { id: mark, action: world.mark, with: { target: \"${{ device }}\" } }
      - { id: tag, set: { of: \"${{ device }}\" } }
      - { id: check, action: world.mark }
";
    let (run, first, second) = twice(&stage, steps).await;
    let expected = [
        "send sweep[0].mark #1",
        "send sweep[0].check #1",
        "send sweep[1].mark #1",
        "send sweep[1].check #1",
    ];
    assert_eq!(first, expected);
    assert_eq!(second, ["send sweep[1].check #2", "send sweep[2].mark #1", "send sweep[2].check #1"]);
    let items = left(&run, "sweep")["output"].clone();
    let of: Vec<_> = items.as_array().unwrap().iter().map(|item| item["outputs"]["of"].clone()).collect();
    assert_eq!(of, ["a", "b", "c"], "what the second item had computed before it failed is still read");
}

#[tokio::test(start_paused = true)]
async fn what_may_fail_stays_as_it_is() {
    let stage = stage(Script { sends: [refused(), refused(), marked()].into(), ..Script::default() });
    let steps = "  - { id: may, action: world.mark, on_error: continue }
  - { id: must, action: world.mark }
";
    let (run, _, second) = twice(&stage, steps).await;
    assert_eq!((run.status(), second), (RunStatus::Succeeded, vec!["send must #2".to_owned()]));
    assert_eq!(left(&run, "may")["status"], "failed");
}

#[tokio::test(start_paused = true)]
async fn what_was_called_is_retried_and_not_begun_anew() {
    let script = Script {
        sends: [marked(), accepted("p1"), accepted("p2")].into(),
        standings: [ended_badly(), done()].into(),
        ..Script::default()
    };
    let stage = stage_with(script, &[INNER, MIDDLE]);
    let run = stage.perform(OUTER).await;
    assert_eq!(run.status(), RunStatus::Failed);
    let seen = stage.executor.failed(run.id()).await.unwrap();
    assert_eq!(seen.all().len(), 3);
    let called = seen.called[0].run.id();
    let error = stage.executor.retry(called, "somebody").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("step `contain` of {} has called it: that run drives it", run.id())
    );

    let stage = stage.after_a_crash(&[INNER, MIDDLE]);
    let run = again(&stage, run.id()).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    let heard = sent(&stage, 0);
    let expected = ["send mark #1", "send strike #1", "standings p1", "send strike #2", "standings p2"];
    assert_eq!(heard, expected);
    assert_eq!(stage.store.runs(9).await.unwrap().len(), 3);
    assert_eq!(stage.kinds(called).await.iter().filter(|kind| *kind == "run_retried").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_called_run_whose_time_was_over_goes_on_where_it_was() {
    let script = Script {
        sends: [marked(), accepted("p1")].into(),
        standings: [pending(), done()].into(),
        withdrawals: [Withdrawal::Failed(failure(ErrorKind::Refused))].into(),
        ..Script::default()
    };
    let stage = stage_with(script, &[INNER]);
    let run = stage.perform("name: outer\nsteps: [{ id: contain, call: inner, timeout: 3s }]\n").await;
    assert_eq!((run.status(), reason(&run).kind), (RunStatus::Failed, ErrorKind::Timeout));
    let from = stage.script.heard().len();
    let run = again(&stage, run.id()).await;
    assert_eq!(run.status(), RunStatus::Succeeded, "{run:?}");
    assert_eq!(sent(&stage, from), ["standings p1"]);
}

#[tokio::test(start_paused = true)]
async fn a_handlers_call_is_not_begun_anew_where_the_run_that_it_called_is_in_doubt() {
    let script = Script {
        sends: [refused(), marked(), lost(), refused()].into(),
        sightings: (0..200).map(|_| not_seen()).collect(),
        ..Script::default()
    };
    let inner = INNER.replace("10m", "30s");
    let stage = stage_with(script, &[&inner]);
    let source = "name: outer
steps: [{ id: first, action: world.mark }]
on_failure: [{ id: instead, call: inner }]
";
    let run = stage.perform(source).await;
    let from = stage.script.heard().len();
    let run = again(&stage, run.id()).await;
    assert_eq!((run.status(), sent(&stage, from)), (RunStatus::Failed, vec!["send first #2".to_owned()]));
    assert_eq!(stage.store.runs(9).await.unwrap().len(), 2, "no other run has begun");
}

#[tokio::test(start_paused = true)]
async fn what_is_around_has_all_its_time_again() {
    let stage = stage(Script {
        sends: [accepted("p1")].into(),
        standings: [pending(), pending(), done()].into(),
        ..Script::default()
    });
    let steps = "  - id: contain
    timeout: 5s
    steps:
      - { id: rest, wait: 2s }
      - { id: strike, action: world.strike }
";
    let (run, first, second) = twice(&stage, steps).await;
    assert_eq!(first, ["send contain.strike #1", "standings p1"]);
    assert_eq!((run.status(), second), (RunStatus::Succeeded, vec!["standings p1".to_owned()]));
    let ended = run.steps().find(|(step, _)| step.as_str() == "contain").unwrap().1;
    assert_eq!(ended.started_at.since(run.started_at()).as_secs(), 5, "it is open again since the retry");
}
