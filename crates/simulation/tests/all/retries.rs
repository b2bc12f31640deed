//! Runs that have failed, and are retried from their failed steps.

use crate::stage::{Script, Stage, done, failure, new_run, read, stage, start};
use riposte_engine::{Outcome, Run, RunStatus, Sighting, Standing, Store};
use riposte_executor::RetryError;
use riposte_model::{ErrorKind, Failure, RunId};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub(crate) fn accepted(id: &str) -> Outcome {
    Outcome::Accepted { provider_id: id.into(), output: json!({}) }
}

pub(crate) fn marked() -> Outcome {
    Outcome::Done(json!({}))
}

pub(crate) fn ended_badly() -> Result<Standing, Failure> {
    Ok(Standing::Failed(failure(ErrorKind::ProviderFailed)))
}

pub(crate) fn pending() -> Result<Standing, Failure> {
    Ok(Standing::Open { status: "Pending".into() })
}

pub(crate) fn lost() -> Outcome {
    Outcome::Unknown(failure(ErrorKind::Unavailable))
}

pub(crate) fn refused() -> Outcome {
    Outcome::Failed(failure(ErrorKind::Invalid))
}

pub(crate) fn not_seen() -> Result<Sighting, Failure> {
    Ok(Sighting::NotSeen { evidence: "looked".into() })
}

pub(crate) fn found(id: &str) -> Result<Sighting, Failure> {
    Ok(Sighting::Found { provider_id: id.into(), output: json!({}), evidence: "seen".into() })
}

/// Retries a run, and drives it to its end.
pub(crate) async fn again(stage: &Stage, run: RunId) -> Run {
    let recorded = stage.executor.retry(run, "somebody").await.unwrap();
    let run = stage.executor.drive(recorded.run, CancellationToken::new()).await.unwrap();
    let replayed = stage.recorded(run.playbook(), run.id()).await;
    assert_eq!(format!("{replayed:?}"), format!("{run:?}"), "the live state is the fold of the journal");
    run
}

/// Plays steps that fail, and then retries them: what was asked of the provider by each half.
pub(crate) async fn twice(stage: &Stage, steps: &str) -> (Run, Vec<String>, Vec<String>) {
    let run = stage.executor.begin(new_run(steps)).await.unwrap();
    let run = stage.executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!(run.status(), RunStatus::Failed, "{run:?}");
    let first = sent(stage, 0);
    let all = stage.script.heard().len();
    let run = again(stage, run.id()).await;
    (run, first, sent(stage, all))
}

/// What was heard from here on, without the repeated questions.
pub(crate) fn sent(stage: &Stage, from: usize) -> Vec<String> {
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

/// What may be repeated is, but whoever says that nothing was done must know it.
#[tokio::test(start_paused = true)]
async fn a_change_that_may_have_been_done_stays_in_doubt_until_it_has_succeeded() {
    let stage = stage(Script { calls: [lost(), refused(), refused()].into(), ..Script::default() });
    let steps = "  - { id: label, action: world.label, retry: { attempts: 1 } }\n";
    let (run, _, second) = twice(&stage, steps).await;
    assert_eq!(second, ["call world.label"]);
    assert_eq!(crate::stage::reason(&run).kind, ErrorKind::UnknownOutcome);
    let run = again(&stage, run.id()).await;
    assert_eq!(crate::stage::reason(&run).kind, ErrorKind::UnknownOutcome);
}
