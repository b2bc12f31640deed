//! A server on a free port that answers as a test wants and remembers what it was asked.

use std::{
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request},
    http::{HeaderMap, Response},
};
use riposte_defender::{Client, Cloud, Connection, Credential};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket},
};

/// Long enough for a busy machine; no test waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const SECRET: &str = "client~secret/value+1";
pub(crate) const TENANT: &str = "11111111-2222-3333-4444-555555555555";

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The other end of the connection that it came on.
    pub(crate) peer: SocketAddr,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn json(&self) -> Option<Value> {
        (!self.body.is_empty()).then(|| serde_json::from_slice(&self.body).expect("a body of json"))
    }
}

type Answer = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// A running server; it ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers each request by its number, from 0.
    pub(crate) async fn start(
        answer: impl Fn(usize, &Seen) -> Response<Body> + Send + Sync + 'static,
    ) -> Server {
        Server::start_slow(move |number, seen| {
            let response = answer(number, seen);
            Box::pin(async move { response })
        })
        .await
    }

    pub(crate) async fn start_slow(
        answer: impl Fn(usize, &Seen) -> Answer + Send + Sync + 'static,
    ) -> Server {
        let (listener, address) = listen().await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&seen));
        let handler = move |request: Request| {
            let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
            async move {
                let request = read(request).await;
                let number = {
                    let mut log = log.lock().expect("no test panicked here");
                    log.push(request.clone());
                    log.len() - 1
                };
                answer(number, &request).await
            }
        };
        let service =
            axum::Router::new().fallback(handler).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Server { address, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no test panicked here").clone()
    }
}

async fn read(request: Request) -> Seen {
    let (head, body) = request.into_parts();
    let peer: &ConnectInfo<SocketAddr> = head.extensions.get().expect("a connection");
    let query =
        url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    Seen {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        peer: peer.0,
        query,
        headers: head.headers,
        body: to_bytes(body, 1 << 20).await.expect("a whole body").to_vec(),
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    (listener, address)
}

/// An authority that gives `token-0`, `token-1` and so on, each for an hour.
pub(crate) async fn authority() -> Server {
    Server::start(|number, _| json_response(200, &token(number, 3599))).await
}

pub(crate) fn token(number: usize, expires_in: u64) -> Value {
    json!({"token_type": "Bearer", "expires_in": expires_in, "access_token": format!("token-{number}")})
}

pub(crate) fn json_response(status: u16, body: &Value) -> Response<Body> {
    response(status, &[("content-type", "application/json")], body.to_string())
}

pub(crate) fn response(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response<Body> {
    let builder =
        headers.iter().fold(Response::builder().status(status), |b, (name, value)| b.header(*name, *value));
    builder.body(body.into()).expect("a valid answer")
}

pub(crate) fn connection(endpoint: &str, authority: &str) -> Connection {
    let cloud = Cloud::Custom { endpoint: endpoint.into(), authority: authority.into() };
    let credential = Credential::ClientSecret { client_id: "app-1".into(), secret: SECRET.into() };
    Connection::new(cloud, TENANT, credential)
}

pub(crate) fn client(api: &Server, authority: &Server) -> Client {
    Client::new(connection(&api.url(), &authority.url())).expect("a usable connection")
}

/// A server below HTTP: reads one request, writes these bytes and hangs up; the address as url.
pub(crate) async fn raw(answer: &'static [u8]) -> String {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            if stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                // The client may be gone already; then nobody is left to tell.
                let _ = stream.write_all(answer).await;
            }
        }
    });
    format!("http://{address}")
}

/// An address where nobody listens, as long as the tests run: a port that was only let go could be the next one's that asks.
pub(crate) fn nobody() -> String {
    static HELD: OnceLock<(TcpSocket, SocketAddr)> = OnceLock::new();
    let (_, address) = HELD.get_or_init(|| {
        let held = TcpSocket::new_v4().expect("a socket");
        held.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        let address = held.local_addr().expect("an address");
        (held, address)
    });
    format!("http://{address}")
}
