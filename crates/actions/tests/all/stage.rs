//! A tenant to act on, and everything that carries a playbook out against it.

use riposte_actions::{DefenderConnector, Downloads, catalogue};
use riposte_defender::{Budget, Client, Cloud, Connection as DefenderConnection, Credential};
use riposte_engine::{Event, EventBody, Note, Observer, Run, RunStarted, RunStatus, Store, Trigger};
use riposte_executor::{Connection, Connections, Executor, Library, NewRun, Pace, SystemClock};
use riposte_model::{Catalogue, Failure, RunId, StepPath, Timestamp};
use riposte_playbook::load;
use riposte_simulation::MemoryStore;
use riposte_tenant::{Config, EffectKind, Tenant};
use serde_json::{Map, Value};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Made once: a test of everything plays thousands of steps.
pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(catalogue);

/// The first device of every simulated tenant.
pub(crate) const DEVICE: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";

pub(crate) struct Stage {
    pub(crate) tenant: Tenant,
    pub(crate) connector: Arc<DefenderConnector>,
    /// The data directory.
    pub(crate) data: TempDir,
    executor: Executor,
    store: Arc<MemoryStore>,
    impatient: Arc<Impatient>,
}

/// Most bytes of a download.
pub(crate) const LIMIT: u64 = 1 << 20;

/// Cancels its run as soon as Defender has accepted something for it.
#[derive(Default)]
struct Impatient(Mutex<Option<CancellationToken>>);

impl Observer for Impatient {
    fn begun(&self, _: RunId, _: &RunStarted, _: Timestamp) {}
    fn recorded(&self, _: &Run, event: &Event) {
        if let (EventBody::CallAccepted { .. }, Some(token)) = (&event.body, &*self.0.lock().unwrap()) {
            token.cancel();
        }
    }

    fn noted(&self, _: RunId, _: &StepPath, _: &Note) {}
}

impl Stage {
    /// A tenant whose actions end at the second look, with these faults waiting.
    pub(crate) async fn new(faults: &[&str]) -> Stage {
        Stage::with(|config| config.faults = faults.iter().map(|fault| fault.parse().unwrap()).collect())
            .await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Stage {
        let mut config =
            Config { pace: riposte_tenant::Pace::instant(), rate_limits: false, ..Config::default() };
        change(&mut config);
        let credential = Credential::ClientSecret {
            client_id: config.client_id.clone(),
            secret: config.client_secret.clone().into(),
        };
        let (tenant_id, limited) = (config.tenant_id.clone(), config.rate_limits);
        let tenant = Tenant::start(([127, 0, 0, 1], 0).into(), config).await.unwrap();
        let cloud = Cloud::Custom { endpoint: tenant.url(), authority: tenant.url() };
        // The tenant has no limits either, unless a test wants some.
        let budget = if limited { Budget::documented() } else { Budget::unlimited() };
        let connection =
            DefenderConnection { budget, ..DefenderConnection::new(cloud, tenant_id, credential) };
        let client = Client::new(connection).unwrap();
        let data = tempfile::tempdir().unwrap();
        let downloads = Downloads { data_dir: data.path().to_owned(), limit: LIMIT };
        let connector = Arc::new(DefenderConnector::new(client, downloads));
        let (store, impatient) = (Arc::new(MemoryStore::default()), Arc::new(Impatient::default()));
        let connection = Connection {
            description: "a simulated tenant".into(),
            connector: connector.clone(),
            visibility_delay: Duration::from_millis(50),
            pace: Pace { shortest: Duration::from_millis(20), longest: Duration::from_secs(1) },
        };
        let executor = Executor::new(
            store.clone(),
            Arc::new(SystemClock),
            impatient.clone(),
            Connections::new().with("defender", connection),
            Library::default(),
        );
        Stage { tenant, connector, data, executor, store, impatient }
    }

    /// Runs these steps to their end. What a step was answered fits what the catalogue says of it.
    pub(crate) async fn play(&self, steps: &str) -> Run {
        self.play_until(steps, CancellationToken::new()).await
    }

    /// Runs these steps, and cancels as soon as Defender has accepted something. Gives the run, and what was recorded after
    /// the cancellation.
    pub(crate) async fn play_and_cancel(&self, steps: &str) -> (Run, Vec<EventBody>) {
        let cancel = CancellationToken::new();
        *self.impatient.0.lock().unwrap() = Some(cancel.clone());
        let run = self.play_until(steps, cancel).await;
        assert_eq!(run.status(), RunStatus::Cancelled, "{:?}", run.finished());
        let events = self.store.events(run.id()).await.unwrap().into_iter().map(|event| event.body);
        let after = events.skip_while(|body| !matches!(body, EventBody::CancelRequested { .. })).skip(1);
        (run, after.collect())
    }

    async fn play_until(&self, steps: &str, cancel: CancellationToken) -> Run {
        let source = format!("name: staged\nsteps:\n{steps}");
        let loaded = load("staged.yaml", &source, &CATALOGUE);
        let report = loaded.report;
        let playbook =
            loaded.playbook.unwrap_or_else(|| panic!("{}", report.render(riposte_playbook::Style::Plain)));
        let trigger = Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null.into() };
        let new = NewRun { playbook: playbook.clone(), inputs: Map::new(), trigger };
        let run = self.executor.begin(new).await.unwrap();
        let run = self.executor.drive(run, cancel).await.unwrap();
        for (step, action) in playbook.actions() {
            let output = &run.values()[1].1[&step.id]["output"];
            if !output.is_null() && action.select.is_none() {
                let mut violations = action.spec.output.violations(output);
                // What others add is no mistake.
                violations.retain(|violation| violation.message != "is not known here");
                assert!(violations.is_empty(), "{}: {violations:?} in {output}", action.spec.name);
            }
        }
        run
    }

    /// Runs these steps and gives the output of the last, which is called `last`.
    pub(crate) async fn output(&self, steps: &str) -> Value {
        let run = self.play(steps).await;
        assert_eq!(run.status(), RunStatus::Succeeded, "{:?}", run.finished());
        run.values()[1].1["last"]["output"].clone()
    }

    /// Runs these steps and gives what failed.
    pub(crate) async fn failure(&self, steps: &str) -> Failure {
        let run = self.play(steps).await;
        assert_eq!(run.status(), RunStatus::Failed, "{:?}", run.finished());
        run.finished().unwrap().failure.clone().unwrap()
    }

    /// How often a kind of action was really requested.
    pub(crate) fn count(&self, kind: EffectKind) -> usize {
        self.tenant.effects().iter().filter(|effect| effect.kind == kind).count()
    }

    /// How many requests a fault struck.
    pub(crate) fn struck(&self) -> usize {
        self.tenant.log().iter().filter(|entry| entry.fault.is_some()).count()
    }
}
