//! HTTP in front of the truth: reads requests, sends answers, closes connections that are to be dropped.
//!
//! A request becomes an `Incoming`, `pipeline` turns it into a `Reply` without waiting, and only then is anything
//! awaited again. The lock of the state never meets an await.

mod actions;
mod agenda;
mod body;
mod call;
mod collection;
mod content;
mod entity;
mod error;
mod form;
mod investigations;
mod library;
mod limits;
mod listener;
mod live;
mod machines;
mod packages;
mod part;
mod past;
mod pipeline;
mod range;
mod reply;
mod route;
mod state;
mod wire;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Extracted};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response, header};
use tokio::net::TcpListener;

use crate::clock::http_date;

use body::{MAX_BODY, without_mark};
use listener::{Cord, CuttableListener};
use reply::Delivery;

pub(crate) use content::Content;
pub(crate) use reply::Reply;
pub(crate) use state::{Incoming, Shared};

/// Serves until the tenant stops.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    let mut closing = shared.closing.clone();
    // One handler for every path: which operation a path means does not depend on case, and a router's does.
    let router = Router::new().fallback(handle).with_state(shared);
    axum::serve(CuttableListener(listener), router.into_make_service_with_connect_info::<Cord>())
        .with_graceful_shutdown(async move {
            // Only ends, by an error, once the sender is gone.
            let _ = closing.changed().await;
        })
        .await
}

async fn handle(
    Extracted(shared): Extracted<Arc<Shared>>,
    ConnectInfo(cord): ConnectInfo<Cord>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, most(&parts)).await.ok().map(without_mark);
    let request = incoming(&parts, body, &shared.url);
    let reply = pipeline::respond(&shared, &request);
    match reply.delivery {
        Delivery::Now | Delivery::Half => {}
        Delivery::Late(by) => {
            let mut closing = shared.closing.clone();
            tokio::select! {
                () = tokio::time::sleep(by) => {}
                _ = closing.changed() => cord.cut(),
            }
        }
        Delivery::Never => cord.cut(),
    }
    let mut response = reply.into_response(request.gzip && shared.config.gzip);
    if let Ok(date) = HeaderValue::try_from(http_date(shared.now())) {
        // The server would say what the machine's clock says.
        response.headers_mut().entry(header::DATE).or_insert(date);
    }
    response
}

/// Largest body that is read. Only a form may hold a file.
fn most(parts: &Parts) -> usize {
    let kind = parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if kind.is_some_and(|kind| kind.starts_with(b"multipart/")) { library::MAX_FORM } else { MAX_BODY }
}

fn incoming(parts: &Parts, body: Option<axum::body::Bytes>, url: &str) -> Incoming {
    let header = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = if is_https(header(FORWARDED_PROTO)) { "https" } else { "http" };
    let base = header(header::HOST).filter(|host| is_host(host)).map(|host| format!("{scheme}://{host}"));
    let bearer = header(header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim().to_owned())
    });
    Incoming {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        base: base.unwrap_or_else(|| url.to_owned()),
        bearer,
        content_type: header(header::CONTENT_TYPE).map(str::to_owned),
        range: header(header::RANGE).map(str::to_owned),
        if_range: header(header::IF_RANGE).map(str::to_owned),
        identity: header(IDENTITY).map(str::to_owned),
        gzip: header(header::ACCEPT_ENCODING).is_some_and(takes_gzip),
        is_direct: header(METADATA).is_some_and(|value| value.eq_ignore_ascii_case("true")),
        body,
    }
}

/// Whether a list of encodings has gzip in it, and not as one that is unwanted.
fn takes_gzip(encodings: &str) -> bool {
    encodings.split(',').any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, ""));
        let unwanted = quality.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !unwanted
    })
}

/// What an app sends to its identity endpoint.
const IDENTITY: HeaderName = HeaderName::from_static("x-identity-header");

/// What a client sends to a machine's identity endpoint.
const METADATA: HeaderName = HeaderName::from_static("metadata");

/// What a proxy in front says of the connection that it ended.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether the client spoke TLS. Of several proxies the first in the list is the one that met the client.
fn is_https(forwarded: Option<&str>) -> bool {
    let first = forwarded.and_then(|list| list.split(',').next());
    first.is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}

/// Longest host that is repeated in an answer.
const MAX_HOST: usize = 255;

/// Whether a host can stand in a link. A link names the host the client used, or the client would refuse to follow it.
fn is_host(host: &str) -> bool {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    !host.is_empty() && host.len() <= MAX_HOST && host.chars().all(fit)
}
