//! Runs of playbooks made from seeds, which fail, are retried, die on the way, and are taken up: what the provider was asked
//! to do is compared with what the record says.

use crate::stage::{PausedClock, executor};
use async_trait::async_trait;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use riposte_engine::{
    CallIntended, Clock, Connector, Durable, Marker, Outcome, Run, RunStatus, Sighting, Standing, StepState,
    StepStatus, Store, Turn, Withdrawal,
};
use riposte_executor::{Connection, Connections, Executor, NewRun, Pace, RetryError};
use riposte_model::{ActionName, Effect, ErrorKind, Failure, PlaybookName, RunId, StepPath, Timestamp};
use riposte_playbook::{Await, StepKind};
use riposte_simulation::{MemoryStore, generated};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const SEEDS: u64 = 200;

/// Retries of one run.
const RETRIES: u32 = 6;

/// One thing that was really done.
#[derive(Clone, Debug)]
struct Strike {
    marker: String,
    /// What the markers of its step's attempts share.
    step: String,
    visible_at: Timestamp,
    ends_at: Timestamp,
    well: bool,
}

const UNDER_WAY: &str = "is sent while an earlier attempt is under way";

fn is_handler(step: &StepPath) -> bool {
    step.as_str().split('.').any(|part| part == "on_failure" || part == "always")
}

/// A provider that remembers what it has done, and notes what it should not have been asked.
struct Provider {
    clock: Arc<PausedClock>,
    random: Mutex<ChaCha8Rng>,
    strikes: Mutex<Vec<Strike>>,
    violations: Mutex<Vec<(CallIntended, &'static str)>>,
}

impl Provider {
    fn draw(&self, below: u32) -> u32 {
        self.random.lock().unwrap().random_range(0..below)
    }

    fn strike(&self, call: &CallIntended, lasts: Duration) -> String {
        let (now, marker) = (self.clock.now(), call.marker.as_str().to_owned());
        let step = call.marker.of_any_attempt().to_owned();
        let mut strikes = self.strikes.lock().unwrap();
        let is_handler = is_handler(&call.step);
        for earlier in strikes.iter().filter(|strike| strike.step == step) {
            let wrong = match earlier {
                same if same.marker == marker => "has a marker that was used before",
                open if open.ends_at > now => UNDER_WAY,
                well if well.well && !is_handler => "is sent although it was done",
                _ => continue,
            };
            self.violations.lock().unwrap().push((call.clone(), wrong));
        }
        let visible_at = now.saturating_add(Duration::from_millis(self.draw(20_000).into()));
        let well = lasts.is_zero() || self.draw(4) != 0;
        strikes.push(Strike { marker, step, visible_at, ends_at: now.saturating_add(lasts), well });
        (strikes.len() - 1).to_string()
    }

    fn standing(&self, id: &str) -> Standing {
        let strikes = self.strikes.lock().unwrap();
        match id.parse::<usize>().ok().and_then(|at| strikes.get(at)) {
            Some(one) if one.ends_at > self.clock.now() => Standing::Open { status: "Pending".into() },
            Some(one) if one.well => Standing::Succeeded(json!({})),
            _ => Standing::Failed(Failure::new(ErrorKind::ProviderFailed, "seeded")),
        }
    }
}

#[async_trait]
impl Connector for Provider {
    async fn turn(&self, _: &ActionName, _: &PlaybookName) -> Turn {
        Turn::free()
    }

    async fn call(&self, _: &ActionName, _: &Map<String, Value>, _: Turn, _: Duration) -> Outcome {
        match self.draw(4) {
            0 => Outcome::Failed(Failure::new(ErrorKind::NotFound, "seeded")),
            1 => Outcome::Unknown(Failure::new(ErrorKind::Unavailable, "seeded")),
            _ => Outcome::Done(json!({ "seen": 1 })),
        }
    }

    async fn send(&self, call: Durable<CallIntended>, _: Turn, _: Duration) -> Outcome {
        let failure = |kind| Failure::new(kind, "seeded");
        let is_followed = call.action.as_str() == "world.strike";
        let lasts = Duration::from_millis(if is_followed { self.draw(400_000).into() } else { 0 });
        let outcome = match self.draw(10) {
            0 => Outcome::Unknown(failure(ErrorKind::Unavailable)),
            1 | 2 => Outcome::Failed(failure(ErrorKind::Invalid)),
            3 => Outcome::Failed(failure(ErrorKind::Throttled)),
            number => {
                let provider_id = self.strike(&call, lasts);
                match number {
                    4 | 5 => Outcome::Unknown(failure(ErrorKind::Unavailable)),
                    _ if is_followed => Outcome::Accepted { provider_id, output: json!({}) },
                    _ => Outcome::Done(json!({})),
                }
            }
        };
        // Who dies meanwhile does not know what was done.
        tokio::time::sleep(Duration::from_secs(2)).await;
        outcome
    }

    async fn find(&self, call: &CallIntended, _: Timestamp, _: Duration) -> Result<Sighting, Failure> {
        if call.action.as_str() == "world.tell" {
            return Ok(Sighting::CannotTell { hint: "seeded".into() });
        }
        let (now, evidence) = (self.clock.now(), "seeded".to_owned());
        let strikes = self.strikes.lock().unwrap();
        // The oldest first: what is known of it must keep it from being taken for this one.
        let seen = strikes.iter().position(|one| one.visible_at <= now && call.is_marked(&one.marker));
        Ok(match seen {
            Some(at) => Sighting::Found { provider_id: at.to_string(), output: json!({}), evidence },
            None => Sighting::NotSeen { evidence },
        })
    }

    async fn standings(&self, ids: &[String], _: Duration) -> Result<Vec<(String, Standing)>, Failure> {
        Ok(ids.iter().map(|id| (id.clone(), self.standing(id))).collect())
    }

    async fn withdraw(&self, id: &str, _: &Marker, _: &str, _: Duration) -> Withdrawal {
        match self.standing(id) {
            Standing::Open { .. } if self.draw(2) == 0 => {
                Withdrawal::Failed(Failure::new(ErrorKind::Refused, "seeded"))
            }
            Standing::Open { .. } => {
                let at: usize = id.parse().unwrap();
                let mut strikes = self.strikes.lock().unwrap();
                strikes[at] = Strike { ends_at: self.clock.now(), well: false, ..strikes[at].clone() };
                Withdrawal::Done { evidence: "seeded".into() }
            }
            end => Withdrawal::Ended(end),
        }
    }
}

/// What many lives were like.
#[derive(Debug, Default)]
struct Sum {
    retries: u32,
    deaths: u32,
    mended: u32,
    taken_up: usize,
    called: usize,
}

/// One playbook, until it succeeds or nothing can be repeated.
async fn live(seed: u64, sum: &mut Sum) -> Vec<String> {
    let (playbook, callable) = generated(seed);
    let (store, clock) = (Arc::new(MemoryStore::default()), Arc::new(PausedClock::new()));
    let provider = Arc::new(Provider {
        clock: clock.clone(),
        random: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
        strikes: Mutex::default(),
        violations: Mutex::default(),
    });
    let connection = Connection {
        description: "a seeded provider".into(),
        connector: provider.clone(),
        visibility_delay: Duration::from_secs(60),
        pace: Pace { shortest: Duration::from_secs(2), longest: Duration::from_secs(60) },
    };
    let connections = Connections::new().with("world", connection);
    let process = || executor(store.clone(), clock.clone(), connections.clone(), callable.clone());
    let everyone: Vec<_> = callable.iter().chain([&playbook]).cloned().collect();
    let trigger =
        riposte_engine::Trigger { kind: "manual".into(), name: "seeded".into(), body: Value::Null.into() };
    let inputs = playbook.inputs.accept(Map::new()).unwrap();
    let run = process().begin(NewRun { playbook, inputs, trigger }).await.unwrap();
    let mut run = to_its_end(&process, run, &provider, sum).await;
    for _ in 0..RETRIES {
        if run.status() != RunStatus::Failed {
            break;
        }
        match process().retry(run.id(), "somebody").await {
            Ok(recorded) => {
                sum.retries += 1;
                sum.called += recorded.called.len();
                run = to_its_end(&process, recorded.run, &provider, sum).await;
                sum.mended += u32::from(run.status() == RunStatus::Succeeded);
            }
            Err(RetryError::NothingFailed(_)) => break,
            Err(error) => return vec![format!("not retried: {error}")],
        }
    }
    let violations = provider.violations.lock().unwrap().clone();
    let mut wrong = Vec::new();
    for one in store.runs(1000).await.unwrap() {
        let events = store.events(one.id).await.unwrap();
        sum.taken_up += events.iter().filter(|event| event.body.kind() == "step_taken_up").count();
        let of = everyone.iter().find(|playbook| playbook.name == one.playbook).unwrap();
        let run = Run::replay(one.id, of.clone(), &events).unwrap();
        wrong.extend(judge(&run, &provider));
        for (call, what) in &violations {
            if call.marker == Marker::new(one.id, &call.step, call.attempt) && !may(&run, &call.step, what) {
                wrong.push(format!("{} {what}", call.marker));
            }
        }
        if one.status == RunStatus::Running {
            wrong.push(format!("{} is not over", one.id));
        }
    }
    wrong
}

/// Drives a run, and lets the process die on the way now and then.
async fn to_its_end(process: &impl Fn() -> Executor, run: Run, provider: &Provider, sum: &mut Sum) -> Run {
    let (id, mut run) = (run.id(), run);
    for _ in 0..3 {
        if provider.draw(3) != 0 {
            break;
        }
        let (here, patience) = (process(), Duration::from_millis(provider.draw(60_000).into()));
        let drive = here.drive(run, CancellationToken::new());
        match tokio::time::timeout(patience, drive).await {
            Ok(ended) => return checked(process, ended.unwrap()).await,
            Err(_) => sum.deaths += 1,
        }
        run = process().take(id).await.unwrap().run;
    }
    let ended = process().drive(run, CancellationToken::new()).await.unwrap();
    checked(process, ended).await
}

/// A run that is the fold of its events.
async fn checked(process: &impl Fn() -> Executor, run: Run) -> Run {
    let replayed = process().recorded(run.id()).await.unwrap().run;
    let shown = |run: &Run| run.steps().map(|step| format!("{step:?}")).collect::<Vec<_>>();
    assert_eq!(shown(&replayed), shown(&run), "the live state is the fold of the journal");
    assert_eq!(replayed.reopening(), run.reopening());
    run
}

/// What the record says of steps against what was done.
fn judge(run: &Run, provider: &Provider) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut well: BTreeMap<String, usize> = BTreeMap::new();
    for strike in provider.strikes.lock().unwrap().iter().filter(|strike| strike.well) {
        *well.entry(strike.step.clone()).or_default() += 1;
    }
    for (step, record) in run.steps() {
        let Some(StepKind::Action(action)) = run.step(step).map(|step| &step.kind) else { continue };
        let done = well.get(shared(run.id(), step).as_str()).copied().unwrap_or(0);
        let succeeded = matches!(record.state, StepState::Ended { status: StepStatus::Succeeded, .. });
        if action.spec.effect == Effect::Once && action.until == Await::Completed && succeeded && done == 0 {
            wrong.push(format!("step `{step}` is recorded as succeeded, and was not done"));
        }
    }
    wrong
}

/// A handler that begins something and does not wait for its end may begin it again, whatever became of it.
fn may(run: &Run, step: &StepPath, what: &str) -> bool {
    let until = run.step(step).map(|step| &step.kind);
    is_handler(step)
        && what == UNDER_WAY
        && matches!(until, Some(StepKind::Action(action)) if action.until == Await::Accepted)
}

fn shared(run: RunId, step: &StepPath) -> String {
    Marker::new(run, step, 1).of_any_attempt().to_owned()
}

async fn lives(seeds: u64) -> Sum {
    let mut sum = Sum::default();
    for seed in 0..seeds {
        let wrong = live(seed, &mut sum).await;
        assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
    }
    sum
}

#[tokio::test(start_paused = true)]
async fn no_retry_repeats_what_was_done_or_is_under_way() {
    let sum = lives(SEEDS).await;
    // A world in which nothing fails would prove nothing.
    assert!(sum.retries > 50 && sum.mended > 10 && sum.deaths > 20, "{sum:?}");
    assert!(sum.taken_up > 0 && sum.called > 5, "{sum:?}");
}

/// As many as somebody has time for: `SEEDS=20000 cargo test --release -p riposte-simulation -- --ignored --nocapture`.
#[tokio::test(start_paused = true)]
#[ignore = "takes minutes"]
#[expect(clippy::disallowed_methods, reason = "who runs it says how long it may take")]
async fn no_retry_repeats_anything_however_many_there_are() {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(20 * SEEDS);
    let sum = lives(seeds).await;
    #[expect(clippy::print_stdout, reason = "these figures are what it is run for")]
    {
        println!("{seeds} seeds: {sum:?}");
    }
}
