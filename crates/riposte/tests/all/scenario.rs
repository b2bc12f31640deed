//! A simulated tenant that holds and does what a scenario says.

use crate::support::{DEVICE, Scratch, repository};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

const CERTIFICATE: &str = include_str!("../../../defender/tests/keys/certificate.pem");
const KEY: &str = include_str!("../../../defender/tests/keys/pkcs8.pem");

/// A playbook that isolates a device and shows what Defender says of it.
fn isolating(scratch: &Scratch, device: &str) -> String {
    let text = format!(
        "name: isolate\nsteps:\n  - {{ id: isolate, action: defender.isolate_machine, with: {{ machine_id: {device}, comment: test }} }}\n  \
         - {{ id: look, action: defender.get_machine, with: {{ machine_id: {device} }} }}\noutputs:\n  \
         status: ${{{{ steps.isolate.output.status }}}}\n  name: ${{{{ steps.look.output.computerDnsName }}}}\n"
    );
    scratch.write("isolate.yaml", &text).display().to_string()
}

/// A tenant in a process of its own, which ends with this.
struct Simulated {
    process: Child,
    address: String,
}

impl Simulated {
    fn start(scratch: &Scratch, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_riposte"))
            .args(["simulate", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .current_dir(scratch.path(""))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut address = String::new();
        // The last line comes once the configuration is written.
        for line in lines.by_ref() {
            let line = line.unwrap();
            if let Some((_, rest)) = line.split_once("listens on ") {
                address = rest.split(' ').next().unwrap().to_owned();
            }
            if line.contains("--input device_id=") {
                break;
            }
        }
        assert!(!address.is_empty(), "it did not start");
        Simulated { process, address }
    }

    /// What its control API answers.
    fn control(&self, path: &str) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET /_tenant/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_scenario_with_mistakes() {
    let scratch = Scratch::new();
    let mut said = Vec::new();
    for text in [
        "devices:\n  - { name: pc-1, onlin: false }\n",
        "devices:\n  - name: pc-1\n    risk: Huge\n",
        "faults:\n  - isolate=504\n",
        "devices:\n  - { id: a, name: pc-1 }\n  - { id: a, name: pc-2 }\nalerts:\n  - { title: x, device: pc-3 }\n",
        "application:\n  certificate_files: [missing.pem]\n",
        "devices: [\n",
    ] {
        scratch.write("scenario.yaml", text);
        said.push(scratch.call(&["simulate", "--listen", "127.0.0.1:0", "--scenario", "scenario.yaml"]));
    }
    let playbook = isolating(&scratch, DEVICE);
    said.push(scratch.call(&["run", &playbook, "--simulate", "--scenario", "nowhere.yaml"]));
    said.push(scratch.call(&["run", &playbook, "--scenario", "scenario.yaml"]));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_run_meets_the_devices_and_the_faults_of_its_scenario() {
    let scratch = Scratch::new();
    let id = "0123456789abcdef0123456789abcdef01234567";
    let text = format!(
        "pace: {{ pending: 0s, quick: 0s }}\ndevices:\n  - {{ id: {id}, name: own.contoso.example }}\nfaults:\n  \
         - isolate=drop-after\n  - machineactions=stale-300ms:2\n  - machines=expired-token\n"
    );
    scratch.write("scenario.yaml", &text);
    let playbook = isolating(&scratch, id);
    let arguments = ["run", &playbook, "--simulate", "--scenario", "scenario.yaml", "--output", "yaml"];
    let output = scratch.riposte(&arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("outputs:\n  status: Succeeded\n  name: own.contoso.example\n"), "{text}{said}");
}

#[test]
fn a_tenant_of_the_example_is_acted_on_with_a_certificate_and_tells_what_was_done() {
    let scratch = Scratch::new();
    let example = std::fs::read_to_string(repository("deploy/scenario.example.yaml")).unwrap();
    // Without the faults that it shows: how long they take is no part of this.
    let example = example.split("\n# What goes wrong").next().unwrap();
    let example = example.replace("  name: Riposte\n", "  name: Riposte\n  certificate_files: [app.pem]\n");
    scratch.write("scenario.yaml", &example);
    let certificate = scratch.write("app.pem", CERTIFICATE).display().to_string();
    let key = scratch.write("app.key", KEY).display().to_string();
    let tenant = Simulated::start(&scratch, &["--scenario", "scenario.yaml", "--write-config", "sim.yaml"]);
    let config = std::fs::read_to_string(scratch.path("sim.yaml")).unwrap();
    let secret = config.lines().find(|line| line.contains("client_secret")).unwrap().to_owned();
    let config = config.replace(
        &secret,
        &format!("    certificate: {{ file: {certificate} }}\n    certificate_key: {{ file: {key} }}"),
    );
    scratch.write("certified.yaml", &config);
    let playbook = isolating(&scratch, DEVICE);
    scratch.riposte(&["run", &playbook, "-c", "certified.yaml"]).assert().success();
    let device = tenant.control("devices/desktop-39g9tgl.contoso.example/history");
    assert_eq!((&device["id"], &device["isolated"]), (&Value::from(DEVICE), &Value::from(true)));
    let history = device["history"].as_array().unwrap();
    assert_eq!(history.len(), 1, "{device}");
    assert_eq!((&history[0]["kind"], &history[0]["status"]), (&"isolate".into(), &"Succeeded".into()));
    assert!(history[0]["comment"].as_str().unwrap().ends_with("] test"), "{device}");
    let before = tenant.control("devices/srv-files-01.contoso.example/history");
    assert_eq!((&before["isolated"], &before["history"]), (&Value::from(true), &Value::Array(Vec::new())));
}
