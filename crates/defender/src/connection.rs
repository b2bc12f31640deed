//! What a client needs to know, and what can be wrong with it.

use std::{fmt, net::Ipv4Addr, path::PathBuf, sync::Arc, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use crate::{
    budget::Budget,
    certificate::ClientCertificate,
    cloud::Cloud,
    meter::{Meter, Unmetered},
    transport::Transport,
};

/// The resource keeps the older host name, whichever host answers. Source: "Get access with application context",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-create-app-webapp>.
const DEFAULT_SCOPE: &str = "https://api.securitycenter.microsoft.com/.default";

/// Where a virtual machine of Azure finds the tokens of its identity. Source: as [`Credential::ManagedIdentity`].
const IDENTITY_HOST: &str = "http://169.254.169.254";

/// Everything a [`Client`](crate::Client) needs to know about one tenant.
#[derive(Clone)]
pub struct Connection {
    /// Which hosts serve the tenant.
    pub cloud: Cloud,
    /// Directory id (GUID) or domain name of the tenant.
    pub tenant_id: String,
    /// How the application proves who it is.
    pub credential: Credential,
    /// The scope a token is asked for, when it is not the documented one.
    pub scope: Option<String>,
    /// A forward proxy, `http://[user:password@]host:port`. None means a direct connection: the proxy variables of the
    /// environment are not read. The identity endpoint of a machine is always reached directly.
    pub proxy: Option<SecretString>,
    /// How long the parts of a request may take.
    pub timeouts: Timeouts,
    /// How many calls may leave. Clients that are made with clones of one budget share it.
    pub budget: Budget,
    /// Who counts what the client does.
    pub meter: Arc<dyn Meter>,
}

/// How the application proves who it is to the authority.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A secret that was made for the application registration.
    ClientSecret {
        /// Application (client) id.
        client_id: String,
        /// The secret's value, not its id.
        secret: SecretString,
    },
    /// A certificate that is known to the application registration. Each request for a token carries an assertion that was
    /// signed with its key; the key itself never leaves.
    ///
    /// Source: "Microsoft identity platform application authentication certificate credentials",
    /// <https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials>.
    Certificate {
        /// Application (client) id.
        client_id: String,
        /// Certificate and key.
        certificate: ClientCertificate,
    },
    /// Workload identity federation: a token of another issuer that the registration trusts, as Kubernetes projects it into
    /// a file. The file is read anew for each request, because its owner replaces it before it expires.
    ///
    /// Source: "Workload identity federation",
    /// <https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation>.
    FederatedToken {
        /// Application (client) id.
        client_id: String,
        /// The file that holds nothing but the token, a JWT.
        file: PathBuf,
    },
    /// The identity of the Azure virtual machine that this runs on.
    ///
    /// Source: "How to use managed identities for Azure resources on an Azure VM to acquire an access token",
    /// <https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>.
    ManagedIdentity {
        /// Client id of a user-assigned identity; none for the machine's own.
        client_id: Option<String>,
        /// Scheme, host and port of the endpoint when it is not Azure's `http://169.254.169.254`. Plain `http` is accepted
        /// for loopback and link-local hosts only.
        endpoint: Option<String>,
    },
    /// The identity of the app in Azure App Service, Functions or Container Apps that this runs in.
    ///
    /// Source: "How to use managed identities for App Service and Azure Functions", "REST endpoint reference",
    /// <https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity>.
    AppServiceIdentity {
        /// Client id of a user-assigned identity; none for the app's own.
        client_id: Option<String>,
        /// Where tokens are given, as `IDENTITY_ENDPOINT` names it, on a loopback or link-local host.
        endpoint: String,
        /// What shows that the request comes from the app, as `IDENTITY_HEADER` has it.
        header: SecretString,
    },
}

/// Limits of time that hold for every request of a client, beside the deadline of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For reaching a host, TLS included. Keep it below the deadlines: only a connection attempt that ends by this limit
    /// is known not to have delivered anything.
    pub connect: Duration,
    /// For one answer of the token endpoint.
    pub token: Duration,
    /// The pause before a machine's identity endpoint that is busy is asked again; doubled each time.
    pub identity_pause: Duration,
    /// How long an idle connection is kept. Short, because a POST on a connection that the other side has just closed
    /// ends with an unknown outcome.
    pub idle: Duration,
    /// How long a download may bring nothing before it counts as broken off.
    pub silence: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            connect: Duration::from_secs(5),
            token: Duration::from_secs(15),
            identity_pause: Duration::from_secs(1),
            idle: Duration::from_secs(20),
            silence: Duration::from_secs(30),
        }
    }
}

/// Why no client can be made from a [`Connection`]. Someone has to correct the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An address cannot be used.
    #[error("the {which} address {problem}")]
    Address {
        /// `endpoint`, `authority` or `identity endpoint`.
        which: &'static str,
        /// What is wrong, as the end of a sentence.
        problem: &'static str,
    },
    /// The tenant is neither a GUID nor a domain name.
    #[error("the tenant id must be a directory id or a domain name")]
    Tenant,
    /// A part of the credential is empty.
    #[error("the {0} is empty")]
    Credential(&'static str),
    /// The proxy's address cannot be used. It may hold a password and is not repeated.
    #[error("the proxy address cannot be used")]
    Proxy,
    /// The HTTP client cannot be made; mostly no system certificates were found.
    #[error("the https client cannot be prepared")]
    Tls {
        /// What the TLS library said.
        #[source]
        source: Transport,
    },
}

impl Connection {
    /// A connection with the documented scope, no proxy, the default limits of time and a documented budget of its own.
    pub fn new(cloud: Cloud, tenant_id: impl Into<String>, credential: Credential) -> Connection {
        Connection {
            cloud,
            tenant_id: tenant_id.into(),
            credential,
            scope: None,
            proxy: None,
            timeouts: Timeouts::default(),
            budget: Budget::documented(),
            meter: Arc::new(Unmetered),
        }
    }

    /// `{endpoint}/api`, below which every operation lives.
    pub(crate) fn api(&self) -> Result<Url, ConfigError> {
        let mut url = address("endpoint", self.cloud.endpoint(), PlainFor::Loopback)?;
        url.set_path("/api");
        Ok(url)
    }

    /// `{authority}/{tenant}/oauth2/v2.0/token`.
    pub(crate) fn token_endpoint(&self) -> Result<Url, ConfigError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let words = self.tenant_id.chars().any(|c| c.is_ascii_alphanumeric());
        if !words || !self.tenant_id.chars().all(plain) {
            return Err(ConfigError::Tenant);
        }
        let mut url = address("authority", self.cloud.authority(), PlainFor::Loopback)?;
        url.set_path(&format!("/{}/oauth2/v2.0/token", self.tenant_id));
        Ok(url)
    }

    pub(crate) fn scope(&self) -> &str {
        self.scope.as_deref().unwrap_or(DEFAULT_SCOPE)
    }

    /// What a scope is called where there are only resources.
    pub(crate) fn resource(&self) -> &str {
        self.scope().strip_suffix("/.default").unwrap_or_else(|| self.scope())
    }

    pub(crate) fn check_credential(&self) -> Result<(), ConfigError> {
        let client_id = match &self.credential {
            Credential::ClientSecret { client_id, .. }
            | Credential::Certificate { client_id, .. }
            | Credential::FederatedToken { client_id, .. } => Some(client_id),
            Credential::ManagedIdentity { client_id, .. }
            | Credential::AppServiceIdentity { client_id, .. } => client_id.as_ref(),
        };
        if client_id.is_some_and(|id| id.trim().is_empty()) {
            return Err(ConfigError::Credential("client id"));
        }
        match &self.credential {
            Credential::ClientSecret { secret, .. } if secret.expose_secret().is_empty() => {
                Err(ConfigError::Credential("client secret"))
            }
            Credential::FederatedToken { file, .. } if file.as_os_str().is_empty() => {
                Err(ConfigError::Credential("path of the federated token"))
            }
            _ => Ok(()),
        }
    }
}

/// `{endpoint}/metadata/identity/oauth2/token`.
pub(crate) fn identity_endpoint(endpoint: Option<&str>) -> Result<Url, ConfigError> {
    let mut url = address("identity endpoint", endpoint.unwrap_or(IDENTITY_HOST), PlainFor::LinkLocal)?;
    url.set_path("/metadata/identity/oauth2/token");
    Ok(url)
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("cloud", &self.cloud)
            .field("tenant_id", &self.tenant_id)
            .field("credential", &self.credential)
            .field("scope", &self.scope())
            .field("proxy", &self.proxy)
            .field("timeouts", &self.timeouts)
            .finish()
    }
}

/// The endpoint as it is, with its path.
pub(crate) fn app_service_endpoint(endpoint: &str) -> Result<Url, ConfigError> {
    const WHICH: &str = "identity endpoint";
    let wrong = |_| ConfigError::Address { which: WHICH, problem: "is not a url" };
    let mut origin = Url::parse(endpoint).map_err(wrong)?;
    origin.set_path("/");
    address(WHICH, origin.as_str(), PlainFor::LinkLocal)?;
    Url::parse(endpoint).map_err(wrong)
}

/// How far plain http may go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PlainFor {
    Loopback,
    /// What is link-local does not leave the machine's own network; Azure speaks plain http there.
    LinkLocal,
}

fn address(which: &'static str, text: &str, plain: PlainFor) -> Result<Url, ConfigError> {
    let wrong = |problem| ConfigError::Address { which, problem };
    let url = Url::parse(text).map_err(|_| wrong("is not a url"))?;
    let Some(host) = url.host() else { return Err(wrong("names no host")) };
    match (url.scheme(), plain) {
        ("https", _) => {}
        ("http", _) if is_loopback(&host) => {}
        ("http", PlainFor::LinkLocal) if is_link_local(&host) => {}
        ("http", PlainFor::Loopback) => {
            return Err(wrong("must use https, since plain http is for loopback hosts only"));
        }
        ("http", PlainFor::LinkLocal) => {
            return Err(wrong("must use https, since plain http is for loopback and link-local hosts only"));
        }
        _ => return Err(wrong("must begin with https")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not carry a user or password"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("must end after the host, without a path"));
    }
    Ok(url)
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        // Reserved for loopback by RFC 6761.
        Host::Domain(name) => *name == "localhost",
    }
}

fn is_link_local(host: &Host<&str>) -> bool {
    matches!(host, Host::Ipv4(address) if Ipv4Addr::is_link_local(address))
}

/// Host of an address, with its port when that is not the usual one: how errors and metrics name the other side.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(endpoint: &str, tenant: &str) -> Connection {
        let cloud =
            Cloud::Custom { endpoint: endpoint.into(), authority: "https://login.example.com".into() };
        let credential = Credential::ClientSecret { client_id: "app".into(), secret: "hush-hush".into() };
        Connection::new(cloud, tenant, credential)
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for good in ["http://127.0.0.1:8080", "http://127.9.9.9/", "http://[::1]:1", "http://localhost:9"] {
            assert!(connection(good, "t").api().is_ok(), "{good}");
        }
        for bad in [
            "http://api.example.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://192.0.2.1:80",
        ] {
            let error = connection(bad, "t").api().expect_err(bad);
            assert!(error.to_string().contains("must use https"), "{bad}: {error}");
        }
    }

    #[test]
    fn an_address_is_only_scheme_host_and_port() {
        for bad in [
            "api.example.com",
            "ftp://api.example.com",
            "https://user:pw@api.example.com",
            "https://api.example.com/api",
            "https://api.example.com?x=1",
            "https://api.example.com/#x",
            "",
        ] {
            assert!(connection(bad, "t").api().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_identity_endpoint_is_near_or_speaks_https() {
        let url = |endpoint| identity_endpoint(endpoint).map(String::from).map_err(|error| error.to_string());
        let path = "/metadata/identity/oauth2/token";
        assert_eq!(url(None), Ok(format!("http://169.254.169.254{path}")));
        assert_eq!(url(Some("http://127.0.0.1:9")), Ok(format!("http://127.0.0.1:9{path}")));
        assert_eq!(url(Some("https://identity.example")), Ok(format!("https://identity.example{path}")));
        for far in ["http://10.0.0.1", "http://identity.example", "http://169.253.0.1"] {
            let error = url(Some(far)).expect_err(far);
            assert!(error.contains("for loopback and link-local hosts only"), "{far}: {error}");
        }
        assert!(url(Some("http://127.0.0.1/token")).is_err());
        let app = |endpoint| app_service_endpoint(endpoint).map(String::from).ok();
        assert_eq!(
            app("http://169.254.129.2:8081/msi/token").as_deref(),
            Some("http://169.254.129.2:8081/msi/token")
        );
        for odd in ["http://10.0.0.1/msi/token", "localhost", "http://localhost/msi/token?x=1"] {
            assert_eq!(app(odd), None, "{odd}");
        }
    }

    /// The documentation names one resource for all clouds, and it keeps the older host; another scope can be configured.
    #[test]
    fn every_cloud_asks_for_the_documented_resource() {
        for cloud in Cloud::NAMED {
            let authority = cloud.authority().to_owned();
            let mut connection = connection("https://a.example", "contoso.onmicrosoft.com");
            connection.cloud = cloud;
            assert_eq!(connection.scope(), "https://api.securitycenter.microsoft.com/.default");
            assert_eq!(connection.resource(), "https://api.securitycenter.microsoft.com");
            let token = format!("{authority}/contoso.onmicrosoft.com/oauth2/v2.0/token");
            assert_eq!(connection.token_endpoint().map(String::from).ok(), Some(token));
        }
    }

    #[test]
    fn a_tenant_cannot_leave_its_place_in_the_token_address() {
        let good = connection("https://a.example", "contoso.onmicrosoft.com").token_endpoint();
        let expected = "https://login.example.com/contoso.onmicrosoft.com/oauth2/v2.0/token";
        assert_eq!(good.map(String::from).ok().as_deref(), Some(expected));
        for bad in ["", ".", "..", "a/b", "a?b", "a b", "a%2fb", "-"] {
            let error = connection("https://a.example", bad).token_endpoint();
            assert!(matches!(error, Err(ConfigError::Tenant)), "{bad}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut connection = connection("https://a.example", "t");
        connection.proxy = Some("http://me:pass-word@proxy.example:3128".into());
        let text = format!("{connection:?}");
        assert!(!text.contains("hush-hush") && !text.contains("pass-word"), "{text}");
    }
}
