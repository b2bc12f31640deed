//! Tokens by OAuth2 client credentials: fetched once for all who wait, kept, renewed early.
//!
//! Source: "Microsoft identity platform and the OAuth 2.0 client credentials flow",
//! <https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.

mod grant;

use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    sync::OnceCell,
    time::{Instant, timeout_at},
};
use url::Url;

use self::grant::{Refused, Token, TokenError, Unavailable};
use crate::{
    connection::{ConfigError, Connection, Credential, host_of},
    error::Error,
    redact::Censor,
    transport::{ReadError, read_bounded},
};

/// Largest answer of the token endpoint that is read.
const MAX_TOKEN_ANSWER_BYTES: usize = 256 * 1024;

/// The tokens of one application in one tenant.
pub(crate) struct Tokens {
    http: reqwest::Client,
    endpoint: Url,
    host: String,
    client_id: String,
    secret: SecretString,
    scope: String,
    timeout: std::time::Duration,
    slot: Mutex<Arc<Slot>>,
}

/// A place for one token or one failure to get it. Whoever comes first fetches, the others wait for the same result; if the
/// first gives up, the next one fetches. A slot is never refilled but replaced, so a failure is seen by those who waited for
/// it and by nobody else, and no lock is held while fetching.
#[derive(Default)]
struct Slot {
    outcome: OnceCell<Result<Token, TokenError>>,
}

/// A token together with where it came from, so that only this one is dropped when it is refused.
pub(crate) struct Grant {
    bearer: SecretString,
    slot: Arc<Slot>,
}

impl Grant {
    pub(crate) fn bearer(&self) -> &str {
        self.bearer.expose_secret()
    }
}

impl Tokens {
    pub(crate) fn new(http: reqwest::Client, connection: &Connection) -> Result<Tokens, ConfigError> {
        connection.check_credential()?;
        let endpoint = connection.token_endpoint()?;
        let Credential::ClientSecret { client_id, secret } = &connection.credential;
        Ok(Tokens {
            http,
            host: host_of(&endpoint),
            endpoint,
            client_id: client_id.clone(),
            secret: secret.clone(),
            scope: connection.scope().to_owned(),
            timeout: connection.timeouts.token,
            slot: Mutex::default(),
        })
    }

    /// The current token, fetched when there is none or it is about to end.
    pub(crate) async fn current(&self, until: Instant) -> Result<Grant, Error> {
        let slot = self.usable_slot();
        let outcome = match timeout_at(until, slot.outcome.get_or_init(|| self.fetch())).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => Err(TokenError::unavailable("the time was over")),
        };
        match outcome {
            Ok(token) => Ok(Grant { bearer: token.bearer, slot }),
            Err(error) => Err(error.at(&self.host)),
        }
    }

    /// Drops a token that was refused, unless another one has already taken its place.
    pub(crate) fn forget(&self, grant: &Grant) {
        let mut held = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&held, &grant.slot) {
            *held = Arc::default();
        }
    }

    fn usable_slot(&self) -> Arc<Slot> {
        let mut held = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = match held.outcome.get() {
            None => false,
            Some(Ok(token)) => Instant::now() >= token.renew_at,
            Some(Err(_)) => true,
        };
        if spent {
            *held = Arc::default();
        }
        Arc::clone(&held)
    }

    async fn fetch(&self) -> Result<Token, TokenError> {
        let outcome = self.ask().await;
        let refused = outcome.as_ref().is_err();
        tracing::debug!(host = %self.host, refused, "asked for a token");
        outcome
    }

    async fn ask(&self) -> Result<Token, TokenError> {
        let form = [
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.secret.expose_secret()),
            ("grant_type", "client_credentials"),
            ("scope", self.scope.as_str()),
        ];
        let asked_at = Instant::now();
        let request = self.http.post(self.endpoint.clone()).timeout(self.timeout).form(&form);
        let response = request.send().await.map_err(|error| {
            let reason = match (error.is_connect(), error.is_timeout()) {
                (true, _) => "it cannot be reached",
                (false, true) => "the time was over",
                (false, false) => "the connection broke",
            };
            TokenError::network(reason, error.into())
        })?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = read_bounded(response, MAX_TOKEN_ANSWER_BYTES)
            .await
            .map_err(|error| TokenError::unread(status, error))?;
        // An answer may repeat the form as it was sent, that is, encoded.
        let secret = self.secret.expose_secret();
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let secrets = [secret, &encoded];
        grant::read(status, &headers, &body, asked_at, &Censor::hiding(&secrets))
    }
}

impl TokenError {
    fn unavailable(reason: &'static str) -> TokenError {
        TokenError::Unavailable(Unavailable { status: None, retry_after: None, reason, source: None })
    }

    fn network(reason: &'static str, source: crate::transport::Transport) -> TokenError {
        TokenError::Unavailable(Unavailable { status: None, retry_after: None, reason, source: Some(source) })
    }

    fn unread(status: u16, error: ReadError) -> TokenError {
        let (reason, source) = match error {
            ReadError::TimedOut(source) => ("the time was over", Some(source)),
            ReadError::Broken(source) => ("the connection broke", Some(source)),
            ReadError::TooLarge { .. } => ("its answer is too large", None),
        };
        TokenError::Unavailable(Unavailable { status: Some(status), retry_after: None, reason, source })
    }

    fn at(self, host: &str) -> Error {
        let host = host.to_owned();
        match self {
            TokenError::Refused(Refused { status, kind, code, description }) => {
                Error::TokenRefused { host, status, kind, code, description }
            }
            TokenError::Unavailable(Unavailable { status, retry_after, reason, source }) => {
                Error::TokenUnavailable { host, status, retry_after, reason, source }
            }
        }
    }
}
