//! `riposte serve`, as far as only the whole of it shows: the clock begins runs, also after a reload, until it is told to end.

use crate::support::Scratch;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// Much longer than anything takes here.
const LONGEST: Duration = Duration::from_secs(120);

struct Daemon {
    child: Child,
    /// What it says on stderr, line by line.
    said: Receiver<String>,
}

impl Daemon {
    fn new(scratch: &Scratch, playbook: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_riposte"))
            .args(["serve", "--simulate", playbook])
            .current_dir(scratch.path(""))
            .env_clear()
            .env("HOME", scratch.path(""))
            .env("RIPOSTE_DATA_DIR", scratch.path("data"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, said) = sync_channel(1024);
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Daemon { child, said }
    }

    fn tell(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits until it says all of that in one line.
    fn hear(&self, parts: &[&str]) {
        loop {
            let line = self.said.recv_timeout(LONGEST).unwrap_or_else(|error| panic!("{parts:?}: {error}"));
            if parts.iter().all(|part| line.contains(part)) {
                return;
            }
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn each_second(name: &str) -> String {
    format!("name: {name}\ntriggers:\n  - schedule: '* * * * * *'\nsteps:\n  - stop: done\n")
}

#[test]
fn the_clock_begins_runs_and_a_reload_changes_which() {
    let scratch = Scratch::new();
    scratch.write("tick.yaml", &each_second("tick"));
    let mut daemon = Daemon::new(&scratch, "tick.yaml");
    daemon.hear(&["a run begins", "schedule tick * * * * * * UTC"]);
    scratch.write("tick.yaml", &each_second("tock"));
    daemon.tell("-HUP");
    daemon.hear(&["a run begins", "schedule tock * * * * * * UTC"]);
    daemon.tell("-TERM");
    assert_eq!(daemon.child.wait().unwrap().code(), Some(0));
    let listed = scratch.call(&["runs", "list"]);
    assert!(listed.contains("tick") && listed.contains("tock"), "{listed}");
    assert!(listed.contains("schedule * * * * * *"), "{listed}");
}
