//! A host in memory, a clock that stands, and requests by holders of tokens and by people on this machine.

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use riposte_engine::{Clock, HostStore};
use riposte_executor::{Connections, Executor, Host, Library};
use riposte_model::Timestamp;
use riposte_playbook::{Playbook, load};
use riposte_server::api::{Api, Health, Local, News, Tokens, over_network, over_socket};
use riposte_server::config::{ApiConfig, Role, TokenConfig};
use riposte_server::http::Peer;
use riposte_server::reload::{Loaded, NotLoaded, Reload, Status};
use riposte_simulation::{MemoryStore, catalogue};
use serde_json::{Value, json};
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// A playbook that is over at once.
pub(crate) const QUICK: &str = "name: quick\ndescription: Ends at once.\ninputs:\n  device: { type: string, pattern: \"^[0-9a-f]{4}$\" }\ntriggers:\n  \
     - webhook: alert\n    auth: none\n    bind: { device: $.device }\n  - { schedule: '0 4 * * *', timezone: Europe/Berlin, inputs: \
     { device: 00ff } }\nsteps:\n  - stop: done\n";
/// One that takes its time.
pub(crate) const SLOW: &str = "name: slow\nsteps:\n  - { id: rest, wait: 1h }\n";

const NOW: Timestamp = Timestamp::from_millis(1_764_158_400_000);

struct Standing;

#[async_trait]
impl Clock for Standing {
    fn now(&self) -> Timestamp {
        NOW
    }

    async fn sleep_until(&self, _: Timestamp) {
        std::future::pending::<()>().await;
    }
}

/// Counts the reloads, and refuses every second one.
#[derive(Default)]
pub(crate) struct Reloads(pub(crate) AtomicUsize);

impl Reload for Reloads {
    fn reload(&self) -> Result<Loaded, NotLoaded> {
        let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        match count.is_multiple_of(2) {
            true => Err(NotLoaded { at: NOW, why: "2 playbooks have errors".to_owned() }),
            false => Ok(loaded()),
        }
    }

    fn status(&self) -> Status {
        Status { started_at: NOW, loaded: loaded(), failed: None }
    }
}

fn loaded() -> Loaded {
    Loaded { at: NOW, playbooks: 40, webhooks: 7, schedules: 2, needs_restart: vec!["listen"] }
}

/// A daemon, as far as its API needs one.
pub(crate) struct House {
    pub(crate) api: Arc<Api>,
    pub(crate) reloads: Arc<Reloads>,
    pub(crate) network: Router,
    pub(crate) socket: Router,
    /// Who owns the socket.
    pub(crate) owner: Peer,
    _folder: TempDir,
}

/// One token of each role, called after it.
pub(crate) fn tokens() -> ApiConfig {
    let token = |role: Role| {
        let digest = ring::digest::digest(&ring::digest::SHA256, secret(role).as_bytes());
        TokenConfig {
            name: format!("the-{}", role.as_str()),
            role,
            sha256: digest.as_ref().try_into().unwrap(),
        }
    };
    ApiConfig { tokens: [Role::Viewer, Role::Operator, Role::Admin].map(token).into() }
}

pub(crate) fn secret(role: Role) -> String {
    format!("secret of {}", role.as_str())
}

impl House {
    pub(crate) async fn new(playbooks: &[&str]) -> House {
        let store = Arc::new(MemoryStore::default());
        let clock = Arc::new(Standing);
        let library = Library { playbooks: Vec::new(), catalogue: catalogue() };
        let news = Arc::new(News::default());
        let executor = Executor::new(store.clone(), clock.clone(), news.clone(), Connections::new(), library);
        let host = Host::start(executor, store.clone()).await.unwrap();
        let store: Arc<dyn HostStore> = store;
        let reloads = Arc::new(Reloads::default());
        let playbooks = Arc::new(RwLock::new(read(playbooks)));
        let (reload, health, stop) = (reloads.clone(), Health::default(), CancellationToken::new());
        let api = Arc::new(Api { host, store, clock, playbooks, reload, health, news, stop });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        std::fs::write(&path, "").unwrap();
        let (uid, gid) = std::fs::metadata(&path).map(|file| (file.uid(), file.gid())).unwrap();
        let network = over_network(api.clone(), Tokens::of(&tokens()));
        let socket = over_socket(api.clone(), Local::at(&path).unwrap());
        House { api, reloads, network, socket, owner: Peer::Local { uid, gid }, _folder: folder }
    }

    /// Asks over the network, with the token of a role.
    pub(crate) async fn ask(&self, role: Role, asked: &str, body: &Value) -> Answer {
        let token = format!("Bearer {}", secret(role));
        answer(&self.network, request(asked, &[("authorization", &token)], body)).await
    }

    /// Asks at the socket, as its owner.
    pub(crate) async fn order(&self, asked: &str, body: &Value) -> Answer {
        let mut request = request(asked, &[], body);
        request.extensions_mut().insert(self.owner);
        answer(&self.socket, request).await
    }

    /// Starts a run, and gives its id.
    pub(crate) async fn start(&self, playbook: &str) -> String {
        let started = self.ask(Role::Operator, "POST /api/v1/runs", &json!({ "playbook": playbook })).await;
        assert_eq!(started.status, 202, "{started:?}");
        started.body["run_id"].as_str().unwrap().to_owned()
    }
}

/// What was answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// Null if there is none, a text if it is no JSON.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The last part of a problem's type.
    pub(crate) fn problem(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let kind = self.body["type"].as_str().unwrap();
        (self.status, kind.strip_prefix("urn:riposte:problem:").unwrap())
    }
}

/// A request like `GET /readyz`; without a body if that is null.
pub(crate) fn request(asked: &str, headers: &[(&str, &str)], body: &Value) -> Request<Body> {
    let (method, path) = asked.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match body {
        Value::Null => request.body(Body::empty()).unwrap(),
        body => {
            request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
        }
    }
}

pub(crate) async fn answer(router: &Router, request: Request<Body>) -> Answer {
    let response: Response<Body> = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let headers = headers.collect();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let body = match body.is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::from(String::from_utf8(body.to_vec()).unwrap())),
    };
    Answer { status, headers, body }
}

pub(crate) fn read(sources: &[&str]) -> Vec<Arc<Playbook>> {
    let read = |source: &&str| {
        let loaded = load("a.yaml", source, &catalogue());
        loaded.playbook.unwrap_or_else(|| panic!("{source}"))
    };
    sources.iter().map(read).collect()
}
