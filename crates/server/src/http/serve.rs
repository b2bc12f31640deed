//! A server with bounds on everything that a stranger decides: how many connections, how slow a head, how long a rest.

use super::door::Doors;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Pause after a connection could not be taken for want of file descriptors or memory: at once it would fail again.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Serves until it is told to stop; then takes nothing more, lets requests under way be answered, and returns when all runs
/// that they asked for are on disk.
pub async fn serve(listener: TcpListener, router: Router, doors: &Doors, stop: CancellationToken) {
    let limits = *doors.limits();
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
            Ok((stream, place)) => {
                let (router, stop) = (router.clone(), stop.clone());
                let head = (limits.head_time, limits.head);
                connections.spawn(async move {
                    let _place = place;
                    connection(stream, router, head, stop).await;
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
    doors.settle().await;
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

async fn connection(
    stream: TcpStream,
    router: Router,
    (head_time, head): (Duration, usize),
    stop: CancellationToken,
) {
    // Answers are small and whole: waiting for more of them only delays them.
    let _ = stream.set_nodelay(true);
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
