//! Calls of other playbooks: runs of their own, in paused time.

use crate::stage::{
    Script, Stage, accepted, failure, left, new_run, playbook, read, reason, stage, stage_alone, stage_with,
    start, without_connections,
};
use riposte_engine::{
    EventBody, Ledger, Outcome, Parent, RunStarted, RunStatus, Standing, Store, Withdrawal,
};
use riposte_model::{ErrorKind, RunId, StepPath};
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn minutes(number: u64) -> Duration {
    Duration::from_secs(60 * number)
}

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

/// Marks, rests, and marks again.
const MARKER: &str = "name: marker
steps:
  - { id: before, action: world.mark }
  - { id: rest, wait: 1h }
  - { id: behind, action: world.mark }
outputs:
  done: true
";

const CALL_MARKER: &str =
    "  - { id: called, call: marker }\n  - { id: after, set: { done: '${{ steps.called.output.done }}' } }\n";

fn marked(times: usize) -> Script {
    Script { sends: (0..times).map(|_| Outcome::Done(json!({}))).collect(), ..Script::default() }
}

/// The only run that another one called.
async fn child(stage: &Stage) -> RunId {
    let runs = stage.store.runs(10).await.unwrap();
    runs.iter().find(|run| run.trigger.starts_with("call ")).unwrap().id
}

#[tokio::test(start_paused = true)]
async fn a_crash_in_the_middle_of_a_called_run_repeats_nothing() {
    let stage = stage_with(marked(2), &[MARKER]);
    let (playbook, run) = (playbook(CALL_MARKER), stage.executor.begin(new_run(CALL_MARKER)).await.unwrap());
    let id = run.id();
    stage.drive_and_die(run, minutes(30)).await;
    let again = stage.after_a_crash(&[MARKER]);
    let run =
        again.executor.drive(again.recorded(&playbook, id).await, CancellationToken::new()).await.unwrap();
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(left(&run, "after")["output"], json!({ "done": true }));
    assert_eq!(again.script.heard(), ["send before #1", "send behind #1"]);
    assert_eq!(again.store.runs(10).await.unwrap().len(), 2, "no second run was begun");
    assert_eq!(again.elapsed(), 3600, "the wait ended when it was to end");
}

#[tokio::test(start_paused = true)]
async fn a_called_run_that_ended_before_a_crash_is_not_begun_again() {
    let stage = stage_with(marked(2), &[MARKER]);
    let (playbook, run) = (playbook(CALL_MARKER), stage.executor.begin(new_run(CALL_MARKER)).await.unwrap());
    let id = run.id();
    stage.drive_and_die(run, minutes(30)).await;
    // The called run came to its end; that the caller learnt of it was not recorded any more.
    let again = stage.after_a_crash(&[MARKER]);
    let called = again.recorded(&read(MARKER), child(&again).await).await;
    again.executor.drive(called, CancellationToken::new()).await.unwrap();
    let run =
        again.executor.drive(again.recorded(&playbook, id).await, CancellationToken::new()).await.unwrap();
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(again.script.heard().len(), 2);
    assert_eq!(again.store.runs(10).await.unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_called_run_keeps_the_version_that_it_began_with() {
    let stage = stage_with(marked(2), &[MARKER]);
    let (playbook, run) = (playbook(CALL_MARKER), stage.executor.begin(new_run(CALL_MARKER)).await.unwrap());
    let id = run.id();
    stage.drive_and_die(run, minutes(30)).await;
    let newer = "name: marker\nsteps:\n  - { id: before, fail: another version }\noutputs:\n  done: false\n";
    for callable in [&[newer][..], &[]] {
        let again = stage.after_a_crash(callable);
        again.drive_and_die(again.recorded(&playbook, id).await, minutes(1)).await;
    }
    let again = stage.after_a_crash(&[newer]);
    let run =
        again.executor.drive(again.recorded(&playbook, id).await, CancellationToken::new()).await.unwrap();
    assert_eq!(left(&run, "after")["output"], json!({ "done": true }));
}

#[tokio::test(start_paused = true)]
async fn cancelling_a_run_cancels_what_it_called_and_what_that_called() {
    let middle = "name: middle\nsteps:\n  - { id: inner, call: marker }\n";
    let stage = stage_with(marked(1), &[MARKER, middle]);
    let run = stage.executor.begin(new_run("  - { id: called, call: middle }\n")).await.unwrap();
    let run = stage.drive_and_cancel(run, minutes(30)).await;
    assert_eq!(run.status(), RunStatus::Cancelled);
    let runs = stage.store.runs(10).await.unwrap();
    assert_eq!(runs.len(), 3);
    assert!(runs.iter().all(|run| run.status == RunStatus::Cancelled), "{runs:?}");
    assert_eq!(left(&run, "called")["error"]["kind"], "cancelled");
    assert_eq!(stage.script.heard(), ["send before #1"]);
    assert_eq!(stage.elapsed(), 1800);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_cancelled_before_a_crash_cancels_what_it_called_after_it() {
    let stage = stage_with(marked(2), &[MARKER]);
    let (playbook, run) = (playbook(CALL_MARKER), stage.executor.begin(new_run(CALL_MARKER)).await.unwrap());
    let id = run.id();
    stage.drive_and_die(run, minutes(30)).await;
    // The process died between the two records.
    let again = stage.after_a_crash(&[MARKER]);
    let mut run = again.recorded(&playbook, id).await;
    let ledger = Ledger::new(again.store.clone(), again.clock.clone());
    ledger.record(&mut run, vec![EventBody::CancelRequested { by: "the operator".into() }]).await.unwrap();
    let run = again.executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!(run.status(), RunStatus::Cancelled);
    assert_eq!(again.script.heard(), ["send before #1"], "nothing leaves for a run that was cancelled");
    assert_eq!(again.elapsed(), 1800);
}

#[tokio::test(start_paused = true)]
async fn a_called_run_whose_time_was_over_during_a_crash_does_nothing_more() {
    let stage = stage_with(marked(2), &[MARKER]);
    let steps = "  - { id: called, call: marker, timeout: 61m }\n";
    let (playbook, run) = (playbook(steps), stage.executor.begin(new_run(steps)).await.unwrap());
    let id = run.id();
    stage.drive_and_die(run, minutes(30)).await;
    tokio::time::sleep(minutes(60)).await;
    let again = stage.after_a_crash(&[MARKER]);
    let run =
        again.executor.drive(again.recorded(&playbook, id).await, CancellationToken::new()).await.unwrap();
    assert_eq!(reason(&run).kind, ErrorKind::Timeout);
    assert_eq!(again.script.heard(), ["send before #1"]);
}

#[tokio::test(start_paused = true)]
async fn a_called_run_that_had_only_begun_when_its_time_was_over_does_nothing() {
    let stage = stage_with(Script::default(), &[MARKER]);
    let mut run =
        stage.executor.begin(new_run("  - { id: called, call: marker, timeout: 10m }\n")).await.unwrap();
    // The process died when both runs were on disk.
    let (called, step) = (read(MARKER), StepPath::root("called"));
    let started = RunStarted {
        playbook: called.name.clone(),
        source: called.hash.clone(),
        parent: Some(Parent { run: run.id(), step: step.clone(), depth: 1 }),
        ..RunStarted::clone(run.started())
    };
    let ledger = Ledger::new(stage.store.clone(), stage.clock.clone());
    let id = format!("run_{:032x}", 7).parse().unwrap();
    ledger.begin_child(&mut run, step, id, called, started).await.unwrap();
    tokio::time::sleep(minutes(10)).await;
    let run = stage.executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!(reason(&run).kind, ErrorKind::Timeout);
    assert!(stage.script.heard().is_empty(), "{:?}", stage.script.heard());
    assert_eq!(stage.kinds(id).await, ["run_started", "cancel_requested", "run_finished"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_cancelled_called_run_left_open_at_the_provider_is_told_to_the_caller() {
    let striker = "name: striker\nsteps:\n  - { id: strike, action: world.strike }\n";
    let open = || (0..99).map(|_| Ok(Standing::Open { status: "Pending".into() })).collect();
    for timeout in ["", ", timeout: 10m"] {
        let withdrawals = [Withdrawal::Failed(failure(ErrorKind::Forbidden))].into();
        let script =
            Script { sends: [accepted()].into(), standings: open(), withdrawals, ..Script::default() };
        let stage = stage_with(script, &[striker]);
        let steps = format!("  - {{ id: called, call: striker{timeout} }}\n");
        let run = stage.executor.begin(new_run(&steps)).await.unwrap();
        let run = stage.drive_and_cancel(run, minutes(20)).await;
        let told = left(&run, "called")["error"]["message"].as_str().unwrap().to_owned();
        assert!(told.ends_with("not known to have ended at the provider: `strike` as p1"), "{told}");
        if timeout.is_empty() {
            let told = reason(&run).message;
            assert!(told.ends_with("at the provider: `strike` as p1 (called by `called`)"), "{told}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn inputs_that_do_not_fit_when_they_are_known_begin_nothing() {
    let stage = stage_with(Script::default(), &[SLEEPER]);
    let steps = "  - { id: called, call: sleeper, with: { who: '${{ trigger.body.who }}' } }\n";
    let new = start(playbook(steps), &json!({}), json!({ "who": 7 }));
    let (run, kinds) = stage.start(new).await;
    assert_eq!(kinds, ["run_started", "step_failed", "run_finished"]);
    assert_eq!(reason(&run).kind, ErrorKind::Invalid);
    assert_eq!(reason(&run).message, "the inputs of sleeper do not fit: `who` must be a string, not integer");
    assert_eq!(stage.store.runs(10).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn inputs_that_cannot_be_computed_begin_nothing() {
    let stage = stage_with(Script::default(), &[SLEEPER]);
    let steps = "  - { id: called, call: sleeper, with: { who: '${{ trigger.body.nobody }}' } }\n";
    let (run, kinds) = stage.play(steps).await;
    assert_eq!(kinds, ["run_started", "step_failed", "run_finished"]);
    assert_eq!(reason(&run).kind, ErrorKind::Expression);
}

#[tokio::test(start_paused = true)]
async fn each_way_to_fail_reaches_the_caller_as_what_it_is() {
    for (steps, kind, told) in [
        ("[{ id: no, fail: on purpose }]", ErrorKind::Failed, "failing failed at `no`: on purpose (run_"),
        (
            "[{ id: no, set: { n: '${{ trigger.body.nothing }}' } }]",
            ErrorKind::Expression,
            "failing failed at `no`: `set`: ",
        ),
        (
            "[{ id: no, wait: 2h, timeout: 3h }, { id: late, action: world.mark }]",
            ErrorKind::Forbidden,
            "failing failed at `late`: ",
        ),
    ] {
        let failing = format!("name: failing\nsteps: {steps}\n");
        let script =
            Script { sends: [Outcome::Failed(failure(ErrorKind::Forbidden))].into(), ..Script::default() };
        let stage = stage_with(script, &[&failing]);
        let (run, _) = stage.play("  - { id: called, call: failing, on_error: continue }\n").await;
        assert_eq!(run.status(), RunStatus::Succeeded);
        let error = left(&run, "called")["error"].clone();
        assert_eq!(error["kind"], kind.as_str());
        assert!(error["message"].as_str().unwrap().starts_with(told), "{error}");
        assert_eq!(left(&run, "called").get("output"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn an_output_that_a_stopped_run_could_not_compute_is_missing_for_the_caller() {
    let stopping = "name: stopping
steps:
  - { id: enough, if: trigger.kind == \"call\", stop: enough }
  - { id: later, set: { n: 1 } }
outputs:
  sure: 1
  late: ${{ trigger.body.later.n }}
";
    let stage = stage_with(Script::default(), &[stopping]);
    let steps = "  - { id: called, call: stopping }
  - { id: sure, set: { n: '${{ steps.called.output.sure }}' } }
  - { id: late, set: { n: '${{ steps.called.output.late }}' } }
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(left(&run, "sure")["output"], json!({ "n": 1 }));
    assert_eq!(reason(&run).kind, ErrorKind::Expression);
    assert_eq!(run.finished().unwrap().step.as_ref().unwrap().as_str(), "late");
}

#[tokio::test(start_paused = true)]
async fn a_called_run_whose_outputs_cannot_be_computed_has_failed() {
    let broken = "name: broken\nsteps: [{ id: one, set: { n: 0 } }]\noutputs:\n  part: ${{ 1 / steps.one.output.n }}\n";
    let stage = stage_with(Script::default(), &[broken]);
    let (run, _) = stage.play("  - { id: called, call: broken }\n").await;
    assert_eq!(reason(&run).kind, ErrorKind::Expression);
    assert!(reason(&run).message.starts_with("broken failed: output `part`: "), "{}", reason(&run));
}

#[tokio::test(start_paused = true)]
async fn a_loop_calls_as_many_at_once_as_it_may() {
    let stage = stage_with(Script::default(), &[SLEEPER]);
    let steps = "  - id: sweep
    for_each: '[\"a\", \"b\", \"c\"]'
    as: name
    max: 2
    outputs: { slept: '${{ steps.called.output.slept }}' }
    steps: [{ id: called, call: sleeper, with: { who: '${{ name }}' } }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(stage.elapsed(), 7200);
    let slept = |name: &str| json!({ "item": name, "status": "succeeded", "outputs": { "slept": name } });
    assert_eq!(left(&run, "sweep")["output"], json!([slept("a"), slept("b"), slept("c")]));
    assert_eq!(stage.store.runs(10).await.unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn handlers_call_playbooks_too() {
    let stage = stage_with(Script::default(), &[SLEEPER]);
    let source = "name: staged
steps: [{ id: no, fail: broken }]
on_failure: [{ id: tell, call: sleeper, with: { who: '${{ failure.error.message }}' } }]
always: [{ id: clean, call: sleeper, with: { who: '${{ steps.tell.status }}' } }]
";
    let new = start(read(source), &json!({}), json!(null));
    let (run, kinds) = stage.start(new).await;
    assert_eq!((run.status(), reason(&run).message.as_str()), (RunStatus::Failed, "broken"));
    assert_eq!(left(&run, "tell")["output"], json!({ "slept": "broken" }));
    assert_eq!(left(&run, "clean")["output"], json!({ "slept": "succeeded" }));
    assert_eq!(kinds.iter().filter(|kind| *kind == "child_finished").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn calls_go_only_so_deep_whatever_was_believed_when_the_files_were_read() {
    // Read one by one, as a recorded run is: nobody has seen that it calls itself.
    let endless = "name: staged\nsteps: [{ id: again, call: staged }]\n";
    let stage = stage_alone(Script::default(), &[endless]);
    let run = stage.perform(endless).await;
    assert_eq!(run.status(), RunStatus::Failed);
    assert_eq!(reason(&run).kind, ErrorKind::Refused);
    assert!(
        reason(&run).message.contains("playbooks call each other at most 16 levels deep"),
        "{}",
        reason(&run)
    );
    assert_eq!(stage.store.runs(99).await.unwrap().len(), 17);
}

#[tokio::test(start_paused = true)]
async fn a_call_of_a_playbook_that_is_not_there_is_refused() {
    let stage = stage(Script::default());
    let (run, _) = stage.play("  - { id: called, call: nobody }\n").await;
    assert_eq!(reason(&run).kind, ErrorKind::Refused);
    assert_eq!(reason(&run).message, "no playbook is called `nobody`: load it together with this one");
}

#[tokio::test(start_paused = true)]
async fn a_run_does_not_begin_without_the_connections_of_what_it_calls() {
    let stage = without_connections(&[MARKER, "name: middle\nsteps: [{ call: marker }]\n"]);
    let refused = stage.executor.begin(new_run("  - { id: called, call: middle }\n")).await.unwrap_err();
    assert_eq!(refused.to_string(), "no connection is called `world`: configure one under `connections`");
    assert!(stage.store.runs(1).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_run_waits_for_what_it_called_in_one_branch_although_another_failed() {
    let stage = stage_with(marked(2), &[MARKER]);
    let steps = "  - parallel:
      - steps: [{ id: called, call: marker }]
      - steps: [{ id: no, fail: broken }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!(reason(&run).message, "broken");
    assert_eq!(left(&run, "called")["status"], "succeeded");
    assert_eq!(stage.script.heard().len(), 2);
}
