//! Calls of other playbooks: runs of their own, in paused time.

use crate::stage::{Script, accepted, stage_with};
use riposte_engine::{RunStatus, Standing, Store};
use riposte_model::ErrorKind;
use serde_json::json;

const SLEEPER: &str = "name: sleeper
inputs:
  who: { type: string, default: nobody }
concurrency: { key: inputs.who, limit: 1, when_full: skip }
steps:
  - { id: rest, wait: 1h }
outputs:
  slept: ${{ inputs.who }}
";

#[tokio::test(start_paused = true)]
async fn a_called_playbook_runs_to_its_end_although_nothing_else_is_under_way() {
    let stage = stage_with(Script::default(), &[SLEEPER]);
    let (run, kinds) = stage.play("  - { id: called, call: sleeper, with: { who: me } }\n").await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(kinds, ["run_started", "child_started", "child_finished", "run_finished"]);
    assert_eq!(run.values()[1].1["called"]["output"], json!({ "slept": "me" }));
    assert_eq!(stage.elapsed(), 3600);
    let runs = stage.store.runs(10).await.unwrap();
    let told: Vec<_> = runs.iter().map(|run| (run.playbook.as_str(), run.trigger.as_str())).collect();
    assert_eq!(told, [("sleeper", "call staged"), ("staged", "manual test")]);
    assert!(runs.iter().all(|run| run.status == RunStatus::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn a_called_run_is_cancelled_when_the_steps_time_is_over() {
    let stage = stage_with(Script::default(), &[SLEEPER]);
    let (run, _) = stage.play("  - { id: called, call: sleeper, timeout: 10m }\n").await;
    let failure = run.finished().unwrap().failure.clone().unwrap();
    assert_eq!(failure.kind, ErrorKind::Timeout);
    assert!(
        failure.message.starts_with("the step's time is over: sleeper was cancelled as run_"),
        "{failure}"
    );
    assert_eq!(stage.elapsed(), 600);
    assert_eq!(stage.store.runs(10).await.unwrap()[0].status, RunStatus::Cancelled);
}

#[tokio::test(start_paused = true)]
async fn a_call_for_which_there_is_no_room_is_refused() {
    let stage = stage_with(Script::default(), &[SLEEPER]);
    let steps = "  - parallel:
      - steps: [{ id: first, call: sleeper, with: { who: me } }]
      - steps: [{ id: second, call: sleeper, with: { who: me }, on_error: continue }]
      - steps: [{ id: third, call: sleeper, with: { who: you } }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    let values = run.values();
    assert_eq!(values[1].1["second"]["error"]["kind"], "refused");
    assert_eq!(values[1].1["third"]["output"], json!({ "slept": "you" }));
    assert_eq!(stage.store.runs(10).await.unwrap().len(), 3, "what is refused does not begin");
}

#[tokio::test(start_paused = true)]
async fn what_fails_in_a_called_run_fails_the_step_by_its_own_kind() {
    let striker = "name: striker\nsteps:\n  - { id: strike, action: world.strike }\n";
    let stage = stage_with(
        Script {
            sends: [accepted()].into(),
            standings: [Ok(Standing::Failed(crate::stage::failure(ErrorKind::ProviderFailed)))].into(),
            ..Script::default()
        },
        &[striker],
    );
    let (run, _) = stage.play("  - { id: called, call: striker }\n").await;
    let failure = run.finished().unwrap().failure.clone().unwrap();
    assert_eq!(failure.kind, ErrorKind::ProviderFailed);
    assert!(failure.message.starts_with("striker failed at `strike`: scripted (run_"), "{failure}");
}
