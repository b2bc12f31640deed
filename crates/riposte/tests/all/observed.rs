//! What can be seen of a daemon from outside: its metrics and its log, and what must never be seen.

use crate::daemon::Daemon;
use crate::support::{DEVICE, Practice, Scratch};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// Much longer than anything takes here.
const LONGEST: Duration = Duration::from_secs(120);

/// The secret of the webhook.
pub(crate) const HOOK_SECRET: &str = "hook-secret-7f3a9c";

/// A word of the alert's body.
pub(crate) const MARKER: &str = "marker-word-5d1e8b";

/// A daemon that can be heard and asked.
pub(crate) struct Seen {
    daemon: Daemon,
    said: Receiver<String>,
    address: SocketAddr,
}

impl Seen {
    /// Starts one with this playbook and this configuration.
    pub(crate) fn start(scratch: &Scratch, playbook: &str, config: &str) -> Seen {
        let (sender, said) = sync_channel(100_000);
        let credentials = scratch.path("credentials");
        std::fs::create_dir_all(&credentials).unwrap();
        std::fs::write(credentials.join("hook-secret"), HOOK_SECRET).unwrap();
        let environment = [("CREDENTIALS_DIRECTORY", credentials.as_path())];
        let daemon =
            Daemon::start_with(scratch, &[playbook, "--config", config], &environment, move |line| {
                line.into_iter().for_each(|line| sender.send(line.to_owned()).unwrap());
            });
        let line = hear(&said, "riposte takes webhooks at http://");
        let address = line.split("http://").nth(1).unwrap().split("/hooks").next().unwrap();
        Seen { daemon, address: address.parse().unwrap(), said }
    }

    /// Waits until it says so.
    pub(crate) fn hear(&self, words: &str) -> String {
        hear(&self.said, words)
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: riposte\r\nconnection: close\r\n\r\n"))
    }

    /// Delivers something to its webhook.
    fn deliver(&self, body: &str, secret: &str) -> String {
        self.ask(&format!(
            "POST /hooks/observed HTTP/1.1\r\nhost: riposte\r\nconnection: close\r\ncontent-type: application/json\r\n\
             authorization: Bearer {secret}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(LONGEST)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Ends it; how it ended, and all that it had said.
    pub(crate) fn end(self) -> (ExitStatus, String) {
        self.daemon.terminate();
        self.daemon.wait()
    }
}

fn hear(said: &Receiver<String>, words: &str) -> String {
    loop {
        let line =
            said.recv_timeout(LONGEST).unwrap_or_else(|error| panic!("`{words}` was never said: {error}"));
        if line.contains(words) {
            return line;
        }
    }
}

/// The main job, begun by a webhook whose secret is a bearer token: contain a device and download what was collected.
fn playbook(scratch: &Scratch) -> String {
    let text = "name: observed
inputs:
  device_id: { type: string }
  alert_id: { type: string }
triggers:
  - webhook: observed
    auth: { bearer: { token: { credential: hook-secret } } }
    bind: { device_id: $.machineId, alert_id: $.id }
steps:
  - { id: isolate, action: defender.isolate_machine, with: { machine_id: '${{ inputs.device_id }}', comment: contain } }
  - { id: collect, action: defender.collect_investigation_package, with: { machine_id: '${{ inputs.device_id }}', comment: look } }
  - { id: save, action: defender.download_investigation_package, with: { action_id: '${{ steps.collect.output.id }}' } }
";
    scratch.write("observed.yaml", text).display().to_string()
}

/// A configuration for the tenant, with these lines about the log.
fn config(scratch: &Scratch, practice: &Practice, more: &str) -> String {
    let path = practice.config_without_limits(scratch);
    let text = std::fs::read_to_string(&path).unwrap();
    scratch.write("riposte.yaml", &format!("{more}\n{text}"));
    path
}

fn alert() -> String {
    format!(
        "{{\"id\": \"alert-1\", \"machineId\": \"{DEVICE}\", \"title\": \"{MARKER}\", \"secret\": \"{MARKER}\"}}"
    )
}

/// What can be seen of a daemon that has done the whole job, once a stranger has knocked too.
pub(crate) struct Sight {
    /// Its log.
    pub(crate) said: String,
    metrics: String,
}

pub(crate) fn job(log: &str, faults: &[&str]) -> Sight {
    let (scratch, practice) = (Scratch::new(), Practice::new(faults));
    let seen = Seen::start(&scratch, &playbook(&scratch), &config(&scratch, &practice, log));
    assert!(seen.deliver(&alert(), "wrong").starts_with("HTTP/1.1 401 "));
    assert!(seen.deliver(&alert(), HOOK_SECRET).starts_with("HTTP/1.1 202 "));
    seen.hear("run finished");
    let metrics = seen.get("/metrics");
    let (status, said) = seen.end();
    assert!(status.success(), "{said}");
    Sight { said, metrics }
}

#[test]
fn the_whole_job_is_logged_in_detail_without_any_secret() {
    let tenant_secret = riposte_tenant::Config::default().client_secret;
    for format in ["text", "json"] {
        let log = format!("log: {{ level: trace, format: {format} }}");
        let Sight { said, metrics } = job(&log, &["isolate=401", "isolate=429"]);
        // Detailed enough that it would show.
        for words in ["download round ended", "defender request ended", "asked for a token", "append"] {
            assert!(said.contains(words), "{words} in {said}");
        }
        // The beginning of every token, and the query of every link, among them.
        for secret in [HOOK_SECRET, MARKER, &tenant_secret, "Bearer", "sig=", "sp=r", "eyJ"] {
            assert!(!said.contains(secret), "{secret} in {said}");
            assert!(!metrics.contains(secret), "{secret} in {metrics}");
        }
    }
}

#[test]
fn every_line_about_a_run_tells_which_run_and_step() {
    let Sight { said, .. } = job("log: { level: 'info,riposte_defender=debug', format: json }", &[]);
    let lines: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let find = |message: &str, operation: Option<&str>| {
        let is = |line: &&Value| {
            line["message"] == message && operation.is_none_or(|name| line["operation"] == name)
        };
        lines.iter().find(is).unwrap_or_else(|| panic!("no `{message}` in {said}")).clone()
    };
    let run_id = find("run started", None)["run_id"].clone();
    assert!(run_id.as_str().unwrap().starts_with("run_"));
    let finished = find("run finished", None);
    assert_eq!((&finished["run_id"], &finished["playbook"]), (&run_id, &"observed".into()));
    let request = find("defender request ended", Some("isolate_machine"));
    assert_eq!((&request["run_id"], &request["playbook"]), (&run_id, &"observed".into()));
    assert_eq!(
        (&request["step"], &request["action"], &request["attempt"]),
        (&"isolate".into(), &"defender.isolate_machine".into(), &1.into())
    );
    assert_eq!(
        (&request["http.request.method"], &request["http.response.status_code"], &request["server.address"]),
        (&"POST".into(), &201.into(), &"127.0.0.1".into())
    );
    assert_eq!(find("download round ended", None)["step"], "save");
    let refused = find("a webhook refused somebody", None);
    assert_eq!(refused["hook"], "observed");
    assert!(refused["why"].as_str().unwrap().starts_with("the proof is wrong"), "{refused}");
}

#[test]
fn the_metrics_tell_what_was_done() {
    let Sight { metrics, .. } = job("log: { level: info }", &["isolate=401", "isolate=429"]);
    let (head, page) = metrics.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let kind = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert!(head.to_lowercase().contains(kind), "{head}");
    for line in [
        "riposte_runs_started_total{playbook=\"observed\"} 1",
        "riposte_runs_total{playbook=\"observed\",status=\"succeeded\"} 1",
        "riposte_runs_total{playbook=\"observed\",status=\"failed\"} 0",
        "riposte_steps_total{action=\"defender.isolate_machine\",outcome=\"succeeded\"} 1",
        "riposte_steps_total{action=\"defender.download_investigation_package\",outcome=\"succeeded\"} 1",
        "riposte_step_retries_total{action=\"defender.isolate_machine\"} 1",
        "riposte_defender_requests_total{operation=\"isolate_machine\",status=\"401\"} 1",
        "riposte_defender_requests_total{operation=\"isolate_machine\",status=\"429\"} 1",
        "riposte_defender_requests_total{operation=\"isolate_machine\",status=\"201\"} 1",
        "riposte_defender_tokens_total{outcome=\"granted\"} 2",
        "riposte_webhook_requests_total{hook=\"observed\",answer=\"401\"} 1",
        "riposte_webhook_requests_total{hook=\"observed\",answer=\"202\"} 1",
        "riposte_calls_in_doubt 0",
        "riposte_host_alive 1",
        "riposte_disk_full 0",
        "riposte_reload_failed 0",
    ] {
        assert!(page.lines().any(|found| found == line), "no `{line}` in {page}");
    }
    for name in ["riposte_journal_size_bytes", "riposte_disk_free_bytes", "process_resident_memory_bytes"] {
        let value = page.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        assert!(value.trim().parse::<u64>().unwrap() > 4096, "{name}{value}");
    }
    assert!(page.contains("riposte_defender_throttled_seconds_total{class=\""), "{page}");
    // Nobody is named.
    assert!(!page.contains(DEVICE) && !page.contains("run_0") && !page.contains("127.0.0.1"), "{page}");
}

#[test]
fn a_level_that_cannot_be_read_is_an_error_at_its_place() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    let config = config(&scratch, &practice, "log: { level: 'info,hyper=debug', format: text }");
    let said = scratch.call(&["serve", &playbook(&scratch), "--config", &config]);
    assert!(said.starts_with("exit 2\n"), "{said}");
    assert!(said.contains("`hyper` is not a part of riposte") && said.contains("riposte.yaml:1:"), "{said}");
}

#[test]
fn a_reload_that_is_refused_shows_until_one_is_taken() {
    let (scratch, practice) = (Scratch::new(), Practice::new(&[]));
    let playbook = playbook(&scratch);
    let good = std::fs::read_to_string(&playbook).unwrap();
    let seen = Seen::start(&scratch, &playbook, &config(&scratch, &practice, ""));
    let failed = |expected: &str| {
        let page = seen.get("/metrics");
        let line = page.lines().find(|line| line.starts_with("riposte_reload_failed ")).unwrap().to_owned();
        assert_eq!(line, format!("riposte_reload_failed {expected}"));
    };
    failed("0");
    std::fs::write(&playbook, "name: observed\nsteps: []\n").unwrap();
    seen.daemon.tell("-HUP");
    seen.hear("not loaded, and what was loaded before stays");
    failed("1");
    std::fs::write(&playbook, good).unwrap();
    seen.daemon.tell("-HUP");
    seen.hear("loaded playbooks=1");
    failed("0");
    assert!(seen.end().0.success());
}
