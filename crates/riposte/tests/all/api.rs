//! The daemon's API as a process serves it: over the network and at its socket, until it ends.

use crate::daemon::{Daemon, get, start_run};
use crate::support::Scratch;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

/// Longest wait for one line; whoever waits longer has found a bug.
const PATIENCE: Duration = Duration::from_secs(60);

/// `sha256sum` of `sesame`.
const CONFIG: &str = "listen: 127.0.0.1:0\nconnections: {}\napi:\n  tokens:\n    - { name: tester, role: operator, sha256: \
                      \"d0c04f4b1951e4aeaaec8223ed2039e542f3aae805a6fa7f6d794e5afff5d272\" }\n";

const REST: &str = "name: rest\ntriggers:\n  - { webhook: rest, auth: none }\nsteps: [{ wait: 1h }]\n";

/// A daemon on a simulated tenant, and its address.
fn serving(scratch: &Scratch) -> (Daemon, String) {
    scratch.write("riposte.yaml", CONFIG);
    scratch.write("rest.yaml", REST);
    let (sender, lines) = sync_channel(1);
    let daemon =
        Daemon::start(scratch, &["rest.yaml", "--simulate", "--config", "riposte.yaml"], move |line| {
            let address = line.and_then(|line| line.strip_prefix("riposte takes webhooks at http://"));
            let address =
                address.and_then(|rest| rest.split_once("/hooks")).map(|(address, _)| address.to_owned());
            if address.is_some() || line.is_none() {
                let _ = sender.try_send(address);
            }
        });
    let address = lines.recv_timeout(PATIENCE).unwrap().expect("it serves");
    (daemon, address)
}

fn send(address: &str, request: &str, headers: &str, body: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = body.len();
    let request = format!(
        "{request} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         {headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    BufReader::new(stream)
}

/// The status, and the body.
fn ask(address: &str, request: &str, token: Option<&str>, body: &str) -> (u16, Value) {
    let headers = token.map_or_else(String::new, |token| format!("authorization: Bearer {token}\r\n"));
    let mut answer = String::new();
    send(address, request, &headers, body).read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
}

#[test]
fn the_run_of_a_webhook_is_looked_at_where_its_answer_says_with_a_token() {
    let scratch = Scratch::new();
    let (daemon, address) = serving(&scratch);
    let (status, told) = ask(&address, "POST /hooks/rest", None, "{}");
    assert_eq!(status, 202, "{told}");
    let url = format!("GET {}", told["status_url"].as_str().unwrap());
    for token in [None, Some("wrong")] {
        assert_eq!(ask(&address, &url, token, "").0, 401, "{token:?}");
    }
    let (status, run) = ask(&address, &url, Some("sesame"), "");
    assert_eq!((status, &run["run_id"], &run["playbook"]), (200, &told["run_id"], &json!("rest")));
    assert_eq!(ask(&address, "POST /api/v1/reload", Some("sesame"), "").0, 403);
    // No secret of anybody, right or wrong, is in what it has said.
    let said = daemon.kill();
    assert!(said.contains("the API refused somebody"), "{said}");
    assert!(!said.contains("wrong") && !said.contains("sesame"), "{said}");
}

#[test]
fn the_socket_is_its_owners_and_its_groups() {
    let scratch = Scratch::new();
    let (daemon, _) = serving(&scratch);
    let socket = crate::daemon::socket(&scratch);
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    assert!(!scratch.path("data/.new").exists());
    let begun = start_run(&socket, "one", "rest", &json!({})).unwrap();
    assert_eq!(begun.status, 202, "{begun:?}");
    assert_eq!(get(&socket, "/api/v1/nothing").unwrap().status, 404);
    daemon.terminate();
    assert!(daemon.wait().0.success());
    assert!(!socket.exists(), "it is gone with its daemon");
}

#[test]
fn whoever_follows_a_run_does_not_keep_the_daemon_from_ending() {
    let scratch = Scratch::new();
    let (daemon, address) = serving(&scratch);
    let (_, told) = ask(&address, "POST /hooks/rest", None, "{}");
    let request = format!("GET /api/v1/runs/{}/events", told["run_id"].as_str().unwrap());
    let headers = "authorization: Bearer sesame\r\naccept: text/event-stream\r\n";
    let mut followed = send(&address, &request, headers, "");
    let mut line = String::new();
    while !line.contains("timer_set") {
        line.clear();
        assert_ne!(followed.read_line(&mut line).unwrap(), 0, "it goes on");
    }
    daemon.terminate();
    let (mut rest, (status, said)) = (String::new(), daemon.wait());
    assert!(status.success(), "{said}");
    followed.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "the stream has an end, and is not cut off: {rest:?}");
}
