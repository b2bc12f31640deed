//! The executor against a scripted connector, in paused time: nothing sleeps, and hours pass in a moment.

// The lints that spare tests then spare their helpers too.
#![cfg(test)]

use async_trait::async_trait;
use riposte_engine::{
    CallIntended, Clock, Connector, Durable, Event, EventBody, Finding, Ledger, Note, Observer, Outcome, Run,
    RunStatus, Sighting, Standing, Store, Trigger,
};
use riposte_executor::{Connection, Connections, Executor, NewRun, Pace};
use riposte_model::{ActionName, ErrorKind, Failure, RunId, StepPath, Timestamp};
use riposte_playbook::{Playbook, load};
use riposte_simulation::{MemoryStore, catalogue};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Time as the paused runtime has it.
struct PausedClock {
    start: Instant,
}

const EPOCH: i64 = 1_800_000_000_000;

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(EPOCH).saturating_add(self.start.elapsed())
    }

    async fn sleep_until(&self, at: Timestamp) {
        // The far end of time cannot be slept until; a year is as good.
        let longest = Duration::from_secs(365 * 24 * 3600);
        tokio::time::sleep(at.since(self.now()).min(longest)).await;
    }
}

/// Answers from a script, and remembers what it was asked.
#[derive(Default)]
struct Script {
    calls: Queue<Outcome>,
    sends: Queue<Outcome>,
    sightings: Queue<Result<Sighting, Failure>>,
    standings: Queue<Result<Standing, Failure>>,
    heard: Mutex<Vec<String>>,
    /// When set, a send waits for it before it answers.
    gate: Option<Arc<Notify>>,
}

impl Script {
    fn hear(&self, what: String) {
        self.heard.lock().unwrap().push(what);
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// What is answered, in order.
struct Queue<T>(Mutex<VecDeque<T>>);

impl<T> Queue<T> {
    fn next(&self, what: &str) -> T {
        self.0.lock().unwrap().pop_front().unwrap_or_else(|| panic!("the script has no more {what}"))
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Queue(Mutex::default())
    }
}

impl<T, const N: usize> From<[T; N]> for Queue<T> {
    fn from(answers: [T; N]) -> Self {
        Queue(Mutex::new(answers.into()))
    }
}

impl<T> FromIterator<T> for Queue<T> {
    fn from_iter<I: IntoIterator<Item = T>>(answers: I) -> Self {
        Queue(Mutex::new(answers.into_iter().collect()))
    }
}

#[async_trait]
impl Connector for Script {
    async fn call(&self, action: &ActionName, _: &Map<String, Value>, _: Duration) -> Outcome {
        self.hear(format!("call {action}"));
        self.calls.next("calls")
    }

    async fn send(&self, call: Durable<CallIntended>, _: Duration) -> Outcome {
        self.hear(format!("send {} #{}", call.step, call.attempt));
        if let Some(gate) = &self.gate {
            gate.notified().await;
        }
        self.sends.next("sends")
    }

    async fn find(&self, call: &CallIntended, _: Timestamp, _: Duration) -> Result<Sighting, Failure> {
        self.hear(format!("find {} #{}", call.step, call.attempt));
        self.sightings.next("sightings")
    }

    async fn standings(&self, ids: &[String], _: Duration) -> Result<Vec<(String, Standing)>, Failure> {
        self.hear(format!("standings {}", ids.join(",")));
        self.standings
            .next("standings")
            .map(|standing| ids.iter().map(|id| (id.clone(), standing.clone())).collect())
    }
}

struct Quiet;

impl Observer for Quiet {
    fn recorded(&self, _: &Run, _: &Event) {}
    fn noted(&self, _: RunId, _: &StepPath, _: &Note) {}
}

struct Stage {
    store: Arc<MemoryStore>,
    script: Arc<Script>,
    executor: Executor,
    clock: Arc<PausedClock>,
}

fn stage(script: Script) -> Stage {
    let store = Arc::new(MemoryStore::default());
    let script = Arc::new(script);
    let clock = Arc::new(PausedClock { start: Instant::now() });
    let connection = Connection {
        description: "a script".into(),
        connector: script.clone(),
        visibility_delay: Duration::from_secs(60),
        pace: Pace { shortest: Duration::from_secs(2), longest: Duration::from_secs(60) },
    };
    let connections = Connections::new().with("world", connection);
    let executor = Executor::new(store.clone(), clock.clone(), Arc::new(Quiet), connections);
    Stage { store, script, executor, clock }
}

fn playbook(steps: &str) -> Arc<Playbook> {
    let source = format!("name: staged\nsteps:\n{steps}");
    let loaded = load("staged.yaml", &source, &catalogue());
    let report = loaded.report;
    loaded.playbook.unwrap_or_else(|| panic!("{}", report.render(riposte_playbook::Style::Plain)))
}

fn new_run(steps: &str) -> NewRun {
    let trigger = Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null };
    NewRun { playbook: playbook(steps), inputs: Map::new(), trigger }
}

impl Stage {
    async fn play(&self, steps: &str) -> (Run, Vec<String>) {
        let run = self.executor.begin(new_run(steps)).await.unwrap();
        let run = self.executor.drive(run, CancellationToken::new()).await.unwrap();
        let kinds = self.kinds(run.id()).await;
        (run, kinds)
    }

    async fn kinds(&self, run: RunId) -> Vec<String> {
        self.store.events(run).await.unwrap().iter().map(|event| event.body.kind().to_owned()).collect()
    }

    fn elapsed(&self) -> u64 {
        self.clock.start.elapsed().as_secs()
    }
}

fn failure(kind: ErrorKind) -> Failure {
    Failure::new(kind, "scripted")
}

fn accepted() -> Outcome {
    Outcome::Accepted { provider_id: "p1".into(), output: json!({}) }
}

const STRIKE: &str =
    "  - { id: strike, action: world.strike, retry: { attempts: 3, initial: 2s, jitter: none } }\n";

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
    assert_eq!(run.step_values()["strike"]["output"], json!({ "seen": 1 }));
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
async fn an_unknown_outcome_that_is_found_is_adopted_and_not_sent_again() {
    let found = Sighting::Found { provider_id: "p9".into(), output: json!({}), evidence: "seen".into() };
    let not_seen = || Sighting::NotSeen { evidence: "looked".into() };
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable))].into(),
        sightings: [Ok(not_seen()), Err(failure(ErrorKind::Unavailable)), Ok(found)].into(),
        standings: [Ok(Standing::Succeeded(json!({})))].into(),
        ..Script::default()
    });
    let (run, kinds) = stage.play(STRIKE).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        kinds,
        ["run_started", "call_intended", "outcome_unknown", "reconciled", "call_succeeded", "run_finished"]
    );
    assert_eq!(stage.script.heard().iter().filter(|line| line.starts_with("send")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn absence_is_believed_only_after_the_visibility_delay() {
    let not_seen = || Ok(Sighting::NotSeen { evidence: "looked".into() });
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable)), accepted()].into(),
        sightings: (0..20).map(|_| not_seen()).collect(),
        standings: [Ok(Standing::Succeeded(json!({})))].into(),
        ..Script::default()
    });
    let (run, kinds) = stage.play(STRIKE).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(
        kinds,
        [
            "run_started",
            "call_intended",
            "outcome_unknown",
            "reconciled",
            "call_intended",
            "call_accepted",
            "call_succeeded",
            "run_finished"
        ]
    );
    let events = stage.store.events(run.id()).await.unwrap();
    assert!(matches!(&events[3].body, EventBody::Reconciled { finding: Finding::Absent { .. }, .. }));
    assert!(events[3].at.since(events[2].at) >= Duration::from_secs(60), "a minute has passed");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_can_settle_is_left_to_a_person() {
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable))].into(),
        sightings: (0..500).map(|_| Err(failure(ErrorKind::Forbidden))).collect(),
        ..Script::default()
    });
    let (run, _) = stage.play("  - { id: strike, action: world.strike, timeout: 10m }\n").await;
    let failure = run.finished().unwrap().failure.clone().unwrap();
    assert_eq!(failure.kind, ErrorKind::UnknownOutcome);
    assert!(
        failure.message.contains("look in the provider's action log for the marker [riposte run_"),
        "{failure}"
    );
    assert_eq!(stage.elapsed(), 600);
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
async fn a_cancelled_run_first_learns_what_became_of_its_call() {
    let gate = Arc::new(Notify::new());
    let stage =
        Arc::new(stage(Script { sends: [accepted()].into(), gate: Some(gate.clone()), ..Script::default() }));
    let run = stage.executor.begin(new_run(STRIKE)).await.unwrap();
    let id = run.id();
    let cancel = CancellationToken::new();
    let drive = tokio::spawn({
        let (stage, cancel) = (stage.clone(), cancel.clone());
        async move { stage.executor.drive(run, cancel).await }
    });
    while stage.script.heard().is_empty() {
        tokio::task::yield_now().await;
    }
    cancel.cancel();
    while !stage.kinds(id).await.contains(&"cancel_requested".to_owned()) {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    let run = drive.await.unwrap().unwrap();
    assert_eq!(run.status(), RunStatus::Cancelled);
    let failure = run.finished().unwrap().failure.clone().unwrap();
    assert_eq!(failure.message, "cancelled by the operator; the provider still works on `strike` as p1");
    assert_eq!(
        stage.kinds(id).await,
        ["run_started", "call_intended", "cancel_requested", "call_accepted", "run_finished"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_process_died_is_taken_up_by_the_same_code() {
    let found = Sighting::Found { provider_id: "p1".into(), output: json!({}), evidence: "seen".into() };
    let stage = stage(Script {
        sightings: [Ok(found)].into(),
        standings: [Ok(Standing::Succeeded(json!({})))].into(),
        ..Script::default()
    });
    // The process died after the intent was written.
    let mut run = stage.executor.begin(new_run(STRIKE)).await.unwrap();
    let ledger = Ledger::new(stage.store.clone(), stage.clock.clone());
    let riposte_engine::Command::Call(call) = run.next().remove(0) else {
        panic!("a call is what comes first")
    };
    ledger.intend(&mut run, call.intent()).await.unwrap();

    let events = stage.store.events(run.id()).await.unwrap();
    let again = Run::replay(run.id(), run.playbook().clone(), &events).unwrap();
    let done = stage.executor.drive(again, CancellationToken::new()).await.unwrap();
    assert_eq!(done.status(), RunStatus::Succeeded);
    assert!(stage.script.heard().iter().all(|line| !line.starts_with("send")), "{:?}", stage.script.heard());
}

#[tokio::test(start_paused = true)]
async fn a_wait_lasts_as_long_as_it_says() {
    let stage = stage(Script::default());
    let (run, kinds) = stage.play("  - wait: 36h\n").await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(kinds, ["run_started", "timer_set", "timer_fired", "run_finished"]);
    assert_eq!(stage.elapsed(), 36 * 3600);
}

#[tokio::test(start_paused = true)]
async fn the_first_branchs_stop_tells_why_the_run_ended() {
    let stage = stage(Script::default());
    let steps = "  - parallel:\n      - steps: [{ stop: first }]\n      - steps: [{ stop: second }]\n  - fail: never reached\n";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(run.finished().unwrap().message.as_deref(), Some("first"));
}

#[tokio::test(start_paused = true)]
async fn who_waits_only_for_acceptance_does_so_after_a_doubt_too() {
    let found =
        Sighting::Found { provider_id: "p9".into(), output: json!({ "seen": 9 }), evidence: "seen".into() };
    let stage = stage(Script {
        sends: [Outcome::Unknown(failure(ErrorKind::Unavailable))].into(),
        sightings: [Ok(found)].into(),
        ..Script::default()
    });
    let (run, kinds) = stage.play("  - { id: strike, action: world.strike, await: accepted }\n").await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(kinds[3..], ["reconciled", "call_succeeded", "run_finished"]);
    assert_eq!(run.step_values()["strike"]["output"], json!({ "seen": 9 }));
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
async fn a_call_in_doubt_is_looked_for_at_least_once() {
    let found = Sighting::Found { provider_id: "p1".into(), output: json!({}), evidence: "seen".into() };
    let stage = stage(Script {
        sightings: [Ok(found)].into(),
        standings: [Ok(Standing::Succeeded(json!({})))].into(),
        ..Script::default()
    });
    let mut run = stage
        .executor
        .begin(new_run("  - { id: strike, action: world.strike, timeout: 10s }\n"))
        .await
        .unwrap();
    let ledger = Ledger::new(stage.store.clone(), stage.clock.clone());
    let riposte_engine::Command::Call(call) = run.next().remove(0) else {
        panic!("a call is what comes first")
    };
    ledger.intend(&mut run, call.intent()).await.unwrap();
    // The process was away for longer than the step's whole time.
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let done = stage.executor.drive(run, CancellationToken::new()).await.unwrap();
    assert_eq!(done.status(), RunStatus::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_stop_counts_although_a_sibling_failed_and_was_allowed_to() {
    let stage = stage(Script::default());
    let steps = "  - id: both\n    on_error: continue\n    parallel:\n      - steps: [{ stop: enough }]\n      - steps: [{ fail: broken }]\n  - fail: never reached\n";
    let (run, _) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert_eq!(run.finished().unwrap().message.as_deref(), Some("enough"));
}

#[tokio::test(start_paused = true)]
async fn no_branch_takes_its_turn_after_a_stop() {
    let stage = stage(Script::default());
    let steps = "  - max: 1\n    parallel:\n      - steps: [{ stop: enough }]\n      - steps: [{ id: strike, action: world.strike }]\n";
    let (run, kinds) = stage.play(steps).await;
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert!(!kinds.contains(&"call_intended".to_owned()), "{kinds:?}");
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
    assert_eq!(run.step_values()["strike"]["status"], "succeeded");
    assert!(run.step_values()["strike"]["output"]["left_out"].as_str().unwrap().contains("over the limit"));
    let failure = run.finished().unwrap().failure.clone().unwrap();
    assert_eq!(failure.kind, ErrorKind::Invalid);
    assert!(failure.message.ends_with("keep the part you need with `select`"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn a_run_without_its_connection_does_not_begin() {
    let store = Arc::new(MemoryStore::default());
    let clock = Arc::new(PausedClock { start: Instant::now() });
    let executor = Executor::new(store.clone(), clock, Arc::new(Quiet), Connections::new());
    let refused = executor.begin(new_run(STRIKE)).await.unwrap_err();
    assert_eq!(refused.to_string(), "no connection is called `world`: configure one under `connections`");
    assert!(store.runs(1).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn memory_passes_the_stores_contract() {
    let ids = ["run_00000000000000000000000000000001", "run_00000000000000000000000000000002"];
    let store = MemoryStore::default();
    riposte_simulation::contract::check(&store, ids.map(|id| id.parse().unwrap())).await.unwrap();
}
