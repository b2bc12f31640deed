//! `concurrency`: how many runs may be under way at once, and what becomes of one more. `defaults`: what steps take that
//! say nothing else.

use crate::stage::{
    PausedClock, STRIKE, Script, Stage, accepted, connected_to, executor, failure, left, read, reason, stage,
    stage_with, start,
};
use riposte_engine::{Outcome, Run, RunStatus, Standing, Store};
use riposte_executor::BeginError;
use riposte_model::ErrorKind;
use riposte_simulation::MemoryStore;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Rests for an hour, with at most one run, or as many as said, for each `who`.
fn limited(more: &str) -> String {
    format!(
        "name: limited
inputs:
  who: {{ type: string }}
concurrency: {{ key: inputs.who{more} }}
steps:
  - {{ id: rest, wait: 1h }}
"
    )
}

async fn begin(stage: &Stage, source: &str, who: &str) -> Result<Run, BeginError> {
    stage.executor.begin(start(read(source), &json!({ "who": who }), Value::Null)).await
}

/// Drives all of these at once; the seconds after which each ended.
async fn drive_all(stage: &Stage, runs: Vec<Run>) -> Vec<u64> {
    let drives = runs.into_iter().map(|run| async {
        let run = stage.executor.drive(run, CancellationToken::new()).await.unwrap();
        run.last_at().since(run.started_at()).as_secs()
    });
    join_all(drives).await
}

async fn join_all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut results: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, result) in futures.iter_mut().zip(&mut results) {
            if result.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *result = Some(value);
            }
        }
        if results.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    results.into_iter().flatten().collect()
}

#[tokio::test(start_paused = true)]
async fn runs_with_one_key_follow_each_other_and_others_do_not_wait() {
    let (stage, source) = (stage(Script::default()), limited(""));
    let mut runs = Vec::new();
    for who in ["a", "a", "b", "a"] {
        runs.push(begin(&stage, &source, who).await.unwrap());
    }
    assert_eq!(drive_all(&stage, runs).await, [3600, 7200, 3600, 10_800], "in the order of their arrival");
}

#[tokio::test(start_paused = true)]
async fn as_many_as_the_limit_says_are_under_way_at_once() {
    let (stage, source) = (stage(Script::default()), limited(", limit: 2, when_full: queue"));
    let mut runs = Vec::new();
    for _ in 0..5 {
        runs.push(begin(&stage, &source, "a").await.unwrap());
    }
    assert_eq!(drive_all(&stage, runs).await, [3600, 3600, 7200, 7200, 10_800]);
}

#[tokio::test(start_paused = true)]
async fn a_run_for_which_there_is_no_room_does_not_begin_if_the_playbook_says_so() {
    let (stage, source) = (stage(Script::default()), limited(", limit: 2, when_full: skip"));
    let _first = begin(&stage, &source, "a").await.unwrap();
    let _second = begin(&stage, &source, "a").await.unwrap();
    let refused = begin(&stage, &source, "a").await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "limited is under way 2 times with the key \"a\", and says `when_full: skip`"
    );
    assert!(begin(&stage, &source, "b").await.is_ok());
    assert_eq!(stage.store.runs(10).await.unwrap().len(), 3, "of what was refused nothing is on disk");
}

#[tokio::test(start_paused = true)]
async fn a_place_is_free_again_however_a_run_ended() {
    for (steps, status) in [
        ("  - { id: one, set: { n: 1 } }", RunStatus::Succeeded),
        ("  - { id: one, fail: broken }", RunStatus::Failed),
        ("  - { id: one, wait: 1h }", RunStatus::Cancelled),
    ] {
        for when_full in ["queue", "skip"] {
            let stage = stage(Script::default());
            let source =
                limited(&format!(", when_full: {when_full}")).replace("  - { id: rest, wait: 1h }", steps);
            for _ in 0..3 {
                let run = begin(&stage, &source, "a").await.unwrap();
                assert_eq!(stage.drive_and_cancel(run, Duration::from_secs(60)).await.status(), status);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_while_it_waits_for_its_turn_does_nothing_and_holds_nobody_up() {
    let (stage, source) = (stage(Script::default()), limited(""));
    let first = begin(&stage, &source, "a").await.unwrap();
    let second = begin(&stage, &source, "a").await.unwrap();
    let id = second.id();
    let third = begin(&stage, &source, "a").await.unwrap();
    let cancelled = async {
        let run = stage.drive_and_cancel(second, Duration::from_secs(60)).await;
        assert_eq!(run.status(), RunStatus::Cancelled);
        assert_eq!(run.last_at().since(run.started_at()).as_secs(), 60);
    };
    let others = drive_all(&stage, vec![first, third]);
    let (ended, ()) = tokio::join!(others, cancelled);
    assert_eq!(stage.kinds(id).await, ["run_started", "cancel_requested", "run_finished"]);
    assert_eq!(ended, [3600, 7200]);
}

#[tokio::test(start_paused = true)]
async fn one_and_the_text_of_one_are_two_keys() {
    let stage = stage(Script::default());
    let source =
        "name: limited\nconcurrency: { key: trigger.body, when_full: skip }\nsteps: [{ wait: 1h }]\n";
    for body in [json!(1), json!("1")] {
        stage.executor.begin(start(read(source), &json!({}), body)).await.unwrap();
    }
    assert!(stage.executor.begin(start(read(source), &json!({}), json!("1"))).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_key_cannot_be_computed_does_not_begin() {
    let stage = stage(Script::default());
    let source = "name: limited\nconcurrency: { key: trigger.body.device }\nsteps: [{ wait: 1h }]\n";
    let refused = stage.executor.begin(start(read(source), &json!({}), json!({}))).await.unwrap_err();
    assert!(refused.to_string().starts_with("the key of `concurrency` cannot be computed: "), "{refused}");
    assert!(stage.store.runs(10).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_a_run_has_its_place_again_before_others() {
    let (stage, source) = (stage(Script::default()), limited(", when_full: skip"));
    let run = begin(&stage, &source, "a").await.unwrap();
    let id = run.id();
    stage.drive_and_die(run, Duration::from_secs(600)).await;
    let again = stage.after_a_crash(&[]);
    let run = again.recorded(&read(&source), id).await;
    let drive = again.executor.drive(run, CancellationToken::new());
    let other = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        begin(&again, &source, "a").await.unwrap_err()
    };
    let (run, _) = tokio::join!(drive, other);
    assert_eq!(run.unwrap().status(), RunStatus::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn called_runs_wait_for_their_turn_too() {
    let stage = stage_with(Script::default(), &[&limited("")]);
    let steps = "  - parallel:
      - steps: [{ id: first, call: limited, with: { who: a } }]
      - steps: [{ id: second, call: limited, with: { who: a } }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(stage.elapsed(), 7200);
}

#[tokio::test(start_paused = true)]
async fn a_place_is_free_again_when_a_run_could_not_be_recorded() {
    let (disk, clock) = (Arc::new(MemoryStore::default()), Arc::new(PausedClock::new()));
    let script = Arc::new(Script::default());
    let source = limited(", when_full: skip");
    let executor = executor(disk.clone(), clock, connected_to(script), vec![read(&source)]);
    let new = |source: &str| start(read(source), &json!({ "who": "a" }), Value::Null);

    disk.set_full(true);
    assert!(matches!(executor.begin(new(&source)).await, Err(BeginError::Record(_))));
    disk.set_full(false);

    // The same for one that is called.
    let caller = "name: caller
inputs:
  who: { type: string }
steps:
  - { id: called, call: limited, with: { who: '${{ inputs.who }}' } }
";
    let run = executor.begin(new(caller)).await.unwrap();
    disk.set_full(true);
    assert!(executor.drive(run, CancellationToken::new()).await.is_err());
    disk.set_full(false);

    let run = executor.begin(new(&source)).await.expect("nobody holds the place");
    let run = executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!(run.status(), RunStatus::Succeeded);
}

/// A playbook with these defaults.
fn with_defaults(defaults: &str, steps: &str) -> String {
    format!("name: staged\ndefaults: {{ {defaults} }}\nsteps:\n{steps}")
}

#[tokio::test(start_paused = true)]
async fn actions_take_the_playbooks_retry_unless_they_have_their_own() {
    let refusals = (0..5).map(|_| Outcome::Failed(failure(ErrorKind::Unavailable))).collect();
    let stage = stage(Script { sends: refusals, ..Script::default() });
    let steps = "  - { id: plain, action: world.strike, on_error: continue }
  - { id: own, action: world.strike, retry: { attempts: 3, initial: 1s, factor: 1, jitter: none } }
";
    let source = with_defaults("retry: { attempts: 2, initial: 7s, jitter: none }", steps);
    let run = stage.perform(&source).await;
    assert_eq!(
        stage.script.heard(),
        ["send plain #1", "send plain #2", "send own #1", "send own #2", "send own #3"]
    );
    assert_eq!(run.status(), RunStatus::Failed);
    assert_eq!(stage.elapsed(), 7 + 1 + 1);
}

#[tokio::test(start_paused = true)]
async fn actions_take_the_playbooks_time_unless_they_have_their_own_and_nothing_else_does() {
    let stage = stage(Script {
        sends: [accepted(), accepted()].into(),
        standings: (0..999).map(|_| Ok(Standing::Open { status: "Pending".into() })).collect(),
        ..Script::default()
    });
    let steps = "  - { id: plain, action: world.strike, on_error: continue }
  - { id: own, action: world.strike, timeout: 20m, on_error: continue }
  - { id: rest, wait: 1h }
  - { steps: [{ id: inner, wait: 1h }] }
";
    let run = stage.perform(&with_defaults("timeout: 10m", steps)).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    let took = |step: &str| {
        let record = run.record(&riposte_model::StepPath::root(step)).unwrap();
        match record.state {
            riposte_engine::StepState::Ended { at, .. } => at.since(record.started_at).as_secs() / 60,
            _ => panic!("{step} has not ended"),
        }
    };
    assert_eq!((took("plain"), took("own"), took("rest")), (10, 20, 60));
    assert_eq!(left(&run, "plain")["error"]["kind"], "timeout");
}

#[tokio::test(start_paused = true)]
async fn without_defaults_an_action_has_the_time_of_the_catalogue() {
    let stage = stage(Script {
        sends: [accepted()].into(),
        standings: (0..999).map(|_| Ok(Standing::Open { status: "Pending".into() })).collect(),
        ..Script::default()
    });
    let (run, _) = stage.play(STRIKE).await;
    assert_eq!(reason(&run).kind, ErrorKind::Timeout);
    assert_eq!(stage.elapsed(), 3600);
}
