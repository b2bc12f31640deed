//! The floor's calls at the provider: as thin as hyper has them, or through reqwest, as riposte makes them. What stands between
//! the two is the library's, and not riposte's.

use crate::http::Client;
use anyhow::{Result, bail};
use hyper::body::Bytes;
use hyper::header::CONTENT_TYPE;
use std::net::SocketAddr;
use tokio::sync::Semaphore;

/// Most requests at once.
const MOST: usize = 128;

/// What the calls go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Library {
    Hyper,
    Reqwest,
}

impl Library {
    /// As the command line has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Library::Hyper => "hyper",
            Library::Reqwest => "reqwest",
        }
    }
}

pub(super) enum Calls {
    Hyper(Client),
    Reqwest { http: reqwest::Client, base: String, room: Semaphore },
}

impl Calls {
    pub(super) fn new(library: Library, provider: SocketAddr) -> Result<Calls> {
        Ok(match library {
            Library::Hyper => Calls::Hyper(Client::new(provider, MOST)),
            Library::Reqwest => Calls::Reqwest {
                http: client_as_riposte_has_it()?,
                base: format!("http://{provider}"),
                room: Semaphore::new(MOST),
            },
        })
    }

    /// A request without a body.
    pub(super) async fn get(&self, path: &str) -> Result<Bytes> {
        match self {
            Calls::Hyper(client) => client.get(path).await,
            Calls::Reqwest { http, base, room } => {
                let _room = room.acquire().await?;
                read(http.get(format!("{base}{path}"))).await
            }
        }
    }

    /// A request with a body in JSON.
    pub(super) async fn post(&self, path: &str, body: Bytes) -> Result<Bytes> {
        match self {
            Calls::Hyper(client) => client.post(path, body).await,
            Calls::Reqwest { http, base, room } => {
                let _room = room.acquire().await?;
                let request = http.post(format!("{base}{path}")).header(CONTENT_TYPE, "application/json");
                read(request.body(body)).await
            }
        }
    }
}

/// As in the `transport.rs` of `riposte-defender`, without limits of time and size and without a name.
fn client_as_riposte_has_it() -> Result<reqwest::Client> {
    // reqwest panics without a provider. An error here only says that one is installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .no_proxy();
    Ok(client.build()?)
}

/// The body of an answer that says that all is well.
async fn read(request: reqwest::RequestBuilder) -> Result<Bytes> {
    let answer = request.send().await?;
    let status = answer.status();
    let body = answer.bytes().await?;
    if !status.is_success() {
        bail!("{status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(body)
}
