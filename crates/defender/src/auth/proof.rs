//! How one request for a token is built, for each way to prove who asks.

use std::path::PathBuf;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{assertion, federated, grant::TokenError};
use crate::{
    certificate::ClientCertificate,
    clock::wall_time,
    connection::{ConfigError, Connection, Credential, app_service_endpoint, host_of, identity_endpoint},
    transport::neighbour_client,
};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The version of the identity endpoint whose answers are understood.
const IDENTITY_VERSION: &str = "2018-02-01";
/// The same for the endpoint of an app.
const APP_VERSION: &str = "2019-08-01";

/// Where tokens are asked for, and with what.
pub(super) enum Proof {
    /// The authority, which is shown a secret or a signed statement.
    Authority { http: reqwest::Client, endpoint: Url, client_id: String, scope: String, shown: Shown },
    /// The endpoint of the machine or app itself, which needs no more proof than to be there.
    Machine {
        http: reqwest::Client,
        endpoint: Url,
        client_id: Option<String>,
        resource: String,
        there: There,
    },
}

/// What the authority is shown.
pub(super) enum Shown {
    Secret(SecretString),
    Certificate(ClientCertificate),
    FederatedToken(PathBuf),
}

/// What shows the identity endpoint that nobody was led there by a link or a redirect.
pub(super) enum There {
    Vm,
    App(SecretString),
}

/// One request, and what its answer must not be quoted with.
pub(super) struct Request {
    pub(super) builder: reqwest::RequestBuilder,
    pub(super) secrets: Vec<SecretString>,
}

impl Proof {
    pub(super) fn new(http: reqwest::Client, connection: &Connection) -> Result<Proof, ConfigError> {
        let endpoint = connection.token_endpoint()?;
        let (client_id, shown) = match &connection.credential {
            Credential::ClientSecret { client_id, secret } => (client_id, Shown::Secret(secret.clone())),
            Credential::Certificate { client_id, certificate } => {
                (client_id, Shown::Certificate(certificate.clone()))
            }
            Credential::FederatedToken { client_id, file } => {
                (client_id, Shown::FederatedToken(file.clone()))
            }
            Credential::ManagedIdentity { client_id, endpoint } => {
                return Ok(Proof::Machine {
                    http: neighbour_client(connection)?,
                    endpoint: identity_endpoint(endpoint.as_deref())?,
                    client_id: client_id.clone(),
                    resource: connection.resource().to_owned(),
                    there: There::Vm,
                });
            }
            Credential::AppServiceIdentity { client_id, endpoint, header } => {
                return Ok(Proof::Machine {
                    http: neighbour_client(connection)?,
                    endpoint: app_service_endpoint(endpoint)?,
                    client_id: client_id.clone(),
                    resource: connection.resource().to_owned(),
                    there: There::App(header.clone()),
                });
            }
        };
        let (client_id, scope) = (client_id.clone(), connection.scope().to_owned());
        Ok(Proof::Authority { http, endpoint, client_id, scope, shown })
    }

    /// Who gives the tokens.
    pub(super) fn host(&self) -> String {
        let (Proof::Authority { endpoint, .. } | Proof::Machine { endpoint, .. }) = self;
        host_of(endpoint)
    }

    /// Whether an answer of this status, or none, is worth asking again at once: on a machine, where the endpoint is being
    /// updated (404, 410), throttled (429) or in trouble (5xx).
    pub(super) fn may_be_repeated(&self, status: Option<u16>) -> bool {
        matches!(self, Proof::Machine { .. }) && matches!(status, Some(404 | 410 | 429 | 500..=599))
    }

    pub(super) async fn request(&self) -> Result<Request, TokenError> {
        match self {
            Proof::Authority { http, endpoint, client_id, scope, shown } => {
                let (secret, is_assertion) = match shown {
                    Shown::Secret(secret) => (secret.clone(), false),
                    Shown::Certificate(certificate) => {
                        let signed = assertion::sign(certificate, client_id, endpoint.as_str(), wall_time())
                            .ok_or_else(|| TokenError::unavailable("no assertion could be signed"))?;
                        (signed, true)
                    }
                    Shown::FederatedToken(file) => (federated::read(file).await?, true),
                };
                let mut form = vec![("client_id", client_id.as_str())];
                if is_assertion {
                    form.push(("client_assertion_type", ASSERTION_TYPE));
                    form.push(("client_assertion", secret.expose_secret()));
                } else {
                    form.push(("client_secret", secret.expose_secret()));
                }
                form.extend([("grant_type", "client_credentials"), ("scope", scope.as_str())]);
                let builder = http.post(endpoint.clone()).form(&form);
                // An answer may repeat the form as it was sent, that is, encoded.
                let encoded: String =
                    url::form_urlencoded::byte_serialize(secret.expose_secret().as_bytes()).collect();
                Ok(Request { builder, secrets: vec![secret, encoded.into()] })
            }
            Proof::Machine { http, endpoint, client_id, resource, there } => {
                let (version, name, value) = match there {
                    There::Vm => (IDENTITY_VERSION, "Metadata", "true"),
                    There::App(header) => (APP_VERSION, "X-IDENTITY-HEADER", header.expose_secret()),
                };
                let mut value = HeaderValue::from_str(value)
                    .map_err(|_| TokenError::unavailable("the identity header cannot be sent"))?;
                value.set_sensitive(true);
                let mut query = vec![("api-version", version), ("resource", resource.as_str())];
                query.extend(client_id.as_deref().map(|id| ("client_id", id)));
                let builder = http.get(endpoint.clone()).header(name, value).query(&query);
                let secrets = match there {
                    There::Vm => Vec::new(),
                    There::App(header) => vec![header.clone()],
                };
                Ok(Request { builder, secrets })
            }
        }
    }
}
