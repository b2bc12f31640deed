//! A server with bounds on everything that a stranger decides: how many connections, how slow a head, how long a rest.

use super::limits::Limits;
use async_trait::async_trait;
use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Pause after a connection could not be taken for want of file descriptors or memory: at once it would fail again.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Who is at the other end of a connection; each request has it among its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Somebody on the network.
    Network(SocketAddr),
    /// Somebody on this machine, as the kernel knew them when they connected.
    Local {
        /// The user.
        uid: u32,
        /// The user's group; others that they are in are not told.
        gid: u32,
    },
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Peer::Network(address) => address.fmt(f),
            Peer::Local { uid, gid } => write!(f, "uid {uid}, gid {gid}"),
        }
    }
}

/// Where connections come in.
#[async_trait]
pub trait Listener: Send {
    /// What a connection is.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;
    /// The next one, and who is there.
    async fn accept(&self) -> std::io::Result<(Self::Stream, Peer)>;
}

#[async_trait]
impl Listener for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> std::io::Result<(TcpStream, Peer)> {
        let (stream, address) = TcpListener::accept(self).await?;
        // Answers are small and whole: waiting for more of them only delays them.
        let _ = stream.set_nodelay(true);
        Ok((stream, Peer::Network(address)))
    }
}

#[async_trait]
impl Listener for UnixListener {
    type Stream = UnixStream;

    async fn accept(&self) -> std::io::Result<(UnixStream, Peer)> {
        let (stream, _) = UnixListener::accept(self).await?;
        let peer = stream.peer_cred()?;
        Ok((stream, Peer::Local { uid: peer.uid(), gid: peer.gid() }))
    }
}

/// Serves until it is told to stop; then takes nothing more, lets requests under way be answered, and returns. Runs that were
/// asked for may still be on their way to the disk ([`super::Doors::settle`]).
pub async fn serve(listener: impl Listener, router: Router, limits: Limits, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            // What has ended is let go of.
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok(((stream, peer), place)) => {
                let (router, stop) = (router.clone(), stop.clone());
                let head = (limits.head_time, limits.head);
                connections.spawn(async move {
                    let _place = place;
                    connection(stream, peer, router, head, stop).await;
                });
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection was not accepted");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.grace, ended).await.is_err() {
        connections.shutdown().await;
    }
}

/// The next connection, once there is a place for it.
async fn accept<L: Listener>(
    listener: &L,
    places: &Arc<Semaphore>,
) -> std::io::Result<((L::Stream, Peer), OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.map_err(std::io::Error::other)?;
    Ok((listener.accept().await?, place))
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: Peer,
    router: Router,
    (head_time, head): (Duration, usize),
    stop: CancellationToken,
) {
    let router = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_time)
        .max_buf_size(head)
        .keep_alive(true)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Strangers hang up and stammer all the time.
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection ended early");
    }
}
