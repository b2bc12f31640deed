//! Runs that have failed, and are retried from their failed steps.

use crate::stage::{Script, Stage, done, failure, new_run, read, stage, stage_with, start};
use riposte_engine::{Outcome, Run, RunStatus, Sighting, Standing, Store};
use riposte_executor::RetryError;
use riposte_model::{ErrorKind, Failure, RunId};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

fn accepted(id: &str) -> Outcome {
    Outcome::Accepted { provider_id: id.into(), output: json!({}) }
}

fn marked() -> Outcome {
    Outcome::Done(json!({}))
}

fn ended_badly() -> Result<Standing, Failure> {
    Ok(Standing::Failed(failure(ErrorKind::ProviderFailed)))
}

fn pending() -> Result<Standing, Failure> {
    Ok(Standing::Open { status: "Pending".into() })
}

fn lost() -> Outcome {
    Outcome::Unknown(failure(ErrorKind::Unavailable))
}

fn refused() -> Outcome {
    Outcome::Failed(failure(ErrorKind::Invalid))
}

fn not_seen() -> Result<Sighting, Failure> {
    Ok(Sighting::NotSeen { evidence: "looked".into() })
}

fn found(id: &str) -> Result<Sighting, Failure> {
    Ok(Sighting::Found { provider_id: id.into(), output: json!({}), evidence: "seen".into() })
}

/// Retries a run, and drives it to its end.
async fn again(stage: &Stage, run: RunId) -> Run {
    let recorded = stage.executor.retry(run, "somebody").await.unwrap();
    let run = stage.executor.drive(recorded.run, CancellationToken::new()).await.unwrap();
    let replayed = stage.recorded(run.playbook(), run.id()).await;
    assert_eq!(format!("{replayed:?}"), format!("{run:?}"), "the live state is the fold of the journal");
    run
}

/// Plays steps that fail, and then retries them: what was asked of the provider by each half.
async fn twice(stage: &Stage, steps: &str) -> (Run, Vec<String>, Vec<String>) {
    let run = stage.executor.begin(new_run(steps)).await.unwrap();
    let run = stage.executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!(run.status(), RunStatus::Failed, "{run:?}");
    let first = sent(stage, 0);
    let all = stage.script.heard().len();
    let run = again(stage, run.id()).await;
    (run, first, sent(stage, all))
}

/// What was heard from here on, without the repeated questions.
fn sent(stage: &Stage, from: usize) -> Vec<String> {
    let mut heard: Vec<String> = stage.script.heard().split_off(from);
    heard.dedup();
    heard
}

const FIRST: &str = "  - { id: first, action: world.mark }\n";

#[tokio::test(start_paused = true)]
async fn only_the_failed_step_is_made_again_as_the_next_attempt() {
    let stage = stage(Script {
        sends: [marked(), accepted("p1"), accepted("p2")].into(),
        standings: [ended_badly(), done()].into(),
        ..Script::default()
    });
    let steps = format!("{FIRST}  - {{ id: strike, action: world.strike }}\n  - {{ id: rest, wait: 1s }}\n");
    let (run, first, second) = twice(&stage, &steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(first, ["send first #1", "send strike #1", "standings p1"]);
    assert_eq!(second, ["send strike #2", "standings p2"]);
    let kinds = stage.kinds(run.id()).await;
    let end = ["run_finished", "run_retried", "call_intended", "call_accepted", "call_succeeded"];
    assert_eq!(kinds[6..11], end);
}

#[tokio::test(start_paused = true)]
async fn what_the_old_action_opened_is_not_taken_for_the_new_attempt() {
    let stage = stage(Script {
        sends: [accepted("p1"), refused(), accepted("p2")].into(),
        standings: [ended_badly(), done()].into(),
        ..Script::default()
    });
    let (run, _, _) = twice(&stage, "  - { id: strike, action: world.strike }\n").await;
    assert_eq!(run.status(), RunStatus::Failed);
    again(&stage, run.id()).await;
    let mut known = Vec::new();
    for event in stage.store.events(run.id()).await.unwrap() {
        if let riposte_engine::EventBody::CallIntended(intent) = event.body {
            known.push((intent.attempt, intent.known));
        }
    }
    assert_eq!(known, [(1, 0), (2, 1), (3, 1)], "attempt 2 was refused, and has opened nothing");
}

#[tokio::test(start_paused = true)]
async fn a_call_in_doubt_is_looked_for_and_not_sent_again() {
    let stage = stage(Script {
        sends: [lost()].into(),
        sightings: (0..7).map(|_| not_seen()).chain([found("p1")]).collect(),
        standings: [done()].into(),
        ..Script::default()
    });
    let (run, first, second) =
        twice(&stage, "  - { id: strike, action: world.strike, timeout: 30s }\n").await;
    assert_eq!(first, ["send strike #1", "find strike #1"]);
    assert_eq!(second, ["find strike #1", "standings p1"]);
    assert_eq!(run.status(), RunStatus::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_call_in_doubt_that_was_not_carried_out_is_sent_once_more() {
    let stage = stage(Script {
        sends: [lost(), accepted("p2")].into(),
        sightings: (0..200).map(|_| not_seen()).collect(),
        standings: [done()].into(),
        ..Script::default()
    });
    // Not even the policy lets it be repeated: the retry does.
    let steps = "  - { id: strike, action: world.strike, retry: { attempts: 1 } }\n";
    let (run, first, second) = twice(&stage, steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(first, ["send strike #1", "find strike #1"]);
    // It was certainly absent, so that there is nothing to look for.
    assert_eq!(second, ["send strike #2", "standings p2"]);
}

#[tokio::test(start_paused = true)]
async fn what_timed_out_is_looked_at_first() {
    for (end, sends, expected) in [
        (done(), vec!["standings p1"], RunStatus::Succeeded),
        (ended_badly(), vec!["standings p1", "send strike #2", "standings p2"], RunStatus::Succeeded),
    ] {
        let stage = stage(Script {
            sends: [accepted("p1"), accepted("p2")].into(),
            standings: [pending(), pending(), end, done()].into(),
            ..Script::default()
        });
        let (run, _, second) = twice(&stage, "  - { id: strike, action: world.strike, timeout: 3s }\n").await;
        assert_eq!((run.status(), second), (expected, sends.into_iter().map(str::to_owned).collect()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_policys_attempts_begin_anew() {
    let unavailable = || Outcome::Failed(failure(ErrorKind::Unavailable));
    let stage = stage(Script {
        sends: [unavailable(), unavailable(), unavailable(), accepted("p4")].into(),
        standings: [done()].into(),
        ..Script::default()
    });
    let steps =
        "  - { id: strike, action: world.strike, retry: { attempts: 2, initial: 2s, jitter: none } }\n";
    let (run, first, second) = twice(&stage, steps).await;
    assert_eq!(first, ["send strike #1", "send strike #2"]);
    assert_eq!(second, ["send strike #3", "send strike #4", "standings p4"]);
    assert_eq!((run.status(), stage.elapsed() >= 4), (RunStatus::Succeeded, true));
}

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
    assert_eq!(crate::stage::left(&run, "note")["output"]["of"], "succeeded");
    assert_eq!(crate::stage::left(&run, "tell"), Value::Null, "nothing has failed in the end");
}

#[tokio::test(start_paused = true)]
async fn a_handlers_call_in_doubt_is_looked_for_when_its_turn_comes() {
    let stage = stage(Script {
        sends: [refused(), lost(), refused()].into(),
        sightings: (0..7).map(|_| not_seen()).chain([found("p1")]).collect(),
        standings: [done()].into(),
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
        standings: [pending(), pending(), done()].into(),
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
    let items = crate::stage::left(&run, "sweep")["output"].clone();
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
    assert_eq!(crate::stage::left(&run, "may")["status"], "failed");
}

const INNER: &str = "name: inner
steps: [{ id: mark, action: world.mark }, { id: strike, action: world.strike, timeout: 10m }]
outputs: { of: '${{ steps.strike.status }}' }
";
const MIDDLE: &str = "name: middle\nsteps: [{ id: inside, call: inner }]\n";
const OUTER: &str = "name: outer\nsteps: [{ id: contain, call: middle }]\n";

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
        withdrawals: [riposte_engine::Withdrawal::Failed(failure(ErrorKind::Refused))].into(),
        ..Script::default()
    };
    let stage = stage_with(script, &[INNER]);
    let run = stage.perform("name: outer\nsteps: [{ id: contain, call: inner, timeout: 3s }]\n").await;
    assert_eq!((run.status(), crate::stage::reason(&run).kind), (RunStatus::Failed, ErrorKind::Timeout));
    let from = stage.script.heard().len();
    let run = again(&stage, run.id()).await;
    assert_eq!(run.status(), RunStatus::Succeeded, "{run:?}");
    assert_eq!(sent(&stage, from), ["standings p1"]);
}

#[tokio::test(start_paused = true)]
async fn what_has_not_failed_is_refused_and_nothing_is_written() {
    let stage = stage(Script { sends: [refused(), refused()].into(), ..Script::default() });
    let succeeded = stage.perform("name: fine\nsteps: [{ stop: here }]\n").await;
    let cancelled = stage.executor.begin(new_run("  - { id: rest, wait: 1h }\n")).await.unwrap();
    let running = cancelled.id();
    let error = stage.executor.retry(running, "somebody").await.unwrap_err();
    assert_eq!(error.to_string(), "it is not over: only a run that has failed can be retried");
    let cancel = CancellationToken::new();
    cancel.cancel();
    let cancelled = stage.executor.drive(cancelled, cancel).await.unwrap();
    for run in [&succeeded, &cancelled] {
        let error = stage.executor.retry(run.id(), "somebody").await.unwrap_err();
        assert!(matches!(error, RetryError::NotFailed { .. }), "{error}");
    }
    let silly = "name: silly\nsteps: [{ id: a, set: { of: 1 } }]\noutputs: { of: '${{ 1 / (steps.a.output.of - 1) }}' }\n";
    let silly = stage.perform(silly).await;
    assert_eq!(silly.status(), RunStatus::Failed);
    let error = stage.executor.retry(silly.id(), "somebody").await.unwrap_err();
    assert!(matches!(error, RetryError::NothingFailed(_)), "{error}");
    for run in [&succeeded, &cancelled, &silly] {
        assert_eq!(stage.kinds(run.id()).await.last().unwrap(), "run_finished");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_retried_may_be_cancelled_and_fails_no_more() {
    let stage = stage(Script {
        sends: [accepted("p1"), accepted("p2")].into(),
        standings: [ended_badly(), pending(), pending(), pending(), pending(), pending(), pending()].into(),
        withdrawals: [riposte_engine::Withdrawal::Done { evidence: "it was".into() }].into(),
        ..Script::default()
    });
    let run = stage.executor.begin(new_run("  - { id: strike, action: world.strike }\n")).await.unwrap();
    let run = stage.executor.drive(run, CancellationToken::new()).await.unwrap();
    let recorded = stage.executor.retry(run.id(), "somebody").await.unwrap();
    let run = stage.drive_and_cancel(recorded.run, std::time::Duration::from_secs(9)).await;
    assert_eq!(run.status(), RunStatus::Cancelled);
    assert_eq!(
        stage.script.heard().last().unwrap(),
        "withdraw p2 of strike #2: its run was cancelled by the operator"
    );
    assert!(stage.executor.retry(run.id(), "somebody").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_run_is_retried_after_a_death_in_its_retry() {
    let script = Script {
        sends: [accepted("p1"), accepted("p2")].into(),
        standings: [ended_badly(), pending(), pending(), pending(), done()].into(),
        ..Script::default()
    };
    let stage = stage(script);
    let run = stage.executor.begin(start(
        read("name: staged\nsteps: [{ id: strike, action: world.strike }]\n"),
        &json!({}),
        Value::Null,
    ));
    let run = stage.executor.drive(run.await.unwrap(), CancellationToken::new()).await.unwrap();
    let recorded = stage.executor.retry(run.id(), "somebody").await.unwrap();
    stage.drive_and_die(recorded.run, std::time::Duration::from_secs(5)).await;
    let next = stage.after_a_crash(&[]);
    let recorded = next.executor.take(run.id()).await.unwrap();
    let run = next.executor.drive(recorded.run, CancellationToken::new()).await.unwrap();
    assert_eq!(run.status(), RunStatus::Succeeded);
}
