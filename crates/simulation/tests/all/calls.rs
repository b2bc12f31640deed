//! Calls and what comes of them.

use crate::stage::{STRIKE, Script, accepted, failure, stage};
use riposte_engine::{Outcome, RunStatus, Standing};
use riposte_model::ErrorKind;
use serde_json::json;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn an_accepted_action_is_followed_to_its_end() {
    let open = || Ok(Standing::Open { status: "Pending".into() });
    let stage = stage(Script {
        sends: [accepted()].into(),
        standings: [
            open(),
            Err(failure(ErrorKind::Throttled)),
            open(),
            Ok(Standing::Succeeded(json!({ "seen": 1 }))),
        ]
        .into(),
        ..Script::default()
    });
    let (run, kinds) = stage.play(STRIKE).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(kinds, ["run_started", "call_intended", "call_accepted", "call_succeeded", "run_finished"]);
    assert_eq!(run.values()[1].1["strike"]["output"], json!({ "seen": 1 }));
    assert_eq!(stage.elapsed(), 8, "four questions, two seconds apart");
}

#[tokio::test(start_paused = true)]
async fn what_was_certainly_not_done_is_tried_again_after_a_pause() {
    let mut throttled = failure(ErrorKind::Throttled);
    throttled.retry_after_ms = Some(30_000);
    let stage = stage(Script {
        sends: [Outcome::Failed(throttled), Outcome::Failed(failure(ErrorKind::Unavailable)), accepted()]
            .into(),
        standings: [Ok(Standing::Succeeded(json!({})))].into(),
        ..Script::default()
    });
    let (run, _) = stage.play(STRIKE).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(&stage.script.heard()[..3], ["send strike #1", "send strike #2", "send strike #3"]);
    assert_eq!(stage.elapsed(), 30 + 4 + 2, "what the provider asked for, the second pause, one question");
}

#[tokio::test(start_paused = true)]
async fn attempts_run_out() {
    let refusals = (0..3).map(|_| Outcome::Failed(failure(ErrorKind::Unavailable))).collect();
    let stage = stage(Script { sends: refusals, ..Script::default() });
    let (run, _) = stage.play(STRIKE).await;
    assert_eq!(run.status(), RunStatus::Failed);
    assert_eq!(run.finished().unwrap().failure.as_ref().unwrap().kind, ErrorKind::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_help_is_not_tried_again() {
    let stage =
        stage(Script { sends: [Outcome::Failed(failure(ErrorKind::Forbidden))].into(), ..Script::default() });
    let (run, _) = stage.play(STRIKE).await;
    assert_eq!(run.status(), RunStatus::Failed);
    assert_eq!(stage.script.heard(), ["send strike #1"]);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_takes_too_long_names_the_providers_last_word() {
    let stage = stage(Script {
        sends: [accepted()].into(),
        standings: (0..500).map(|_| Ok(Standing::Open { status: "Pending".into() })).collect(),
        ..Script::default()
    });
    let (run, _) = stage.play("  - { id: strike, action: world.strike, timeout: 30m }\n").await;
    let failure = run.finished().unwrap().failure.clone().unwrap();
    assert_eq!(failure.kind, ErrorKind::Timeout);
    assert!(failure.message.ends_with("action p1 had not ended, last seen as Pending"), "{failure}");
    assert_eq!(stage.elapsed(), 1800);
    assert!(stage.script.heard().len() <= 60, "questions grow rare: {}", stage.script.heard().len());
}

#[tokio::test(start_paused = true)]
async fn a_thousand_pending_actions_cost_few_questions() {
    let taken = |number: u32| Outcome::Accepted { provider_id: format!("p{number}"), output: json!({}) };
    let open = || Ok(Standing::Open { status: "Pending".into() });
    let stage = stage(Script {
        sends: (0..1000).map(taken).collect(),
        standings: (0..10_000).map(|_| open()).collect(),
        ..Script::default()
    });
    let steps = "  - id: all
    for_each: lists.range(1000)
    as: number
    max: 1000
    on_item_error: continue
    timeout: 10m
    steps: [{ id: strike, action: world.strike }]
";
    let (run, _) = stage.play(steps).await;
    assert_eq!((run.status(), stage.elapsed()), (RunStatus::Succeeded, 600));
    let mut asked: Vec<String> =
        stage.script.heard().into_iter().filter(|heard| heard.starts_with("standings")).collect();
    // When its time is over each is asked after once more, by itself.
    asked.retain(|ids| ids.contains(','));
    // 15 at once and 15 a minute, each for a hundred: nobody waits longer than some forty seconds.
    assert!((120..=165).contains(&asked.len()), "{}", asked.len());
    for number in 0..1000 {
        let id = format!("p{number}");
        let asked_after =
            asked.iter().filter(|ids| ids["standings ".len()..].split(',').any(|one| one == id));
        assert!(asked_after.count() >= 10, "{id} was forgotten");
    }
}

#[tokio::test(start_paused = true)]
async fn reads_are_repeated_after_any_lost_answer() {
    let stage = stage(Script {
        calls: [Outcome::Unknown(failure(ErrorKind::Unavailable)), Outcome::Done(json!({ "seen": 3 }))]
            .into(),
        ..Script::default()
    });
    let (run, kinds) = stage.play("  - { id: look, action: world.look }\n").await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(kinds, ["run_started", "call_failed", "call_succeeded", "run_finished"]);
}

#[tokio::test(start_paused = true)]
async fn pending_actions_are_asked_after_together() {
    let steps = "  - parallel:\n      - steps: [{ id: a, action: world.strike }]\n      - steps: [{ id: b, action: world.strike }]\n";
    let other = Outcome::Accepted { provider_id: "p2".into(), output: json!({}) };
    let stage = stage(Script {
        sends: [accepted(), other].into(),
        standings: [Ok(Standing::Succeeded(json!({})))].into(),
        ..Script::default()
    });
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(stage.script.heard().last().unwrap(), "standings p1,p2");
}

#[tokio::test(start_paused = true)]
async fn an_action_that_ended_since_the_last_question_has_not_timed_out() {
    let open = || Ok(Standing::Open { status: "Pending".into() });
    // Asked after at 2 s and at 4 s; the step's time is over at 5 s.
    let stage = stage(Script {
        sends: [accepted()].into(),
        standings: [open(), open(), Ok(Standing::Succeeded(json!({})))].into(),
        ..Script::default()
    });
    let (run, _) = stage.play("  - { id: strike, action: world.strike, timeout: 5s }\n").await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(stage.elapsed(), 5);
}

#[tokio::test(start_paused = true)]
async fn what_was_done_is_not_a_failure_because_much_was_said_of_it() {
    let large = json!({ "text": "x".repeat(2 << 20) });
    let stage = stage(Script {
        calls: [Outcome::Done(large.clone())].into(),
        sends: [accepted()].into(),
        standings: [Ok(Standing::Succeeded(large))].into(),
        ..Script::default()
    });
    let (run, _) =
        stage.play("  - { id: strike, action: world.strike }\n  - { id: look, action: world.look }\n").await;
    assert_eq!(run.values()[1].1["strike"]["status"], "succeeded");
    assert!(run.values()[1].1["strike"]["output"]["left_out"].as_str().unwrap().contains("over the limit"));
    let failure = run.finished().unwrap().failure.clone().unwrap();
    assert_eq!(failure.kind, ErrorKind::Invalid);
    assert!(failure.message.ends_with("keep the part you need with `select`"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_has_a_minute_and_a_file_all_the_time_of_its_step() {
    let stage =
        stage(Script { calls: (0..3).map(|_| Outcome::Done(json!({}))).collect(), ..Script::default() });
    let steps = "  - { id: look, action: world.look }\n  - { id: fetch, action: world.fetch }\n  - { id: brief, action: world.fetch, timeout: 7s }\n";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(*stage.script.budgets.lock().unwrap(), [60, 3600, 7].map(Duration::from_secs));
}
