//! A service that is called over HTTP, on this machine: it notes what arrives.

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, Uri};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// Answers with the status that the address ends with, else with `ok`.
pub(crate) struct Service {
    /// Address and port.
    pub(crate) host: String,
    seen: Arc<Mutex<Vec<String>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Service {
    pub(crate) fn new() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        let app = Router::new().fallback(move |uri: Uri, body: Bytes| {
            noted.lock().unwrap().push(format!("{uri} {}", String::from_utf8_lossy(&body)));
            let status = uri.path().rsplit('/').next().and_then(|last| last.parse().ok()).unwrap_or(200);
            std::future::ready((StatusCode::from_u16(status).unwrap(), "ok"))
        });
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let host = listener.local_addr().unwrap().to_string();
        runtime.spawn(async move { axum::serve(listener, app).await });
        Service { host, seen, _runtime: runtime }
    }

    /// Address and body of each request, in order.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The lines of a configuration that let it be called, with a secret in its address.
    pub(crate) fn connection(&self, secret: &str) -> String {
        let host = &self.host;
        format!(
            "  http:\n    kind: http\n    allow_hosts: ['{host}']\n    allow_private: ['{host}']\n    allow_http: true\n    \
             auth: {{ '{host}': {{ secret: {{ file: {secret} }}, in: url }} }}\n"
        )
    }
}
