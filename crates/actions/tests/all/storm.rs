//! A storm: a thousand devices are isolated, and all of it stays under the limits that Defender documents.

use async_trait::async_trait;
use riposte_actions::catalogue;
use riposte_defender::{Budget, Class, Rank, Turn as Place};
use riposte_engine::{
    CallIntended, Clock, Connector, Durable, Event, Note, Observer, Outcome, Run, RunStarted, RunStatus,
    Sighting, Standing, Trigger, Turn,
};
use riposte_executor::{Connection, Connections, Executor, Library, NewRun, Pace};
use riposte_model::{ActionName, ErrorKind, Failure, PlaybookName, RunId, StepPath, Timestamp};
use riposte_playbook::load;
use riposte_simulation::MemoryStore;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Defender as the limits see it: when each request came. It takes everything and ends nothing.
struct Gateway {
    budget: Budget,
    begun: Instant,
    requests: Mutex<Vec<(Duration, &'static str)>>,
}

impl Gateway {
    fn request(&self, place: Place, what: &'static str) {
        place.spend();
        self.requests.lock().unwrap().push((self.begun.elapsed(), what));
    }

    fn count(&self, what: &str) -> usize {
        self.requests.lock().unwrap().iter().filter(|(_, one)| *one == what).count()
    }

    /// Most requests in any stretch of this length.
    fn most_in(&self, length: Duration) -> usize {
        let requests = self.requests.lock().unwrap();
        let within =
            |from: Duration| requests.iter().filter(|(at, _)| *at >= from && *at < from + length).count();
        requests.iter().map(|(from, _)| within(*from)).max().unwrap_or(0)
    }
}

#[async_trait]
impl Connector for Gateway {
    async fn turn(&self, _: &ActionName, _: &PlaybookName) -> Turn {
        Turn::of(self.budget.turn(Class::General, Rank::First).await)
    }

    async fn call(&self, _: &ActionName, _: &Map<String, Value>, _: Turn, _: Duration) -> Outcome {
        Outcome::Failed(Failure::new(ErrorKind::Refused, "nobody asks"))
    }

    async fn send(&self, call: Durable<CallIntended>, turn: Turn, _: Duration) -> Outcome {
        self.request(turn.into_place().unwrap(), "send");
        Outcome::Accepted { provider_id: call.marker.to_string(), output: json!({}) }
    }

    async fn find(&self, _: &CallIntended, _: Timestamp, _: Duration) -> Result<Sighting, Failure> {
        Err(Failure::new(ErrorKind::Refused, "nobody is in doubt"))
    }

    async fn standings(&self, ids: &[String], budget: Duration) -> Result<Vec<(String, Standing)>, Failure> {
        let turn = tokio::time::timeout(budget, self.budget.turn(Class::General, Rank::Watch)).await;
        self.request(turn.map_err(|_| Failure::new(ErrorKind::Throttled, "no room"))?, "look");
        let open = |id: &String| (id.clone(), Standing::Open { status: "Pending".to_owned() });
        Ok(ids.iter().map(open).collect())
    }
}

struct PausedClock(Instant);

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000).saturating_add(self.0.elapsed())
    }

    async fn sleep_until(&self, at: Timestamp) {
        let year = Duration::from_secs(365 * 24 * 3600);
        tokio::time::sleep(at.since(self.now()).min(year)).await;
    }
}

struct Quiet;

impl Observer for Quiet {
    fn begun(&self, _: RunId, _: &RunStarted, _: Timestamp) {}
    fn recorded(&self, _: &Run, _: &Event) {}
    fn noted(&self, _: RunId, _: &StepPath, _: &Note) {}
}

const STORM: &str = "name: storm
inputs: { device: { type: string } }
steps:
  - id: isolate
    action: defender.isolate_machine
    with: { machine_id: \"${{ inputs.device }}\", comment: a storm }
    timeout: 15m
";

#[tokio::test(start_paused = true)]
async fn a_thousand_isolations_stay_under_the_documented_limits() {
    let begun = Instant::now();
    let gateway = Arc::new(Gateway { budget: Budget::documented(), begun, requests: Mutex::default() });
    let connection = Connection {
        description: "a gateway".into(),
        connector: gateway.clone(),
        visibility_delay: Duration::from_secs(60),
        pace: Pace::default(),
    };
    let executor = Arc::new(Executor::new(
        Arc::new(MemoryStore::default()),
        Arc::new(PausedClock(begun)),
        Arc::new(Quiet),
        Connections::new().with("defender", connection),
        Library::default(),
    ));
    let playbook = load("storm.yaml", STORM, &catalogue()).playbook.unwrap();
    let mut drives = JoinSet::new();
    for number in 0..1000 {
        let trigger = Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null.into() };
        let inputs = Map::from_iter([("device".to_owned(), format!("{number:040x}").into())]);
        let new = NewRun { playbook: playbook.clone(), inputs, trigger };
        let (run, executor) = (executor.begin(new).await.unwrap(), executor.clone());
        drives.spawn(async move { executor.drive(run, CancellationToken::new()).await.unwrap().status() });
    }
    assert!(drives.join_all().await.iter().all(|status| *status == RunStatus::Failed), "none has ended");
    // A step's time begins when its call leaves.
    assert!(begun.elapsed().as_secs() > 900 + 600, "{:?}", begun.elapsed());
    assert_eq!(gateway.count("send"), 1000, "all were sent, and none twice");
    assert_eq!(gateway.most_in(Duration::from_secs(60)), 100);
    let ten_minutes = |what| {
        let requests = gateway.requests.lock().unwrap();
        requests.iter().filter(|(at, one)| at.as_secs() < 600 && *one == what).count()
    };
    let (sent, looked) = (ten_minutes("send"), ten_minutes("look"));
    assert!((690..=740).contains(&sent), "{sent} sent in ten minutes");
    assert!((140..=170).contains(&looked), "{looked} looks in ten minutes");
}
