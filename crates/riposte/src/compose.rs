//! The only place that knows everyone: ports and the adapters that fill them.

use crate::exit::usage;
use crate::render::live::Live;
use anyhow::{Context, Result};
use riposte_actions::{
    DefenderConnector, Downloads, HttpAuth, HttpConnector, HttpSettings, NothingOutside, SecretPlace,
    catalogue,
};
use riposte_defender::{
    Budget, Client, ClientCertificate, Cloud, Connection as DefenderConnection, Credential, Meter, Unmetered,
};
use riposte_engine::{Clock, Connector, Observer, RunStarted, Store};
use riposte_executor::{Connection, Connections, Executor, Library, Pace, SystemClock};
use riposte_journal::Journal;
use riposte_playbook::Playbook;
use riposte_server::config::{
    AuthConfig, CloudChoice, Config, ConnectionConfig, DefenderConfig, HttpAuthConfig, HttpConfig,
    RateLimits, SecretPlaceConfig, SecretSource,
};
use secrecy::ExposeSecret as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Name of the journal in its folder.
pub(crate) const JOURNAL: &str = "journal.db";

/// Name of the socket at which a daemon takes commands.
pub(crate) const SOCKET: &str = "riposte.sock";

/// What the record of a simulated run says of its tenant first, and of the world outside.
const SIMULATED: &str = "simulated tenant";
const NOBODY: &str = "nobody: this is a simulated run";

/// Whether a run was begun on a tenant that lived as long as its process.
pub(crate) fn was_simulated(started: &RunStarted) -> bool {
    started.connections.values().filter_map(serde_json::Value::as_str).any(is_simulated)
}

/// Whether a record's description of a connection is of one that lived as long as its process.
pub(crate) fn is_simulated(description: &str) -> bool {
    description.starts_with(SIMULATED) || description == NOBODY
}

/// Everything that runs need, wired.
pub(crate) struct Station {
    pub(crate) journal: Arc<Journal>,
    pub(crate) live: Arc<Live>,
    pub(crate) executor: Executor,
}

impl Station {
    /// Over an open journal. `callable` are the playbooks that others may call.
    pub(crate) fn over(journal: Journal, connections: Connections, callable: Vec<Arc<Playbook>>) -> Self {
        Station::wired(journal, connections, callable, Executor::new)
    }

    /// The same for a dry run, which waits for nothing.
    pub(crate) fn rehearsing(
        journal: Journal,
        connections: Connections,
        callable: Vec<Arc<Playbook>>,
    ) -> Self {
        Station::wired(journal, connections, callable, Executor::rehearsing)
    }

    fn wired(
        journal: Journal,
        connections: Connections,
        callable: Vec<Arc<Playbook>>,
        executor: MakeExecutor,
    ) -> Self {
        let (journal, live) = (Arc::new(journal), Live::new());
        let library = Library { playbooks: callable, catalogue: catalogue() };
        let clock = Arc::new(SystemClock);
        let executor = executor(journal.clone(), clock, live.clone(), connections, library);
        Station { journal, live, executor }
    }
}

/// [`Executor::new`], or what takes its place.
type MakeExecutor = fn(Arc<dyn Store>, Arc<dyn Clock>, Arc<dyn Observer>, Connections, Library) -> Executor;

/// Makes a folder if it is not there, for its owner alone: a journal names devices, people and what was done to them.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make the folder {}", path.display()))
}

/// Opens the journal in a folder, making both if they are not there.
pub(crate) async fn create_journal(data_dir: &Path) -> Result<Journal> {
    let path = create_file(data_dir)?;
    Journal::open(&path).await.with_context(|| format!("cannot open the journal {}", path.display()))
}

/// The same for the one daemon that drives what is left in it.
pub(crate) async fn daemon_journal(data_dir: &Path) -> Result<Journal> {
    let path = create_file(data_dir)?;
    Journal::open_for_daemon(&path)
        .await
        .with_context(|| format!("cannot open the journal {}", path.display()))
}

/// Where the daemon of a folder is found that takes commands: its socket, or a link to it.
pub(crate) fn socket(data_dir: &Path) -> PathBuf {
    data_dir.join(SOCKET)
}

/// Makes the folder and the journal's file in it, if they are not there.
fn create_file(data_dir: &Path) -> Result<PathBuf> {
    create_folder(data_dir)?;
    let path = data_dir.join(JOURNAL);
    // In a folder that others may look into, the file itself is still for its owner alone; SQLite gives its log the same mode.
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("cannot write the journal {}", path.display()))?;
    Ok(path)
}

/// Opens the journal in a folder, which must be there, to look at it.
pub(crate) async fn existing_journal(data_dir: &Path) -> Result<Journal> {
    let path = expect_journal(data_dir)?;
    Journal::open_to_read(&path).await.with_context(|| format!("cannot open the journal {}", path.display()))
}

/// The path of the journal in a folder, which must be there.
pub(crate) fn expect_journal(data_dir: &Path) -> Result<PathBuf> {
    let path = data_dir.join(JOURNAL);
    if !path.exists() {
        anyhow::bail!(
            "there is no journal at {}: nothing has run with this folder yet, or the journal is elsewhere (--data-dir)",
            path.display()
        );
    }
    Ok(path)
}

/// Where the journal and the downloads are: as asked, as configured, or where programs keep their state
/// (<https://specifications.freedesktop.org/basedir-spec/>).
pub(crate) fn data_dir(asked: Option<&Path>, config: Option<&Config>) -> Result<PathBuf> {
    if let Some(folder) = asked.or_else(|| config.and_then(|config| config.data_dir.as_deref())) {
        return Ok(folder.to_owned());
    }
    riposte_server::config::default_data_dir()
        .ok_or_else(|| usage("no folder for the journal: neither --data-dir nor HOME is set"))
}

/// The connections of a configuration, ready to be used. What they download goes into `data_dir`, what they use up of their
/// limits is remembered in the folder `calls`.
pub(crate) fn connections(config: &Config, data_dir: &Path, calls: Option<&Path>) -> Result<Connections> {
    metered_connections(config, data_dir, calls, &(Arc::new(Unmetered) as Arc<dyn Meter>))
}

/// The same, for one who counts what is asked of Defender.
pub(crate) fn metered_connections(
    config: &Config,
    data_dir: &Path,
    calls: Option<&Path>,
    meter: &Arc<dyn Meter>,
) -> Result<Connections> {
    let downloads = Downloads { data_dir: data_dir.to_owned(), limit: config.downloads.limit };
    let mut connections = Connections::new();
    for (name, connection) in &config.connections {
        let wrong = |error: anyhow::Error| usage(format!("connection `{name}`: {error:#}"));
        let wired = match connection {
            ConnectionConfig::Defender(defender) => {
                let limits = budget(name, defender.rate_limits, calls)?;
                defender_connection(defender, limits, meter.clone(), downloads.clone()).map_err(wrong)?
            }
            ConnectionConfig::Http(http) => http_connection(http).map_err(wrong)?,
        };
        connections = connections.with(name, wired);
    }
    Ok(connections)
}

/// What calls may use up.
fn budget(connection: &str, limits: RateLimits, data_dir: Option<&Path>) -> Result<Budget> {
    let budget = match limits {
        RateLimits::Documented => Budget::documented(),
        RateLimits::None => return Ok(Budget::unlimited()),
    };
    let Some(data_dir) = data_dir else { return Ok(budget) };
    create_folder(data_dir)?;
    let path = data_dir.join(format!("{connection}.calls"));
    budget.remembering(&path).with_context(|| format!("cannot keep count of calls in {}", path.display()))
}

fn defender_connection(
    config: &DefenderConfig,
    budget: Budget,
    meter: Arc<dyn Meter>,
    downloads: Downloads,
) -> Result<Connection> {
    let client = defender_client(config, credential(&config.auth)?, budget, meter)?;
    Ok(defender_over(client, config, downloads))
}

/// A client of a tenant, which has asked for nothing yet.
pub(crate) fn defender_client(
    config: &DefenderConfig,
    credential: Credential,
    budget: Budget,
    meter: Arc<dyn Meter>,
) -> Result<Client> {
    let cloud = match &config.cloud {
        CloudChoice::Named(name) => name.parse::<Cloud>()?,
        CloudChoice::Custom { endpoint, authority } => {
            Cloud::Custom { endpoint: endpoint.clone(), authority: authority.clone() }
        }
    };
    let connection =
        DefenderConnection { budget, meter, ..DefenderConnection::new(cloud, &config.tenant_id, credential) };
    Ok(Client::new(connection)?)
}

/// The connection that acts by a client.
pub(crate) fn defender_over(client: Client, config: &DefenderConfig, downloads: Downloads) -> Connection {
    let kind = match &config.auth {
        AuthConfig::ClientSecret { secret: SecretSource::Simulated(_), .. } => SIMULATED,
        _ => "tenant",
    };
    Connection {
        description: format!("{kind} {} at {}", config.tenant_id, client.host()),
        connector: Arc::new(DefenderConnector::new(client, downloads)),
        visibility_delay: config.visibility_delay,
        pace: Pace { shortest: config.poll.shortest, longest: config.poll.longest },
    }
}

/// Secrets are read here, once.
fn http_connection(config: &HttpConfig) -> Result<Connection> {
    let auth = config.auth.iter().map(|HttpAuthConfig { host, secret, place }| {
        let secret = secret.read().with_context(|| format!("the secret for {host}"))?;
        let place = match place {
            SecretPlaceConfig::Header { name, scheme } => {
                SecretPlace::Header { name: name.clone(), scheme: scheme.clone() }
            }
            SecretPlaceConfig::Url => SecretPlace::Url,
        };
        Ok(HttpAuth { host: host.clone(), secret, place })
    });
    let connector = HttpConnector::new(HttpSettings {
        allow_hosts: config.allow_hosts.clone(),
        allow_private: config.allow_private.clone(),
        allow_http: config.allow_http,
        auth: auth.collect::<Result<_>>()?,
    })?;
    let hosts: Vec<String> = config.allow_hosts.iter().map(ToString::to_string).collect();
    Ok(immediate(hosts.join(", "), Arc::new(connector)))
}

/// The connection `http` of a simulated run, which acts on nobody outside.
pub(crate) fn nothing_outside() -> Connection {
    immediate(NOBODY.to_owned(), Arc::new(NothingOutside))
}

/// A connection whose calls end with their answers, and leave nothing to look for.
fn immediate(description: String, connector: Arc<dyn Connector>) -> Connection {
    Connection {
        description,
        connector,
        visibility_delay: Duration::ZERO,
        pace: Pace { shortest: Duration::from_secs(2), longest: Duration::from_secs(60) },
    }
}

/// Secrets and certificates are read here, once. A federated token is not: its file changes while this runs.
pub(crate) fn credential(auth: &AuthConfig) -> Result<Credential> {
    Ok(match auth {
        AuthConfig::ClientSecret { client_id, secret } => {
            Credential::ClientSecret { client_id: client_id.clone(), secret: secret.read()? }
        }
        AuthConfig::Certificate { client_id, certificate, key } => {
            let mut pem = certificate.read()?;
            if let Some(key) = key {
                pem = format!("{}\n{}", pem.expose_secret(), key.read()?.expose_secret()).into();
            }
            let certificate = ClientCertificate::from_pem(&pem)?;
            Credential::Certificate { client_id: client_id.clone(), certificate }
        }
        AuthConfig::FederatedToken { client_id, file } => {
            Credential::FederatedToken { client_id: client_id.clone(), file: file.clone() }
        }
        AuthConfig::AppServiceIdentity { client_id, endpoint, header } => Credential::AppServiceIdentity {
            client_id: client_id.clone(),
            endpoint: endpoint.read()?.expose_secret().to_owned(),
            header: header.read()?,
        },
        AuthConfig::ManagedIdentity { client_id, endpoint } => {
            Credential::ManagedIdentity { client_id: client_id.clone(), endpoint: endpoint.clone() }
        }
    })
}
