//! The configuration file, read as strictly as a playbook.

mod api;
mod auth;
mod credentials;
mod doors;
mod http;
mod load;
mod log;
mod observed;
mod overrides;
mod schema;
mod secret;
mod size;
mod sources;

pub use api::{ApiConfig, Role, TokenConfig};
pub use load::{MAX_SOURCE, load, load_with};
pub use observed::{Levels, LogConfig, LogFormat, LogLevel, TelemetryConfig};
pub use overrides::Overrides;
pub use schema::schema;
pub use secret::{SecretError, SecretSource};
pub use size::parse as parse_size;

use indexmap::IndexMap;
use riposte_model::HostPattern;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// A configuration, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where the daemon listens.
    pub listen: SocketAddr,
    /// The playbooks that it serves: files and folders.
    pub playbooks: Vec<PathBuf>,
    /// What webhooks take.
    pub webhooks: WebhooksConfig,
    /// Who may ask the API over the network.
    pub api: ApiConfig,
    /// Folder of the journal and of downloads.
    pub data_dir: Option<PathBuf>,
    /// What is downloaded into it.
    pub downloads: DownloadsConfig,
    /// What the journal keeps of runs that are over.
    pub retention: RetentionConfig,
    /// Where the credentials are that playbooks name. One that is not here is a systemd credential of that name.
    pub credentials: IndexMap<String, SecretSource>,
    /// What is logged, and where.
    pub log: LogConfig,
    /// Where spans go.
    pub telemetry: TelemetryConfig,
    /// Connections by the name that action names start with.
    pub connections: IndexMap<String, ConnectionConfig>,
}

impl Config {
    /// All secrets that it says the place of, each with what it is, for people.
    pub fn secrets(&self) -> Vec<(String, &SecretSource)> {
        let connections = self.connections.iter().flat_map(|(name, connection)| {
            let of = |what: &str| format!("the {what} of the connection `{name}`");
            match connection {
                ConnectionConfig::Defender(defender) => match &defender.auth {
                    AuthConfig::ClientSecret { secret, .. } => vec![(of("client secret"), secret)],
                    AuthConfig::Certificate { certificate, key, .. } => {
                        let key = key.iter().map(|key| (of("certificate's key"), key));
                        std::iter::once((of("certificate"), certificate)).chain(key).collect()
                    }
                    AuthConfig::AppServiceIdentity { endpoint, header, .. } => {
                        vec![(of("identity's endpoint"), endpoint), (of("identity's header"), header)]
                    }
                    AuthConfig::FederatedToken { .. } | AuthConfig::ManagedIdentity { .. } => Vec::new(),
                },
                ConnectionConfig::Http(http) => http
                    .auth
                    .iter()
                    .map(|auth| (of(&format!("secret for {}", auth.host)), &auth.secret))
                    .collect(),
            }
        });
        let credentials = self.credentials.iter();
        let headers = self.telemetry.otlp_headers.iter().map(|(name, place)| (name, place));
        connections
            .chain(credentials.map(|(name, place)| (format!("the credential `{name}`"), place)))
            .chain(headers.map(|(name, place)| (format!("the header `{name}` of `telemetry`"), place)))
            .collect()
    }

    /// The keys at the top that say something else in a newer configuration, and that a running daemon does not follow: what
    /// they say is built into connections, files and listening addresses. Secrets are read at the start, too.
    pub fn needs_restart(&self, newer: &Config) -> Vec<&'static str> {
        let keys = [
            ("listen", self.listen != newer.listen),
            ("api", self.api != newer.api),
            ("data_dir", self.data_dir != newer.data_dir),
            ("downloads", self.downloads != newer.downloads),
            ("log", self.log != newer.log),
            ("telemetry", self.telemetry != newer.telemetry),
            ("connections", self.connections != newer.connections),
        ];
        keys.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
    }

    /// Where a credential is that a playbook names.
    pub fn credential(&self, name: &str) -> SecretSource {
        self.credentials.get(name).cloned().unwrap_or_else(|| SecretSource::Credential(name.to_owned()))
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: LISTEN,
            playbooks: Vec::new(),
            webhooks: WebhooksConfig::default(),
            api: ApiConfig::default(),
            data_dir: None,
            downloads: DownloadsConfig::default(),
            retention: RetentionConfig::default(),
            credentials: IndexMap::new(),
            log: LogConfig::default(),
            telemetry: TelemetryConfig::default(),
            connections: IndexMap::new(),
        }
    }
}

/// Where the daemon listens if nothing is said: to this machine only.
pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8750);

/// What webhooks take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhooksConfig {
    /// Most bytes of a body.
    pub body_limit: u64,
    /// How many requests each webhook takes in a time.
    pub rate: Rate,
}

impl Default for WebhooksConfig {
    fn default() -> Self {
        WebhooksConfig { body_limit: 1 << 20, rate: Rate { count: 100, per: Duration::from_secs(1) } }
    }
}

/// So many in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many, at least one; also how many at once.
    pub count: u32,
    /// In which time: a second, a minute or an hour.
    pub per: Duration,
}

/// What is downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownloadsConfig {
    /// Most bytes of one file.
    pub limit: u64,
}

impl Default for DownloadsConfig {
    fn default() -> Self {
        DownloadsConfig { limit: 1 << 30 }
    }
}

/// What the journal keeps of runs that are over. What is not over stays in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionConfig {
    /// How long a run stays after its end.
    pub finished_runs: Duration,
    /// Most bytes of everything: the runs that ended first go earlier if there is more.
    pub size: u64,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        RetentionConfig { finished_runs: Duration::from_secs(90 * 24 * 60 * 60), size: 20 << 30 }
    }
}

/// One connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionConfig {
    /// `kind: defender`
    Defender(DefenderConfig),
    /// `kind: http`
    Http(HttpConfig),
}

/// What may be called over HTTP, and as whom. Whatever is not listed is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpConfig {
    /// The hosts that may be called.
    pub allow_hosts: Vec<HostPattern>,
    /// Those of them that may have private, loopback and shared addresses.
    pub allow_private: Vec<HostPattern>,
    /// Whether plain http is spoken too.
    pub allow_http: bool,
    /// Secrets, each for one host.
    pub auth: Vec<HttpAuthConfig>,
}

/// A secret for one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAuthConfig {
    /// The host.
    pub host: HostPattern,
    /// Where the secret is.
    pub secret: SecretSource,
    /// Where a request carries it.
    pub place: SecretPlaceConfig,
}

/// Where a request carries a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlaceConfig {
    /// `in: header`, and if nothing is said.
    Header {
        /// The header; `Authorization` if nothing is said.
        name: String,
        /// What stands before the secret, and a space; `Bearer` if nothing is said; empty: nothing.
        scheme: String,
    },
    /// `in: url`: where the address says `{secret}`.
    Url,
}

/// A connection to a Defender tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefenderConfig {
    /// The tenant's id or domain.
    pub tenant_id: String,
    /// How the application proves who it is.
    pub auth: AuthConfig,
    /// Which hosts.
    pub cloud: CloudChoice,
    /// How long Defender's list of machine actions may lag behind: a call that is not in it later than this was not
    /// carried out. Microsoft documents no figure.
    pub visibility_delay: Duration,
    /// How often pending actions are asked after.
    pub poll: PollConfig,
    /// Which limits calls are held to.
    pub rate_limits: RateLimits,
}

/// How an application proves who it is. A connection has exactly one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthConfig {
    /// `client_secret`
    ClientSecret {
        /// The application's id.
        client_id: String,
        /// Its secret.
        secret: SecretSource,
    },
    /// `certificate`, perhaps with `certificate_key`
    Certificate {
        /// The application's id.
        client_id: String,
        /// Its certificate in PEM.
        certificate: SecretSource,
        /// The certificate's private key in PEM, where it is not in the same place.
        key: Option<SecretSource>,
    },
    /// `federated_token_file`
    FederatedToken {
        /// The application's id.
        client_id: String,
        /// The file that holds a token of another issuer.
        file: PathBuf,
    },
    /// `managed_identity: { kind: app_service }`
    AppServiceIdentity {
        /// The id of a user-assigned identity; none for the app's own.
        client_id: Option<String>,
        /// Where Azure says where the endpoint is.
        endpoint: SecretSource,
        /// Where Azure says what to send there.
        header: SecretSource,
    },
    /// `managed_identity: { kind: vm }`
    ManagedIdentity {
        /// The id of a user-assigned identity; none for the machine's own.
        client_id: Option<String>,
        /// Scheme, host and port of the identity endpoint, when it is not Azure's.
        endpoint: Option<String>,
    },
}

/// Which hosts a Defender connection speaks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloudChoice {
    /// `cloud: NAME`, one of [`CLOUDS`].
    Named(String),
    /// `endpoint` and `authority`.
    Custom {
        /// Scheme, host and port of the API.
        endpoint: String,
        /// Scheme, host and port of the token endpoint.
        authority: String,
    },
}

/// The names that `cloud` takes.
pub const CLOUDS: [&str; 10] =
    ["global", "us", "eu", "uk", "au", "swa", "ina", "us_gov_gcc", "us_gov_high", "us_gov_dod"];

/// Which limits calls are held to before they are sent. A pause that Defender asks for is always kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimits {
    /// Those that Microsoft documents.
    Documented,
    /// None: the tenant has a quota of its own, or something between here and there keeps it.
    None,
}

impl RateLimits {
    /// The words of the configuration.
    pub(crate) const WORDS: [(&str, RateLimits); 2] =
        [("documented", RateLimits::Documented), ("none", RateLimits::None)];
}

/// How often pending actions are asked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollConfig {
    /// Shortest pause.
    pub shortest: Duration,
    /// Longest pause.
    pub longest: Duration,
}

impl Default for PollConfig {
    fn default() -> Self {
        PollConfig { shortest: Duration::from_secs(2), longest: Duration::from_secs(60) }
    }
}

/// The default of [`DefenderConfig::visibility_delay`].
pub const VISIBILITY_DELAY: Duration = Duration::from_secs(60);

/// Where the journal is when nobody says: `$XDG_STATE_HOME/riposte`, else `~/.local/state/riposte`.
#[expect(clippy::disallowed_methods, reason = "this is configuration")]
pub fn default_data_dir() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| set("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("riposte"))
}
