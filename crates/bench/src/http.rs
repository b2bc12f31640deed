//! HTTP as thin as hyper has it: a server for the provider and the floor, and a client that keeps its connections.

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// What is answered.
pub(crate) type Answer = Response<Full<Bytes>>;

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, body: String) -> Answer {
    answer(status, HeaderValue::from_static("application/json"), body)
}

/// An answer in plain text.
pub(crate) fn text(status: StatusCode, body: String) -> Answer {
    answer(status, HeaderValue::from_static("text/plain"), body)
}

fn answer(status: StatusCode, kind: HeaderValue, body: String) -> Answer {
    let mut answer = Response::new(Full::from(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

/// A body to its end; what has broken off is empty.
pub(crate) async fn read(body: Incoming) -> Bytes {
    body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default()
}

/// Serves until the process ends.
pub(crate) async fn serve<F, A>(listener: TcpListener, handler: F) -> Result<()>
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    loop {
        let (stream, _) = listener.accept().await?;
        let _ = stream.set_nodelay(true);
        let handler = handler.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let answer = handler(request);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            // Who hangs up early is no news.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// A client of one host, with a bounded number of connections that are kept.
pub(crate) struct Client {
    address: SocketAddr,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
    room: Semaphore,
}

impl Client {
    /// With at most so many requests under way.
    pub(crate) fn new(address: SocketAddr, most: usize) -> Client {
        Client { address, idle: Mutex::default(), room: Semaphore::new(most) }
    }

    /// Sends a request, and gives the body of an answer that says that all is well.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Bytes> {
        let _room = self.room.acquire().await?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut sender = match idle.filter(|idle| !idle.is_closed()) {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        if !status.is_success() {
            bail!("{status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(body)
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(self.address).await.context("nobody listens there")?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    /// A request without a body.
    pub(crate) async fn get(&self, path: &str) -> Result<Bytes> {
        self.send(Request::get(path).header("host", "localhost").body(Full::default())?).await
    }

    /// A request with a body in JSON.
    pub(crate) async fn post(&self, path: &str, body: Bytes) -> Result<Bytes> {
        let request =
            Request::post(path).header("host", "localhost").header(CONTENT_TYPE, "application/json");
        self.send(request.body(Full::new(body))?).await
    }
}
