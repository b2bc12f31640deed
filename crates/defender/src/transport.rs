//! The one place where an HTTP client is made, and the one way in which an answer is read.

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use secrecy::ExposeSecret as _;

use crate::connection::{ConfigError, Connection};

/// Largest answer that is read, in bytes after decompression, so that a compressed bomb ends here too.
pub const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// What the network or TLS library said, without any address that carries a query.
///
/// Cheap to clone; the layers below are its sources.
#[derive(Clone)]
pub struct Transport(Arc<dyn StdError + Send + Sync>);

impl Transport {
    pub(crate) fn new(error: impl StdError + Send + Sync + 'static) -> Transport {
        Transport(Arc::new(error))
    }
}

impl From<reqwest::Error> for Transport {
    /// The address is removed: it holds a filter, or the tenant.
    fn from(error: reqwest::Error) -> Transport {
        Transport::new(error.without_url())
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Transport {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// Builds the HTTP client: no redirects, no retries of its own, no proxy but the configured one, ring for TLS.
pub(crate) fn http_client(connection: &Connection) -> Result<reqwest::Client, ConfigError> {
    finished(far(connection)?)
}

/// The same for the storage that downloads come from: what it sends is taken as it is, because a part of a file is counted
/// in the bytes that travel.
pub(crate) fn storage_client(connection: &Connection) -> Result<reqwest::Client, ConfigError> {
    finished(far(connection)?.no_gzip())
}

fn far(connection: &Connection) -> Result<reqwest::ClientBuilder, ConfigError> {
    let builder = plain(connection).connect_timeout(connection.timeouts.connect);
    match &connection.proxy {
        None => Ok(builder),
        Some(address) => reqwest::Proxy::all(address.expose_secret())
            .map(|proxy| builder.proxy(proxy))
            .map_err(|_| ConfigError::Proxy),
    }
}

/// The same for the identity endpoint of a machine, which is near or not there, and never behind a proxy: what a proxy
/// answered would be the identity of another machine.
pub(crate) fn neighbour_client(connection: &Connection) -> Result<reqwest::Client, ConfigError> {
    finished(plain(connection).connect_timeout(connection.timeouts.connect.min(NEAR)))
}

/// Longest time for reaching something on the same machine or the same network.
const NEAR: Duration = Duration::from_secs(2);

fn plain(connection: &Connection) -> reqwest::ClientBuilder {
    // reqwest panics without a provider. An error here only says that one is installed already.
    drop(rustls::crypto::ring::default_provider().install_default());

    reqwest::Client::builder()
        .user_agent(concat!("riposte/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // The default repeats a request that the server says it did not process. Whether to repeat belongs to the
        // effect, and the caller journals each attempt. Without the number, each request is copied for a second attempt.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .pool_idle_timeout(connection.timeouts.idle)
        // The proxy variables of the environment are honoured otherwise, even without `system-proxy`.
        .no_proxy()
}

fn finished(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, ConfigError> {
    builder.build().map_err(|error| ConfigError::Tls { source: error.into() })
}

/// Why a body was not read to its end.
#[derive(Debug)]
pub(crate) enum ReadError {
    TimedOut(Transport),
    Broken(Transport),
    TooLarge { limit: usize },
}

/// Reads a body chunk by chunk and stops at the limit; nothing built in does.
pub(crate) async fn read_bounded(
    mut response: reqwest::Response,
    limit: usize,
) -> Result<Vec<u8>, ReadError> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(ReadError::TooLarge { limit }),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) if error.is_timeout() => return Err(ReadError::TimedOut(error.into())),
            Err(error) => return Err(ReadError::Broken(error.into())),
        }
    }
}
