//! `http.get` and `http.request`, from a playbook's step to a service that notes what arrives.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use riposte_actions::{HttpAuth, HttpConnector, HttpSettings, SecretPlace, catalogue};
use riposte_engine::{Event, Note, Observer, Run, RunStarted, RunStatus, Store, Trigger};
use riposte_executor::{Connection, Connections, Executor, Library, NewRun, Pace, SystemClock};
use riposte_model::{ErrorKind, Failure, HostPattern, RunId, StepPath, Timestamp};
use riposte_playbook::{Style, load};
use riposte_simulation::MemoryStore;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const SECRET: &str = "hush-hush-0123456789";

/// What arrived, one line for each request.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Notes a request, and gives how many there were before it.
    fn note(&self, line: String) -> usize {
        let mut seen = self.0.lock().unwrap();
        seen.push(line);
        seen.len() - 1
    }
}

/// Answers by the path: `/echo`, `/html`, `/large`, `/to/HOST:PORT`, `/STATUS`, and `/STATUS/STATUS` for one after another.
async fn answer(
    State(seen): State<Seen>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("-").to_owned();
    let body = String::from_utf8_lossy(&body).into_owned();
    let before = seen.note(format!(
        "{method} {uri} auth={} type={} x={} body={body}",
        text("authorization"),
        text("content-type"),
        text("x-test"),
    ));
    let path: Vec<&str> = uri.path().trim_start_matches('/').split('/').collect();
    match path.as_slice() {
        ["echo", ..] => {
            let said = json!({ "authorization": text("authorization"), "path": uri.path(), "n": 7 });
            ([(header::CONTENT_TYPE, "application/json"), (header::SET_COOKIE, "s=1")], said.to_string())
                .into_response()
        }
        ["html"] => ([(header::CONTENT_TYPE, "text/html")], "ok").into_response(),
        ["large"] => "a".repeat(17 * 1024 * 1024).into_response(),
        ["to", host] => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, format!("http://{host}/echo"))])
            .into_response(),
        statuses => {
            let status: u16 = statuses[before.min(statuses.len() - 1)].parse().unwrap();
            (StatusCode::from_u16(status).unwrap(), [(header::RETRY_AFTER, "0")]).into_response()
        }
    }
}

/// A service, and what arrived there.
async fn service() -> (String, Seen) {
    let seen = Seen::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let app = Router::new().fallback(answer).with_state(seen.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (host, seen)
}

/// A service that reads a request and then hangs up.
async fn mute() -> (String, Seen) {
    let seen = Seen::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let noted = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 4096];
            let size = stream.read(&mut bytes).await.unwrap();
            noted.note(String::from_utf8_lossy(&bytes[..size]).lines().next().unwrap_or("").to_owned());
        }
    });
    (host, seen)
}

struct Quiet;

impl Observer for Quiet {
    fn begun(&self, _: RunId, _: &RunStarted, _: Timestamp) {}
    fn recorded(&self, _: &Run, _: &Event) {}
    fn noted(&self, _: RunId, _: &StepPath, _: &Note) {}
}

/// What carries a playbook out.
struct Stage {
    executor: Executor,
    store: Arc<MemoryStore>,
}

fn patterns(hosts: &[&str]) -> Vec<HostPattern> {
    hosts.iter().map(|host| HostPattern::parse(host).unwrap()).collect()
}

/// A connection that may call these hosts of this machine by plain http.
fn near(hosts: &[&str]) -> HttpSettings {
    HttpSettings {
        allow_hosts: patterns(hosts),
        allow_private: patterns(hosts),
        allow_http: true,
        auth: Vec::new(),
    }
}

fn with_secret(host: &str, place: SecretPlace) -> HttpSettings {
    let auth = HttpAuth { host: HostPattern::parse(host).unwrap(), secret: SECRET.into(), place };
    HttpSettings { auth: vec![auth], ..near(&[host]) }
}

impl Stage {
    fn new(settings: HttpSettings) -> Stage {
        let connection = Connection {
            description: "a service".into(),
            connector: Arc::new(HttpConnector::new(settings).unwrap()),
            // So long that a test that waited for it would not end.
            visibility_delay: Duration::from_secs(86_400),
            pace: Pace { shortest: Duration::from_millis(20), longest: Duration::from_secs(1) },
        };
        let store = Arc::new(MemoryStore::default());
        let executor = Executor::new(
            store.clone(),
            Arc::new(SystemClock),
            Arc::new(Quiet),
            Connections::new().with("http", connection),
            Library::default(),
        );
        Stage { executor, store }
    }

    /// Runs one step, called `last`; its retry does not wait.
    async fn play(&self, action: &str, with: &str) -> Run {
        let source = format!(
            "name: staged\nsteps:\n  - id: last\n    action: {action}\n    retry: {{ attempts: 3, initial: 1ms, jitter: none }}\n    with: {with}\n"
        );
        let loaded = load("staged.yaml", &source, &catalogue());
        let report = loaded.report;
        let playbook = loaded.playbook.unwrap_or_else(|| panic!("{}", report.render(Style::Plain)));
        let trigger = Trigger { kind: "manual".into(), name: "test".into(), body: Value::Null.into() };
        let run = self.executor.begin(NewRun { playbook, inputs: Map::new(), trigger }).await.unwrap();
        let run = self.executor.drive(run, CancellationToken::new()).await.unwrap();
        let journal = format!("{:?}", self.store.events(run.id()).await.unwrap());
        assert!(!journal.contains(SECRET), "{journal}");
        run
    }

    async fn output(&self, action: &str, with: &str) -> Value {
        let run = self.play(action, with).await;
        assert_eq!(run.status(), RunStatus::Succeeded, "{:?}", run.finished());
        let mut output = run.values()[1].1["last"]["output"].clone();
        let spec = catalogue();
        let spec = spec.get(action).unwrap();
        assert_eq!(spec.output.violations(&output), [], "{action}: {output}");
        output["headers"].as_object_mut().unwrap().shift_remove("date");
        output
    }

    async fn failure(&self, action: &str, with: &str) -> Failure {
        let run = self.play(action, with).await;
        assert_eq!(run.status(), RunStatus::Failed, "{:?}", run.finished());
        run.finished().unwrap().failure.clone().unwrap()
    }
}

#[tokio::test]
async fn a_request_arrives_as_it_was_written_and_its_answer_is_kept_without_its_secrets() {
    let (host, seen) = service().await;
    let stage = Stage::new(with_secret(&host, SecretPlace::default()));
    let output = stage
        .output(
            "http.request",
            &format!(
                "{{ url: 'http://{host}/echo?a=1', method: PUT, query: {{ b: 'x&y' }}, headers: {{ X-Test: 1 }}, json: {{ text: \"${{{{ 'a' + 'b' }}}}\" }} }}"
            ),
        )
        .await;
    assert_eq!(
        seen.all(),
        [format!(
            "PUT /echo?a=1&b=x%26y auth=Bearer {SECRET} type=application/json x=1 body={{\"text\":\"ab\"}}"
        )]
    );
    assert_eq!(
        output,
        json!({
            "status": 200,
            "headers": { "content-type": "application/json" },
            "body": { "authorization": "Bearer [secret]", "path": "/echo", "n": 7 },
        })
    );
}

#[tokio::test]
async fn a_secret_in_the_address_is_sent_and_not_journaled() {
    let (host, seen) = service().await;
    let stage = Stage::new(with_secret(&host, SecretPlace::Url));
    let url = format!("{{ url: 'http://{host}/echo/{{secret}}', form: {{ text: hello }} }}");
    let output = stage.output("http.request", &url).await;
    assert_eq!(
        seen.all(),
        [format!("POST /echo/{SECRET} auth=- type=application/x-www-form-urlencoded x=- body=text=hello")]
    );
    assert_eq!(output["body"]["path"], "/echo/[secret]");
}

#[tokio::test]
async fn a_question_gets_text_too() {
    let (host, seen) = service().await;
    let output =
        Stage::new(near(&[&host])).output("http.get", &format!("{{ url: 'http://{host}/html' }}")).await;
    assert_eq!(output["body"], "ok");
    assert_eq!(seen.all(), ["GET /html auth=- type=- x=- body="]);
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_secret_goes_along() {
    let ((host, seen), (other, elsewhere)) = (service().await, service().await);
    let settings = HttpSettings {
        allow_hosts: patterns(&[&host, &other]),
        allow_private: patterns(&[&host, &other]),
        ..with_secret(&host, SecretPlace::default())
    };
    let stage = Stage::new(settings);
    let with = format!("{{ url: 'http://{host}/to/{other}' }}");
    assert_eq!(stage.failure("http.get", &with).await.kind, ErrorKind::Invalid);
    // Whether it was done before it was redirected, nobody can say.
    assert_eq!(stage.failure("http.request", &with).await.kind, ErrorKind::UnknownOutcome);
    assert_eq!((seen.all().len(), elsewhere.all().len()), (2, 0));
    let asked = format!("{{ url: 'http://{host}/to/{other}', expect: [307] }}");
    let output = stage.output("http.get", &asked).await;
    assert_eq!(output["headers"]["location"], format!("http://{other}/echo"));
}

#[tokio::test]
async fn a_request_in_doubt_is_left_to_a_person_and_never_sent_again() {
    let ((host, seen), (mute, unheard)) = (service().await, mute().await);
    let stage = Stage::new(near(&[&host, &mute]));
    let mut said = Vec::new();
    for url in [format!("http://{host}/503"), format!("http://{host}/408"), format!("http://{mute}/")] {
        let failure = stage.failure("http.request", &format!("{{ url: '{url}' }}")).await;
        assert_eq!((failure.kind, failure.retry_after_ms), (ErrorKind::UnknownOutcome, None));
        let (before, after) = failure.message.split_once(" of 20").unwrap();
        let message = format!("{before} of TIME{}", &after[after.find(' ').unwrap()..]);
        said.push(message.replace(&host, "HOST").replace(&mute, "MUTE"));
    }
    insta::assert_snapshot!(said.join("\n"));
    assert_eq!((seen.all().len(), unheard.all().len()), (2, 1));
}

#[tokio::test]
async fn what_certainly_did_nothing_is_tried_again_where_that_may_help() {
    let (host, seen) = service().await;
    let stage = Stage::new(near(&[&host]));
    // Too many, and then room for it.
    stage.output("http.request", &format!("{{ url: 'http://{host}/429/204' }}")).await;
    assert_eq!(seen.all().len(), 2);

    // What was refused would be refused again.
    for (status, kind) in [
        (400, ErrorKind::Invalid),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
    ] {
        let before = seen.all().len();
        let failure = stage.failure("http.request", &format!("{{ url: 'http://{host}/{status}' }}")).await;
        assert_eq!((failure.kind, seen.all().len()), (kind, before + 1));
    }
    stage.output("http.request", &format!("{{ url: 'http://{host}/404', expect: [200, 404] }}")).await;

    // A question may be asked as often as one likes.
    let before = seen.all().len();
    let failure = stage.failure("http.get", &format!("{{ url: 'http://{host}/503' }}")).await;
    assert_eq!((failure.kind, seen.all().len()), (ErrorKind::Unavailable, before + 3));
}

#[tokio::test]
async fn who_cannot_be_reached_has_done_nothing() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let failure =
        Stage::new(near(&[&gone])).failure("http.request", &format!("{{ url: 'http://{gone}/' }}")).await;
    assert_eq!(failure.kind, ErrorKind::Unavailable);
    let message = failure.message.replace(&gone, "GONE");
    assert!(message.starts_with("cannot reach GONE: ") && message.contains("refused"), "{message}");
}

#[tokio::test]
async fn where_a_name_leads_is_looked_at_before_anything_is_sent() {
    let (host, seen) = service().await;
    let port = host.rsplit_once(':').unwrap().1;
    let name = format!("localhost:{port}");
    let public = HttpSettings { allow_private: Vec::new(), ..near(&[&name, &host]) };
    let stage = Stage::new(public);
    for (host, expected) in [
        (
            &name,
            format!("a loopback address, and is not among the connection's `allow_private`: list {name}"),
        ),
        (&host, format!("{host} is a loopback address, and is not among")),
    ] {
        for action in ["http.get", "http.request"] {
            let failure = stage.failure(action, &format!("{{ url: 'http://{host}/204' }}")).await;
            assert_eq!(failure.kind, ErrorKind::Refused, "{failure}");
            assert!(failure.message.contains(&expected), "{failure}");
        }
    }
    assert_eq!(seen.all().len(), 0);
    let listed = HttpSettings { allow_private: patterns(&[&name]), ..near(&[&name, &host]) };
    Stage::new(listed).output("http.get", &format!("{{ url: 'http://{name}/204' }}")).await;
    assert_eq!(seen.all().len(), 1);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_fails_a_question_and_not_what_was_done() {
    let (host, _) = service().await;
    let stage = Stage::new(near(&[&host]));
    let with = format!("{{ url: 'http://{host}/large' }}");
    let failure = stage.failure("http.get", &with).await;
    assert_eq!(failure.kind, ErrorKind::Invalid);
    assert!(failure.message.ends_with("the answer has more than 16777216 bytes"), "{failure}");
    let output = stage.output("http.request", &with).await;
    assert_eq!(
        (&output["status"], &output["left_out"]),
        (&json!(200), &json!("the answer has more than 16777216 bytes"))
    );
}
