//! What a cancelled run has opened at the provider is taken back, or said to go on there.

use crate::stage::{
    STRIKE, Script, Stage, accepted, executor, failure, left, new_run, playbook, reason, stage, stage_with,
    without_connections,
};
use async_trait::async_trait;
use riposte_engine::{
    CallIntended, Connector, Durable, EventBody, Ledger, Outcome, Run, RunStatus, Sighting, Standing,
    StepState, Store, Turn, Withdrawal,
};
use riposte_executor::{Connection, Connections, Pace};
use riposte_model::{ActionName, ErrorKind, Failure, PlaybookName, StepPath, Timestamp};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What is heard when the operator cancels.
const WITHDRAW: &str = "withdraw p1 of strike #1: its run was cancelled by the operator";

fn open() -> Result<Standing, Failure> {
    Ok(Standing::Open { status: "Pending".into() })
}

fn gone() -> Withdrawal {
    Withdrawal::Done { evidence: "Strike p1 was cancelled".into() }
}

/// A strike that is accepted and stays pending, until somebody asks for its end.
fn pending(withdrawals: impl IntoIterator<Item = Withdrawal>) -> Stage {
    stage(Script {
        sends: [accepted()].into(),
        standings: (0..99).map(|_| open()).collect(),
        withdrawals: withdrawals.into_iter().collect(),
        ..Script::default()
    })
}

/// Runs a strike, and cancels after three seconds.
async fn cancelled(stage: &Stage) -> Run {
    let run = stage.executor.begin(new_run(STRIKE)).await.unwrap();
    stage.drive_and_cancel(run, Duration::from_secs(3)).await
}

fn withdrawals(stage: &Stage) -> usize {
    stage.script.heard().iter().filter(|heard| heard.starts_with("withdraw")).count()
}

fn state<'r>(run: &'r Run, step: &str) -> &'r StepState {
    &run.record(&StepPath::root(step)).unwrap().state
}

const LEFT_OPEN: &str = "cancelled by the operator; not known to have ended at the provider: `strike` as p1";

#[tokio::test(start_paused = true)]
async fn what_is_pending_is_taken_back_once() {
    let stage = pending([gone()]);
    let run = cancelled(&stage).await;
    assert_eq!(run.status(), RunStatus::Cancelled);
    assert_eq!(stage.script.heard(), ["send strike #1", "standings p1", WITHDRAW]);
    assert_eq!(
        stage.kinds(run.id()).await,
        ["run_started", "call_intended", "call_accepted", "cancel_requested", "call_failed", "run_finished"]
    );
    let error = json!({ "kind": "cancelled", "message": "Strike p1 was cancelled" });
    assert_eq!(left(&run, "strike")["error"], error);
    assert_eq!(reason(&run).message, "cancelled by the operator");
    assert_eq!(stage.elapsed(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_had_ended_before_is_recorded_as_it_ended() {
    let stage = pending([Withdrawal::Ended(Standing::Succeeded(json!({ "seen": 7 })))]);
    let run = cancelled(&stage).await;
    assert_eq!(run.status(), RunStatus::Cancelled);
    assert_eq!(left(&run, "strike")["status"], "succeeded");
    assert_eq!(left(&run, "strike")["output"], json!({ "seen": 7 }));

    let stage = pending([Withdrawal::Ended(Standing::Failed(failure(ErrorKind::ProviderFailed)))]);
    let run = cancelled(&stage).await;
    assert_eq!(left(&run, "strike")["error"]["kind"], "provider_failed");
    assert_eq!(reason(&run).message, "cancelled by the operator");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_and_not_repeated() {
    let stage = pending([Withdrawal::Failed(failure(ErrorKind::Forbidden))]);
    let run = cancelled(&stage).await;
    assert_eq!((run.status(), withdrawals(&stage), stage.elapsed()), (RunStatus::Cancelled, 1, 3));
    assert_eq!(stage.kinds(run.id()).await[4..], ["withdrawal_failed".to_owned(), "run_finished".to_owned()]);
    let open = state(&run, "strike");
    assert!(
        matches!(open, StepState::LeftOpen { attempt: 1, provider_id, .. } if provider_id == "p1"),
        "{open:?}"
    );
    assert_eq!(reason(&run).message, LEFT_OPEN);
}

#[tokio::test(start_paused = true)]
async fn what_may_work_later_is_asked_again_after_the_pause_that_is_asked_for() {
    let throttled = Failure { retry_after_ms: Some(45_000), ..failure(ErrorKind::Throttled) };
    let lost = Withdrawal::Failed(failure(ErrorKind::Unavailable));
    let stage = pending([lost, Withdrawal::Failed(throttled), gone()]);
    let run = cancelled(&stage).await;
    assert_eq!(left(&run, "strike")["error"]["kind"], "cancelled");
    assert_eq!((withdrawals(&stage), stage.elapsed()), (3, 3 + 45), "half a second, and what was asked for");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_for_ever() {
    let stage = pending((0..99).map(|_| Withdrawal::Failed(failure(ErrorKind::Unavailable))));
    let run = cancelled(&stage).await;
    assert_eq!(reason(&run).message, LEFT_OPEN);
    assert_eq!(withdrawals(&stage), 9);
    assert!((90..=3 + 120).contains(&stage.elapsed()), "{}", stage.elapsed());

    // A pause that would last longer is not waited for.
    let throttled = Failure { retry_after_ms: Some(600_000), ..failure(ErrorKind::Throttled) };
    let stage = pending([Withdrawal::Failed(throttled)]);
    let run = cancelled(&stage).await;
    assert_eq!((reason(&run).message.as_str(), stage.elapsed()), (LEFT_OPEN, 3));
}

#[tokio::test(start_paused = true)]
async fn what_the_provider_ends_in_its_own_time_is_followed_for_a_while() {
    let taken = || Withdrawal::Taken { status: "InProgress".into() };
    let stage = stage(Script {
        sends: [accepted()].into(),
        standings: [open(), open(), Ok(Standing::Failed(failure(ErrorKind::ProviderFailed)))].into(),
        withdrawals: [taken()].into(),
        ..Script::default()
    });
    let run = cancelled(&stage).await;
    assert_eq!(left(&run, "strike")["error"]["kind"], "provider_failed");
    assert_eq!((withdrawals(&stage), stage.elapsed()), (1, 3 + 1 + 2));

    let stage = pending([taken()]);
    let run = cancelled(&stage).await;
    assert_eq!((reason(&run).message.as_str(), withdrawals(&stage)), (LEFT_OPEN, 1));
    assert_eq!(stage.elapsed(), 3 + 120);
    let events = stage.store.events(run.id()).await.unwrap();
    let EventBody::WithdrawalFailed { failure, .. } = &events[4].body else { panic!("{:?}", events[4]) };
    assert_eq!(
        failure.message,
        "the provider was asked to end it, and has not in time: last seen as Pending"
    );
}

#[tokio::test(start_paused = true)]
async fn all_that_is_pending_is_taken_back_side_by_side() {
    let other = Outcome::Accepted { provider_id: "p2".into(), output: json!({}) };
    let stage = stage(Script {
        sends: [accepted(), other].into(),
        standings: (0..9).map(|_| open()).collect(),
        withdrawals: [gone(), gone()].into(),
        ..Script::default()
    });
    let steps = "  - id: both
    parallel:
      - steps: [{ id: a, action: world.strike }]
      - steps: [{ id: b, action: world.strike }]
";
    let run = stage.executor.begin(new_run(steps)).await.unwrap();
    let run = stage.drive_and_cancel(run, Duration::from_secs(3)).await;
    assert_eq!(run.status(), RunStatus::Cancelled);
    assert_eq!(
        stage.script.heard()[3..],
        ["p1 of both[0].a", "p2 of both[1].b"]
            .map(|what| format!("withdraw {what} #1: its run was cancelled by the operator"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_withdrawal_that_a_crash_cuts_off_is_made_again() {
    let stage = stage(Script {
        sends: [accepted()].into(),
        standings: (0..9).map(|_| open()).collect(),
        withdrawals: [gone(), gone()].into(),
        takes: Duration::from_secs(10),
        ..Script::default()
    });
    let playbook = playbook(STRIKE);
    let run = stage.executor.begin(new_run(STRIKE)).await.unwrap();
    let id = run.id();
    let dies = stage.drive_and_cancel(run, Duration::from_secs(20));
    tokio::time::timeout(Duration::from_secs(25), dies).await.expect_err("it was over before the crash");
    assert_eq!(withdrawals(&stage), 1);
    let again = stage.after_a_crash(&[]);
    let run =
        again.executor.drive(again.recorded(&playbook, id).await, CancellationToken::new()).await.unwrap();
    assert_eq!((run.status(), withdrawals(&stage)), (RunStatus::Cancelled, 2));
    assert_eq!(left(&run, "strike")["error"]["kind"], "cancelled");
    assert_eq!(
        again.kinds(id).await,
        ["run_started", "call_intended", "call_accepted", "cancel_requested", "call_failed", "run_finished"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_found_after_the_cancellation_is_taken_back_too() {
    let found = Sighting::Found { provider_id: "p1".into(), output: json!({}), evidence: "looked".into() };
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable))].into(),
        sightings: [Ok(Sighting::NotSeen { evidence: "looked".into() }), Ok(found)].into(),
        withdrawals: [gone()].into(),
        takes: Duration::from_secs(5),
        ..Script::default()
    });
    let run = cancelled(&stage).await;
    assert_eq!(
        stage.kinds(run.id()).await[2..],
        ["cancel_requested", "outcome_unknown", "reconciled", "call_failed", "run_finished"]
    );
    assert_eq!(stage.script.heard(), ["send strike #1", "find strike #1", "find strike #1", WITHDRAW]);
    assert_eq!(left(&run, "strike")["error"]["kind"], "cancelled");
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_content_with_acceptance_keeps_what_it_has_begun() {
    let step = "  - { id: strike, action: world.strike, await: accepted }\n  - wait: 1h\n";
    // Before the cancellation, and while the answer is on its way.
    for takes in [0, 10] {
        let takes = Duration::from_secs(takes);
        let stage = stage(Script { sends: [accepted()].into(), takes, ..Script::default() });
        let run = stage.executor.begin(new_run(step)).await.unwrap();
        let run = stage.drive_and_cancel(run, Duration::from_secs(3)).await;
        assert_eq!(run.status(), RunStatus::Cancelled);
        assert_eq!(left(&run, "strike")["status"], "succeeded");
        assert_eq!(stage.script.heard(), ["send strike #1"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_whose_time_is_over_takes_nothing_back() {
    let stage = pending([]);
    let (run, _) = stage.play("  - { id: strike, action: world.strike, timeout: 30s }\n").await;
    assert_eq!((reason(&run).kind, withdrawals(&stage)), (ErrorKind::Timeout, 0));
}

#[tokio::test(start_paused = true)]
async fn what_a_called_run_has_opened_is_taken_back_with_it() {
    let striker = "name: striker\nsteps:\n  - { id: strike, action: world.strike }\n";
    // By the operator, and because the time of the call is over.
    for timeout in ["", ", timeout: 2s"] {
        let script = Script {
            sends: [accepted()].into(),
            standings: [open()].into(),
            withdrawals: [gone()].into(),
            ..Script::default()
        };
        let stage = stage_with(script, &[striker]);
        let steps = format!("  - {{ id: called, call: striker{timeout} }}\n");
        let run = stage.executor.begin(new_run(&steps)).await.unwrap();
        let run = stage.drive_and_cancel(run, Duration::from_secs(3)).await;
        assert_eq!(
            stage.script.heard().last().unwrap(),
            "withdraw p1 of strike #1: its run was cancelled by the run that called it"
        );
        let told = left(&run, "called")["error"]["message"].as_str().unwrap().to_owned();
        assert!(told.contains("striker was cancelled as run_") && !told.contains("not known"), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_asked_because_its_connection_is_gone_is_told() {
    let stage = pending([]);
    let playbook = playbook(STRIKE);
    let run = stage.executor.begin(new_run(STRIKE)).await.unwrap();
    let id = run.id();
    stage.drive_and_die(run, Duration::from_secs(3)).await;
    let mut run = stage.recorded(&playbook, id).await;
    let ledger = Ledger::new(stage.store.clone(), stage.clock.clone());
    ledger.record(&mut run, vec![EventBody::CancelRequested { by: "the operator".into() }]).await.unwrap();
    let executor = executor(stage.store.clone(), stage.clock.clone(), Connections::new(), vec![]);
    let run = executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!(reason(&run).message, LEFT_OPEN);
}

/// A provider of which nothing can be taken back.
struct Stubborn;

#[async_trait]
impl Connector for Stubborn {
    async fn turn(&self, _: &ActionName, _: &PlaybookName) -> Turn {
        Turn::free()
    }

    async fn call(&self, _: &ActionName, _: &Map<String, Value>, _: Turn, _: Duration) -> Outcome {
        Outcome::Done(json!({}))
    }

    async fn send(&self, _: Durable<CallIntended>, _: Turn, _: Duration) -> Outcome {
        accepted()
    }

    async fn find(&self, _: &CallIntended, _: Timestamp, _: Duration) -> Result<Sighting, Failure> {
        Ok(Sighting::NotSeen { evidence: "looked".into() })
    }

    async fn standings(&self, _: &[String], _: Duration) -> Result<Vec<(String, Standing)>, Failure> {
        Ok(Vec::new())
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_take_anything_back_says_so() {
    let stage = without_connections(&[]);
    let connection = Connection {
        description: "stubborn".into(),
        connector: Arc::new(Stubborn),
        visibility_delay: Duration::from_secs(60),
        pace: Pace::default(),
    };
    let connections = Connections::new().with("world", connection);
    let stage =
        Stage { executor: executor(stage.store.clone(), stage.clock.clone(), connections, vec![]), ..stage };
    let run = cancelled(&stage).await;
    assert_eq!(reason(&run).message, LEFT_OPEN);
    let events = stage.store.events(run.id()).await.unwrap();
    let EventBody::WithdrawalFailed { failure, .. } = &events[4].body else { panic!("{:?}", events[4]) };
    assert_eq!(failure.to_string(), "refused: what this connection has accepted cannot be taken back");
}
