//! Nothing that is shown or logged holds a secret, a token or a body.

use std::{
    error::Error,
    io::{self, Write},
    sync::{Arc, Mutex},
    thread::{self, ThreadId},
};

use riposte_defender::{Client, Credential, GetMachine, GetPackageUri, Isolate, Operation};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::server::{PATIENCE, SECRET, Server, authority, client, connection, json_response, raw, response};

const COMMENT: &str = "comment-for-the-provider-only";
const LINK: &str = "signature-of-the-link";
const FEDERATED: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjbHVzdGVyIn0.c2lnbmF0dXJl";
const HIDDEN: [&str; 5] = [SECRET, "token-0", COMMENT, LINK, FEDERATED];

#[track_caller]
fn assert_clean(text: &str) {
    for hidden in HIDDEN {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
}

#[track_caller]
fn assert_shows_nothing(error: &impl Error) {
    assert_clean(&format!("{error:?} {error}"));
    let mut source = error.source();
    while let Some(layer) = source {
        assert_clean(&format!("{layer:?} {layer}"));
        source = layer.source();
    }
}

fn isolate() -> Isolate {
    Isolate { machine_id: "m-1".into(), comment: COMMENT.into(), isolation_type: None }
}

/// Repeats the request in its answer, as a debugging proxy would.
fn echo(status: u16) -> impl Fn(usize, &crate::server::Seen) -> axum::http::Response<axum::body::Body> {
    move |_, seen| {
        let token = seen.header("authorization").unwrap_or_default();
        let message = format!("{token} https://files.example.com/a?sig={LINK} {SECRET}").replace(SECRET, "");
        json_response(status, &json!({"error": {"code": token, "message": message, "target": token}}))
    }
}

#[tokio::test]
async fn an_error_never_repeats_what_was_sent() {
    let authority = authority().await;
    for status in [302, 400, 401, 403, 404, 408, 429, 500] {
        let api = Server::start(echo(status)).await;
        assert_shows_nothing(
            &client(&api, &authority).send(&isolate(), PATIENCE).await.expect_err("an error"),
        );
    }
    for answer in [&b""[..], b"HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"] {
        let client = Client::new(connection(&raw(answer).await, &authority.url())).expect("a connection");
        assert_shows_nothing(&client.send(&isolate(), PATIENCE).await.expect_err("an error"));
    }
    let body = format!("{{\"value\": 7, \"{LINK}\": \"{LINK}\"}}");
    let api = Server::start(move |_, _| response(200, &[], body.clone())).await;
    let get = GetPackageUri { action_id: "a-1".into() };
    assert_shows_nothing(&client(&api, &authority).send(&get, PATIENCE).await.expect_err("an error"));
}

#[tokio::test]
async fn a_refused_token_never_repeats_the_secret() {
    let authority = Server::start(|_, seen| {
        let form = String::from_utf8_lossy(&seen.body).into_owned();
        json_response(400, &json!({"error": form, "error_description": format!("{form} {SECRET}")}))
    })
    .await;
    let api = Server::start(|_, _| json_response(200, &json!({}))).await;
    let error = client(&api, &authority).send(&isolate(), PATIENCE).await.expect_err("no token");
    assert_shows_nothing(&error);
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    assert!(!format!("{error:?}").contains(&encoded), "{error:?}");
}

#[tokio::test]
async fn debug_of_clients_requests_and_links_is_masked() {
    let api = Server::start(|_, _| {
        json_response(200, &json!({"value": format!("\"https://files.example.com/a.zip?sig={LINK}\"")}))
    })
    .await;
    let authority = authority().await;
    let client = client(&api, &authority);
    let uri = client.send(&GetPackageUri { action_id: "a-1".into() }, PATIENCE).await.expect("a link");
    assert!(uri.expose().contains(LINK));
    assert_clean(&format!("{client:?} {uri:?} {} {:?}", uri.location(), isolate().request()));
    assert_clean(&format!("{:?}", connection(&api.url(), &authority.url())));
}

/// Keeps what one thread writes.
#[derive(Clone)]
struct Lines {
    kept: Arc<Mutex<Vec<u8>>>,
    thread: ThreadId,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if thread::current().id() == self.thread {
            self.kept.lock().expect("no test panicked here").extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Lines;

    fn make_writer(&'a self) -> Lines {
        self.clone()
    }
}

/// Everything is recorded, down to what the HTTP libraries say. The subscriber is the whole binary's, since one for this
/// thread alone would miss events that another thread had met first.
#[tokio::test]
async fn log_lines_name_the_operation_and_show_nothing_else() {
    let lines = Lines { kept: Arc::default(), thread: thread::current().id() };
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::level_filters::LevelFilter::TRACE)
        .with_writer(lines.clone())
        .with_ansi(false)
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    tracing::callsite::rebuild_interest_cache();
    let api = Server::start(|number, seen| match number {
        0 => json_response(201, &json!({"id": "a-1"})),
        _ => echo(400)(number, seen),
    })
    .await;
    let authority = authority().await;
    let client = client(&api, &authority);
    client.send(&isolate(), PATIENCE).await.expect("an action");
    client.send(&GetMachine { machine_id: "m-1".into() }, PATIENCE).await.expect_err("a refusal");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, FEDERATED).expect("a file");
    let mut trusting = connection(&api.url(), &authority.url());
    trusting.credential = Credential::FederatedToken { client_id: "app-1".into(), file };
    let get = GetMachine { machine_id: "m-1".into() };
    Client::new(trusting).expect("a connection").send(&get, PATIENCE).await.expect_err("a refusal");

    let storage = Server::start(|number, _| match number {
        0 => response(403, &[], format!("sig={LINK}")),
        _ => response(200, &[], "abc"),
    })
    .await;
    let link = format!("\"{}/a.zip?sig={LINK}\"", storage.url());
    let api = Server::start(move |_, _| json_response(200, &json!({ "value": link }))).await;
    let client = crate::server::client(&api, &authority);
    let get = GetPackageUri { action_id: "988cc94e-7a8f-4b28-ab65-54970c5d5018".into() };
    client.download(&get, folder.path(), 1_000, PATIENCE).await.expect("a file");

    let bytes = lines.kept.lock().expect("no test panicked here").clone();
    let log = String::from_utf8_lossy(&bytes);
    assert_clean(&log);
    let ours: Vec<&str> = log.lines().filter(|line| line.contains("defender request ended")).collect();
    assert_eq!(ours.len(), 5, "{log}");
    for part in ["operation=\"isolate_machine\"", "method=\"POST\"", "status=201", "duration_ms="] {
        assert!(ours[0].contains(part), "{}", ours[0]);
    }
    assert!(!ours[0].contains("m-1") && !ours[0].contains("delivery"), "{}", ours[0]);
    let rounds: Vec<&str> = log.lines().filter(|line| line.contains("download round ended")).collect();
    assert!(rounds.len() == 2 && rounds[1].contains("bytes=3"), "{rounds:?}");
    assert!(ours[1].contains("status=400") && ours[1].contains("delivery=Answered"), "{}", ours[1]);
}
