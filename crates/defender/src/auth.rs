//! Tokens by OAuth2 client credentials: fetched once for all who wait, kept, renewed early.
//!
//! How the application proves who it is decides one thing only: what one request for a token looks like. That is
//! [`proof`]; everything around it is the same for every way.
//!
//! Source: "Microsoft identity platform and the OAuth 2.0 client credentials flow",
//! <https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.

mod assertion;
mod federated;
mod grant;
mod proof;
mod roles;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    sync::OnceCell,
    time::{Instant, sleep, timeout_at},
};

use self::{
    grant::{Asked, Refused, Token, TokenError, Unavailable},
    proof::{Proof, Request},
};
use crate::{
    clock::{SeenClock, wall_time},
    connection::{ConfigError, Connection},
    error::Error,
    meter::Meter,
    redact::Censor,
    transport::{ReadError, read_bounded},
};

/// Largest answer of the token endpoint that is read.
const MAX_TOKEN_ANSWER_BYTES: usize = 256 * 1024;
/// How often a machine's identity endpoint is asked again. Source: as
/// [`Credential::ManagedIdentity`](crate::Credential::ManagedIdentity), "Retry guidance".
const IDENTITY_RETRIES: u32 = 3;
/// Longest pause between two of these requests, also when the endpoint asks for a longer one.
const MAX_IDENTITY_PAUSE: Duration = Duration::from_secs(10);

/// The tokens of one application in one tenant.
pub(crate) struct Tokens {
    proof: Proof,
    host: String,
    timeout: Duration,
    identity_pause: Duration,
    meter: Arc<dyn Meter>,
    clock: SeenClock,
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
    token: Token,
    slot: Arc<Slot>,
}

impl Grant {
    pub(crate) fn bearer(&self) -> &str {
        self.token.bearer.expose_secret()
    }

    /// The header of a request that carries the token.
    pub(crate) fn authorization(&self) -> HeaderValue {
        self.token.authorization.clone()
    }

    /// What the application may do, if the token shows it.
    pub(crate) fn roles(&self) -> Option<Vec<String>> {
        roles::roles(self.bearer())
    }
}

impl Tokens {
    pub(crate) fn new(http: reqwest::Client, connection: &Connection) -> Result<Tokens, ConfigError> {
        connection.check_credential()?;
        let proof = Proof::new(http, connection)?;
        Ok(Tokens {
            host: proof.host(),
            proof,
            timeout: connection.timeouts.token,
            meter: Arc::clone(&connection.meter),
            identity_pause: connection.timeouts.identity_pause,
            clock: SeenClock::default(),
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
            Ok(token) => Ok(Grant { token, slot }),
            Err(error) => Err(error.at(&self.host)),
        }
    }

    /// By how many seconds this machine's clock is ahead of the authority's, as its last answer shows.
    pub(crate) fn ahead(&self) -> Option<i64> {
        self.clock.ahead()
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

    /// One token or one failure. An endpoint of the machine itself is asked again where Azure says so; it has no effect
    /// but the token, and nobody else would wait for it.
    async fn fetch(&self) -> Result<Token, TokenError> {
        let mut asked_before = 0;
        loop {
            let outcome = self.ask().await;
            let refused = outcome.as_ref().is_err();
            self.meter.token(!refused);
            tracing::debug!(host = %self.host, refused, "asked for a token");
            match &outcome {
                Err(TokenError::Unavailable(unavailable))
                    if self.proof.may_be_repeated(unavailable.status) && asked_before < IDENTITY_RETRIES =>
                {
                    let pause = self.identity_pause.saturating_mul(1 << asked_before);
                    sleep(pause.max(unavailable.retry_after.unwrap_or_default()).min(MAX_IDENTITY_PAUSE))
                        .await;
                    asked_before += 1;
                }
                _ => return outcome,
            }
        }
    }

    async fn ask(&self) -> Result<Token, TokenError> {
        let Request { builder, secrets } = self.proof.request().await?;
        let asked = Asked { at: Instant::now(), wall: wall_time() };
        let response = builder.timeout(self.timeout).send().await.map_err(|error| {
            let reason = match (error.is_connect(), error.is_timeout()) {
                (true, _) => "it cannot be reached",
                (false, true) => "the time was over",
                (false, false) => "the connection broke",
            };
            TokenError::network(reason, error.into())
        })?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        self.clock.note(&headers);
        let body = read_bounded(response, MAX_TOKEN_ANSWER_BYTES)
            .await
            .map_err(|error| TokenError::unread(status, error))?;
        let secrets: Vec<&str> = secrets.iter().map(SecretString::expose_secret).collect();
        grant::read(status, &headers, &body, asked, &Censor::hiding(&secrets))
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
            TokenError::Refused(Refused { status, kind, code, description, request_id }) => {
                Error::TokenRefused { host, status, kind, code, description, request_id }
            }
            TokenError::Unavailable(Unavailable { status, retry_after, reason, source }) => {
                Error::TokenUnavailable { host, status, retry_after, reason, source }
            }
            TokenError::File { file, problem, source } => Error::FederatedToken { file, problem, source },
        }
    }
}

impl From<federated::Unusable> for TokenError {
    fn from(unusable: federated::Unusable) -> TokenError {
        let federated::Unusable { file, problem, source } = unusable;
        TokenError::File { file, problem, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cloud, Credential, transport::http_client};

    /// Whether a token that is to be renewed at this moment is given once more.
    fn is_given(renew_at: Instant) -> bool {
        let credential = Credential::ClientSecret { client_id: "app".into(), secret: "hush".into() };
        let connection = Connection::new(Cloud::Global, "t", credential);
        let http = http_client(&connection).expect("a client");
        let tokens = Tokens::new(http, &connection).expect("a usable connection");
        let token = Token::new("token", renew_at).expect("a token");
        let outcome = OnceCell::new_with(Some(Ok(token)));
        let slot = Arc::new(Slot { outcome });
        *tokens.slot.lock().expect("nobody else") = Arc::clone(&slot);
        Arc::ptr_eq(&tokens.usable_slot(), &slot)
    }

    #[tokio::test]
    async fn a_token_is_given_until_it_is_to_be_renewed() {
        let now = Instant::now();
        assert!(is_given(now + Duration::from_hours(1)));
        assert!(!is_given(now));
    }
}
