//! What a tenant is like when it starts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{Clock, SystemClock};
use crate::fault::Fault;
use crate::log::Entry;
use crate::oauth::Application;
use crate::scenario::{Contents, TimedEvent};
use crate::truth::Pace;

/// Most rows on one page of a collection, as documented.
pub(crate) const MAX_PAGE: usize = 10_000;

/// Called with each entry of the log as it is written, outside of any lock.
pub type OnRequest = Arc<dyn Fn(&Entry) + Send + Sync>;

/// What a tenant is like when it starts. The default is a demo tenant with fixed, well-known values.
#[derive(Clone)]
pub struct Config {
    /// Decides devices, ids and durations.
    pub seed: u64,
    /// The tenant, as it stands in the path of the token endpoint.
    pub tenant_id: String,
    /// The one application that this tenant knows.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The certificates that it may sign its assertions with, in PEM. What is no certificate is never matched.
    pub certificates: Vec<String>,
    /// The tokens of other issuers that it trusts, as they are sent. Nobody here knows the issuers, so a token is good
    /// because it is in this list, until the time that it names itself.
    pub federated_tokens: Vec<String>,
    /// Whether the machine that asks has the application as its identity, so that the identity endpoint of Azure's virtual
    /// machines gives it tokens without any proof.
    pub managed_identity: bool,
    /// What an app of Azure App Service sends to its identity endpoint, `/msi/token` here.
    pub identity_header: String,
    /// Its name: the `requestor` of what it asks for.
    pub application: String,
    /// Its permissions: the `roles` claim of its tokens.
    pub permissions: Vec<String>,
    /// How long a token is good for, at most a day.
    pub token_lifetime: Duration,
    /// How long a link to a package or to a result is good for. Documented are 30 minutes for results and «short-lived»
    /// for packages.
    pub link_lifetime: Duration,
    /// How many bytes are in a package, or in a file that was fetched from a device; the archive around them comes on top.
    pub download_size: usize,
    /// How long machine actions take.
    pub pace: Pace,
    /// Whether the documented rate limits hold.
    pub rate_limits: bool,
    /// Faults that wait from the start.
    pub faults: Vec<Fault>,
    /// What hunting queries find, each for one exact text. This tenant does not understand the query language: a query that
    /// is not among these finds nothing.
    pub queries: Vec<HuntingAnswer>,
    /// What a second request does while the first is under way.
    pub duplicates: Duplicates,
    /// What the tenant holds. Only a scenario says something else than the demo tenant's things.
    pub contents: Contents,
    /// What happens by itself, some time after the start.
    pub events: Vec<TimedEvent>,
    /// Whether answers are compressed for clients that say that they can read it.
    pub gzip: bool,
    /// Most rows on one page of a collection, at most 10,000. Smaller values make `@odata.nextLink` appear early.
    pub page_size: usize,
    /// How far the tenant's clock is ahead of where its time comes from; behind, if less than nothing. Its answers carry its time.
    pub clock_skew: TimeDelta,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Told of each request as it is answered.
    pub on_request: Option<OnRequest>,
}

/// What one hunting query finds.
#[derive(Debug, Clone, PartialEq)]
pub struct HuntingAnswer {
    /// The text of the query; blanks around it do not matter, everything else does.
    pub query: String,
    /// Names and types of the columns, for example `DeviceId` and `String`.
    pub columns: Vec<(String, String)>,
    /// The rows: objects whose keys are the columns' names.
    pub results: Vec<Value>,
}

impl HuntingAnswer {
    /// The columns as an answer writes them.
    pub(crate) fn schema(&self) -> Value {
        let column = |(name, kind): &(String, String)| json!({ "Name": name, "Type": kind });
        self.columns.iter().map(column).collect()
    }
}

/// What a second request of the same kind for the same device does while the first is under way. Real tenants do either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// 400 `ActiveRequestAlreadyExists`.
    #[default]
    Refused,
    /// 201 with the action that is under way; nothing new happens.
    ReturnsPending,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            tenant_id: "aaaabbbb-0000-cccc-1111-dddd2222eeee".into(),
            client_id: "00001111-aaaa-2222-bbbb-3333cccc4444".into(),
            client_secret: "simulated-secret".into(),
            certificates: Vec::new(),
            federated_tokens: Vec::new(),
            managed_identity: true,
            identity_header: "simulated-identity-header".into(),
            application: "Riposte".into(),
            permissions: [
                "Machine.Read.All",
                "Machine.Isolate",
                "Machine.Scan",
                "Machine.CollectForensics",
                "Machine.ReadWrite.All",
                "Alert.ReadWrite.All",
                "Ti.ReadWrite.All",
                "File.Read.All",
                "Ip.Read.All",
                "URL.Read.All",
                "User.Read.All",
                "AdvancedQuery.Read.All",
                "Machine.RestrictExecution",
                "Machine.StopAndQuarantine",
                "Machine.Offboard",
                "Machine.LiveResponse",
                "Library.Manage",
            ]
            .map(String::from)
            .to_vec(),
            token_lifetime: Duration::from_secs(3_599),
            link_lifetime: Duration::from_secs(30 * 60),
            download_size: 64 * 1024,
            pace: Pace::default(),
            rate_limits: true,
            faults: Vec::new(),
            queries: Vec::new(),
            duplicates: Duplicates::default(),
            contents: Contents::default(),
            events: Vec::new(),
            gzip: true,
            page_size: MAX_PAGE,
            clock_skew: TimeDelta::zero(),
            clock: Arc::new(SystemClock),
            on_request: None,
        }
    }
}

impl Config {
    /// The application, as the authority knows it.
    pub(crate) fn registration(&self) -> Application<'_> {
        Application {
            tenant_id: &self.tenant_id,
            client_id: &self.client_id,
            client_secret: &self.client_secret,
            certificates: &self.certificates,
            federated_tokens: &self.federated_tokens,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The secret of a simulated tenant guards nothing, but a habit of printing secrets does not stay in simulators.
        f.debug_struct("Config")
            .field("seed", &self.seed)
            .field("tenant_id", &self.tenant_id)
            .field("client_id", &self.client_id)
            .field("application", &self.application)
            .field("permissions", &self.permissions)
            .field("token_lifetime", &self.token_lifetime)
            .field("link_lifetime", &self.link_lifetime)
            .field("download_size", &self.download_size)
            .field("pace", &self.pace)
            .field("rate_limits", &self.rate_limits)
            .field("faults", &self.faults)
            .field("duplicates", &self.duplicates)
            .field("page_size", &self.page_size)
            .finish_non_exhaustive()
    }
}
