//! `riposte serve` as a process, and its API on its socket.

use crate::support::Scratch;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

/// Longest wait for one answer; whoever waits longer has found a bug.
const PATIENCE: Duration = Duration::from_secs(60);

/// A daemon over the folder `data` of a scratch folder. Dropped, it is killed.
pub(crate) struct Daemon {
    child: Child,
    /// All that it has said, once it is gone.
    said: Option<JoinHandle<Vec<String>>>,
}

impl Daemon {
    /// Starts one with these arguments. `heard` is told of each line that it says, and of its end by `None`.
    pub(crate) fn start(
        scratch: &Scratch,
        arguments: &[&str],
        heard: impl FnMut(Option<&str>) + Send + 'static,
    ) -> Daemon {
        Daemon::start_with(scratch, arguments, &[], heard)
    }

    /// The same with these variables in its environment.
    pub(crate) fn start_with(
        scratch: &Scratch,
        arguments: &[&str],
        environment: &[(&str, &Path)],
        mut heard: impl FnMut(Option<&str>) + Send + 'static,
    ) -> Daemon {
        let anywhere: &[&str] =
            if arguments.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        // Files that may not grow are an error then, as on a full disk, and no signal.
        let mut child = Command::new("/bin/sh")
            .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_riposte"), "serve"])
            .args(arguments)
            .args(["--data-dir", "data"])
            .args(anywhere)
            .current_dir(scratch.path(""))
            .env_clear()
            .env("HOME", scratch.path(""))
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = std::thread::spawn(move || {
            let mut said = Vec::new();
            for line in lines.map_while(Result::ok) {
                heard(Some(&line));
                said.push(line);
            }
            heard(None);
            said
        });
        Daemon { child, said: Some(said) }
    }

    /// Starts one and waits until it serves; what it has said, if it has ended instead.
    pub(crate) fn serving(scratch: &Scratch, arguments: &[&str]) -> Result<Daemon, (ExitStatus, String)> {
        let (sender, lines) = std::sync::mpsc::sync_channel(1);
        let daemon = Daemon::start(scratch, arguments, move |line| {
            if line.is_none_or(|line| line.starts_with("riposte takes ")) {
                let _ = sender.try_send(line.is_some());
            }
        });
        match lines.recv().unwrap() {
            true => Ok(daemon),
            false => Err(daemon.wait()),
        }
    }

    /// `kill -9`, and what it had said.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.wait().1
    }

    /// Tells it to end (SIGTERM).
    pub(crate) fn terminate(&self) {
        self.tell("-TERM");
    }

    /// Sends it a signal.
    pub(crate) fn tell(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// How it ended, and what it had said.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let said = self.said.take().unwrap().join().unwrap();
        (self.child.wait().unwrap(), said.join("\n"))
    }

    /// Its number among processes.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the daemon of a folder answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// Where the daemon of a scratch folder listens.
pub(crate) fn socket(scratch: &Scratch) -> PathBuf {
    scratch.path("data").join("riposte.sock")
}

/// Asks for something; nothing, if no daemon is there, or it went away before it had answered.
pub(crate) fn get(socket: &Path, path: &str) -> Option<Answer> {
    ask(socket, &format!("GET {path}"), &[], "")
}

/// Starts a run under a key.
pub(crate) fn start_run(socket: &Path, key: &str, playbook: &str, inputs: &Value) -> Option<Answer> {
    let body = serde_json::json!({ "playbook": playbook, "inputs": inputs }).to_string();
    ask(socket, "POST /api/v1/runs", &[("idempotency-key", key)], &body)
}

fn ask(socket: &Path, request: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    let mut stream = UnixStream::connect(socket).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!(
        "{request} HTTP/1.1\r\nhost: riposte\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    match stream.read_to_string(&mut answer) {
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("no answer to {request}"),
        read => read.ok()?,
    };
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    // An object that was cut off is none.
    Some(Answer { status, body: serde_json::from_str(body).ok()? })
}
