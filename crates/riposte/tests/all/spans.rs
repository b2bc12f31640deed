//! Spans of a daemon, as a collector gets them.

use crate::observed::{HOOK_SECRET, MARKER, Sight, job};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, sync_channel};

/// One request that a collector got.
struct Got {
    head: String,
    body: Vec<u8>,
}

/// A collector that answers each request so, and its address.
fn collector(answer: &'static str) -> (String, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, got) = sync_channel(1000);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let sender = sender.clone();
            std::thread::spawn(move || {
                while let Some(request) = receive(&stream) {
                    // Whoever listened may be gone.
                    let _ = sender.send(request);
                    let _ = (&stream).write_all(answer.as_bytes());
                }
            });
        }
    });
    (address, got)
}

/// The next request of a connection.
fn receive(stream: &TcpStream) -> Option<Got> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
    });
    let mut body = vec![0; length?];
    reader.read_exact(&mut body).ok()?;
    Some(Got { head, body })
}

fn attribute(span: &Span, name: &str) -> Option<String> {
    let attribute = span.attributes.iter().find(|attribute| attribute.key == name)?;
    match attribute.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{name} is {other:?}"),
    }
}

/// The spans of a job at a tenant with these faults, and all that was sent.
fn spans_of_a_job(faults: &[&str]) -> (Vec<Span>, Vec<Got>, Sight) {
    let (address, got) = collector("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let log = "log: { level: 'warn,riposte::command=info' }";
    let sight = job(&format!("telemetry: {{ otlp_endpoint: '{address}' }}\n{log}"), faults);
    let got: Vec<Got> = got.try_iter().collect();
    let mut spans = Vec::new();
    for request in &got {
        let request = ExportTraceServiceRequest::decode(&request.body[..]).unwrap();
        for resource in request.resource_spans {
            let service = resource.resource.unwrap().attributes;
            let name = service.iter().find(|attribute| attribute.key == "service.name").unwrap();
            assert_eq!(name.value.clone().unwrap().value, Some(Value::StringValue("riposte".into())));
            spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }
    (spans, got, sight)
}

#[test]
fn a_collector_gets_the_spans_of_a_run_in_the_trace_that_its_id_names() {
    let (spans, got, sight) = spans_of_a_job(&["isolate=429"]);
    let head = got[0].head.to_lowercase();
    assert!(
        head.starts_with("post /v1/traces ") && head.contains("content-type: application/x-protobuf"),
        "{head}"
    );
    let run = spans.iter().find(|span| span.name == "run").unwrap();
    let run_id = attribute(run, "run_id").unwrap();
    assert!(sight.said.contains(&run_id), "{}", sight.said);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(format!("run_{}", hex(&run.trace_id)), run_id);
    assert!(run.parent_span_id.is_empty(), "a stretch is a root");
    assert_eq!(attribute(run, "playbook").as_deref(), Some("observed"));

    let step = |name: &str| {
        let is = |span: &&Span| span.name == "step" && attribute(span, "step").as_deref() == Some(name);
        spans.iter().filter(is).collect::<Vec<_>>()
    };
    for name in ["isolate", "collect", "save"] {
        assert!(!step(name).is_empty(), "no span of {name}");
    }
    let isolations = step("isolate");
    let posts: Vec<&Span> = spans.iter().filter(|span| span.name == "POST isolate_machine").collect();
    assert_eq!(posts.len(), 2, "one that was refused, and one that was not");
    for post in &posts {
        assert_eq!(post.trace_id, run.trace_id);
        assert!(isolations.iter().any(|step| step.span_id == post.parent_span_id), "inside its step");
        assert_eq!(post.kind, 3, "a client's");
        assert_eq!(attribute(post, "http.request.method").as_deref(), Some("POST"));
        assert_eq!(attribute(post, "server.address").as_deref(), Some("127.0.0.1"));
        assert!(attribute(post, "server.port").is_some());
    }
    let statuses: Vec<_> =
        posts.iter().map(|post| attribute(post, "http.response.status_code").unwrap()).collect();
    assert!(statuses.contains(&"429".to_owned()) && statuses.contains(&"201".to_owned()), "{statuses:?}");
    let refused = posts.iter().find(|post| attribute(post, "error.type").is_some()).unwrap();
    assert_eq!(attribute(refused, "error.type").as_deref(), Some("429"));
    assert_eq!(refused.status.clone().unwrap().code, 2, "an error");
    for request in &got {
        let sent = String::from_utf8_lossy(&request.body);
        let secret = riposte_tenant::Config::default().client_secret;
        for secret in [HOOK_SECRET, MARKER, &secret, "sig=", "eyJ", "/api/"] {
            assert!(!sent.contains(secret), "{secret} in a span");
        }
    }
}

#[test]
fn a_collector_that_takes_nothing_or_never_answers_holds_nobody_up() {
    let (refusing, _got) = collector("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
    let (silent, _heard) = collector("");
    for address in [refusing, silent] {
        let Sight { said, .. } = job(&format!("telemetry: {{ otlp_endpoint: '{address}' }}"), &[]);
        assert!(said.contains("run finished"), "{said}");
        assert!(said.contains("spans"), "it is said that they are lost: {said}");
    }
}
