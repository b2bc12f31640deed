//! Calls of other services, from the configuration to the service and back.

use crate::service::Service;
use crate::support::{Scratch, repository};
use std::fmt::Write as _;

const SECRET: &str = "T0/B0/hush-hush-0123456789";

/// A playbook of one step.
fn playbook(scratch: &Scratch, action: &str, with: &str) -> String {
    let text = format!("name: calls\nsteps:\n  - id: call\n    action: {action}\n    with: {with}\n");
    scratch.write("calls.yaml", &text).display().to_string()
}

/// A configuration that lets a service be called and nobody else.
fn config(scratch: &Scratch, service: &Service) -> String {
    let secret = scratch.write("hook.secret", &format!("{SECRET}\n")).display().to_string();
    let text = format!("connections:\n{}", service.connection(&secret));
    scratch.write("riposte.yaml", &text).display().to_string()
}

/// What a call prints, without what differs from run to run.
fn steady(said: &str, service: &Service) -> String {
    let said = said.replace(&service.host, "SERVICE");
    let id = said.split_whitespace().find(|word| word.starts_with("run_")).unwrap_or("run_").to_owned();
    said.replace(&id, "RUN")
}

#[test]
fn a_chat_is_told_and_its_secret_address_stays_between_the_two() {
    let (scratch, service) = (Scratch::new(), Service::new());
    let config = config(&scratch, &service);
    let with = format!(
        "{{ url: 'http://{}/services/{{secret}}', json: {{ text: 'done by ${{{{ run.playbook }}}}' }} }}",
        service.host
    );
    let file = playbook(&scratch, "http.request", &with);
    let said = scratch.call(&["run", &file, "-vv", "--config", &config, "--output", "json"]);
    assert!(said.starts_with("exit 0\n"), "{said}");
    assert_eq!(service.seen(), [format!("/services/{SECRET} {{\"text\":\"done by calls\"}}")]);

    let list = scratch.call(&["runs", "list", "--output", "json"]);
    let id = list.split('"').find(|part| part.starts_with("run_") && part.len() == 36).unwrap();
    let shown = scratch.call(&["runs", "show", id, "--output", "json"]);
    assert!(shown.contains("services/{secret}"), "{shown}");
    // What is packed in the file stands as text in an export.
    let mut everything = said + &shown + &scratch.call(&["journal", "export"]);
    let entries = std::fs::read_dir(scratch.path("data")).unwrap().map(|entry| entry.unwrap().path());
    for file in entries.filter(|path| path.is_file()) {
        everything.push_str(&String::from_utf8_lossy(&std::fs::read(file).unwrap()));
    }
    assert!(!everything.contains("hush-hush"), "the secret got out");
}

#[test]
fn what_may_not_be_called_is_refused_before_anything_is_sent() {
    let (scratch, service) = (Scratch::new(), Service::new());
    let host = &service.host;
    let localhost = host.replace("127.0.0.1", "localhost");
    let text = format!(
        "connections:\n  http:\n    kind: http\n    allow_http: true\n    allow_hosts: ['{host}', '{localhost}', 10.0.0.1, \
         169.254.169.254]\n    allow_private: ['{host}']\n"
    );
    let config = scratch.write("riposte.yaml", &text).display().to_string();
    let mut said = String::new();
    for with in [
        "{ url: 'https://elsewhere.example.com/' }".to_owned(),
        "{ url: 'https://10.0.0.1/' }".to_owned(),
        "{ url: 'http://169.254.169.254/metadata/identity/oauth2/token' }".to_owned(),
        "{ url: 'http://[::ffff:a9fe:a9fe]/metadata/identity/oauth2/token' }".to_owned(),
        format!("{{ url: 'http://{localhost}/' }}"),
        format!("{{ url: 'http://{host}/', headers: {{ Authorization: Bearer x }} }}"),
        format!("{{ url: 'http://me:you@{host}/' }}"),
        format!("{{ url: 'http://{host}/{{secret}}' }}"),
        format!("{{ url: 'http://{host}/', json: 1, form: {{ a: 1 }} }}"),
    ] {
        let file = playbook(&scratch, "http.request", &with);
        let printed = scratch.call(&["run", &file, "--yes", "--config", &config]);
        let failure = printed.lines().find(|line| line.contains("failed: ")).unwrap();
        let failure = failure.split_once("failed: ").unwrap().1;
        let exit = printed.lines().next().unwrap();
        let _ = writeln!(said, "{exit}, {failure}");
    }
    let said = said.replace(&localhost, "LOCALHOST").replace(host, "SERVICE");
    // A machine may have either of them, or both.
    insta::assert_snapshot!(said.replace("is at ::1,", "is at 127.0.0.1,"));
    assert!(service.seen().is_empty());
}

#[test]
fn a_request_in_doubt_asks_a_person_and_is_not_sent_again() {
    let (scratch, service) = (Scratch::new(), Service::new());
    let config = config(&scratch, &service);
    let file =
        playbook(&scratch, "http.request", &format!("{{ url: 'http://{}/503', json: 1 }}", service.host));
    let said = scratch.call(&["run", &file, "--yes", "--config", &config]);
    assert!(said.starts_with("exit 1\n"), "{said}");
    let said = steady(&said, &service);
    let wanted = "failed: unknown_outcome: SERVICE answered POST with 503; nobody can say whether http.request was carried \
                  out: look at SERVICE whether the POST of 20";
    assert!(said.contains(wanted), "{said}");
    assert_eq!(service.seen(), ["/503 1"]);
}

#[test]
fn a_simulated_run_calls_nobody() {
    let (scratch, service) = (Scratch::new(), Service::new());
    let config = config(&scratch, &service);
    for action in ["http.get", "http.request"] {
        let file = playbook(&scratch, action, &format!("{{ url: 'http://{}/' }}", service.host));
        let said = scratch.call(&["run", &file, "--simulate", "--config", &config]);
        assert!(said.starts_with("exit 1\n"), "{said}");
        let wanted = format!(
            "refused: a simulated run calls nobody outside, so `{action}` did not call {}:",
            service.host
        );
        assert!(said.contains(&wanted), "{said}");
    }
    assert!(service.seen().is_empty());
}

#[test]
fn without_a_connection_nothing_begins() {
    let scratch = Scratch::new();
    let config = scratch.write("riposte.yaml", "connections: {}\n").display().to_string();
    let file = playbook(&scratch, "http.get", "{ url: 'https://a.example.com/' }");
    insta::assert_snapshot!(scratch.call(&["run", &file, "--config", &config]));
}

#[test]
fn a_secret_that_is_not_there_or_cannot_be_sent_starts_nothing() {
    let (scratch, service) = (Scratch::new(), Service::new());
    let config = config(&scratch, &service);
    let file = playbook(&scratch, "http.get", &format!("{{ url: 'http://{}/' }}", service.host));
    scratch.write("hook.secret", "hush\nhush\n");
    let odd = scratch.call(&["run", &file, "--config", &config]);
    std::fs::remove_file(scratch.path("hook.secret")).unwrap();
    let gone = scratch.call(&["run", &file, "--config", &config]);
    assert!(!odd.contains("hush") && service.seen().is_empty());
    insta::assert_snapshot!(format!("{odd}\n{gone}").replace(&service.host, "SERVICE"));
}

#[test]
fn the_catalogue_tells_what_a_call_takes_and_gives() {
    let scratch = Scratch::new();
    insta::assert_snapshot!(scratch.call(&["actions", "http.request"]));
}

#[test]
fn a_playbook_that_calls_others_is_checked_without_a_configuration() {
    let scratch = Scratch::new();
    let good = playbook(
        &scratch,
        "http.request",
        "{ url: 'https://a.example.com/', json: { a: [1] }, expect: [201] }",
    );
    assert!(scratch.call(&["check", &good]).starts_with("exit 0\n"));
    let bad = playbook(
        &scratch,
        "http.request",
        "{ uri: 'https://a.example.com/', method: GET, json: 1, expect: [99], headers: x }",
    );
    insta::assert_snapshot!(scratch.call(&["check", &bad]));
    let shipped = repository("playbooks/notify-chat.yaml");
    assert!(scratch.call(&["check", &shipped]).starts_with("exit 0\n"));
}
