//! A tenant and the connector to it.

use riposte_actions::{DefenderConnector, Downloads};
use riposte_defender::{Client, Cloud, Connection, Credential};
use riposte_engine::{Connector as _, Outcome};
use riposte_model::{ActionName, ErrorKind, PlaybookName};
use riposte_tenant::{Config, Pace, Tenant};
use serde_json::Value;
use std::time::Duration;

/// The first device of every tenant.
pub(crate) const DEVICE: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
/// The first alert of every tenant.
pub(crate) const ALERT: &str = "da637472900382838869_1364969609";

/// Long enough for a busy machine; no test waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) tenant: Tenant,
    connector: DefenderConnector,
    _data: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> World {
        World::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> World {
        let config = Config { pace: Pace::instant(), rate_limits: false, ..config };
        let (tenant_id, client_id) = (config.tenant_id.clone(), config.client_id.clone());
        let secret = config.client_secret.clone().into();
        let tenant = Tenant::start(([127, 0, 0, 1], 0).into(), config).await.unwrap();
        let cloud = Cloud::Custom { endpoint: tenant.url(), authority: tenant.url() };
        let credential = Credential::ClientSecret { client_id, secret };
        let client = Client::new(Connection::new(cloud, tenant_id, credential)).unwrap();
        let data = tempfile::tempdir().unwrap();
        let downloads = Downloads { data_dir: data.path().to_owned(), limit: 1 << 20 };
        World { tenant, connector: DefenderConnector::new(client, downloads), _data: data }
    }

    pub(crate) fn inject(&self, fault: &str) {
        self.tenant.inject(fault.parse().unwrap());
    }

    pub(crate) async fn call(&self, action: &str, arguments: &Value) -> Outcome {
        let name = ActionName::parse(&format!("defender.{action}")).unwrap();
        let catalogue = riposte_actions::catalogue();
        let spec = catalogue.get(name.as_str()).unwrap();
        assert_eq!(spec.arguments.violations(arguments), [], "{action}");
        let mut arguments = arguments.as_object().unwrap().clone();
        spec.arguments.fill_in_defaults(&mut arguments);
        let turn = self.connector.turn(&name, &PlaybookName::parse("test").unwrap()).await;
        self.connector.call(&name, &arguments, turn, PATIENCE).await
    }

    /// The output, which fits what the catalogue says of it. What others add is no mistake.
    pub(crate) async fn done(&self, action: &str, arguments: Value) -> Value {
        let output = match self.call(action, &arguments).await {
            Outcome::Done(output) => output,
            other => panic!("{action}: {other:?}"),
        };
        let catalogue = riposte_actions::catalogue();
        let violations = catalogue.get(&format!("defender.{action}")).unwrap().output.violations(&output);
        let mistakes: Vec<_> =
            violations.iter().filter(|violation| violation.message != "is not known here").collect();
        assert!(mistakes.is_empty(), "{action}: {mistakes:?}");
        output
    }

    pub(crate) async fn failed(&self, action: &str, arguments: Value) -> ErrorKind {
        match self.call(action, &arguments).await {
            Outcome::Failed(failure) => failure.kind,
            other => panic!("{action}: {other:?}"),
        }
    }

    /// What was really changed, in order.
    pub(crate) fn did(&self) -> Vec<String> {
        self.tenant.effects().iter().map(|effect| effect.kind.to_string()).collect()
    }
}
