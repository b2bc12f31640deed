//! The binary in a process of its own, watched while it runs.

use crate::support::{Practice, Scratch};
use std::io::{BufRead, BufReader, Lines, Read};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

/// A run in a process of its own.
pub(crate) struct Running {
    child: Child,
    said: Lines<BufReader<ChildStderr>>,
}

impl Running {
    pub(crate) fn start(scratch: &Scratch, practice: &Practice, playbook: &str) -> Running {
        let config = practice.config(scratch);
        Running::spawn(scratch, &["run", playbook, "--config", &config, "--data-dir", "data"])
    }

    /// Against a tenant of its own.
    pub(crate) fn simulate(scratch: &Scratch, playbook: &str) -> Running {
        Running::spawn(scratch, &["run", playbook, "--simulate", "--data-dir", "data"])
    }

    fn spawn(scratch: &Scratch, arguments: &[&str]) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_riposte"))
            .args(arguments)
            .current_dir(scratch.path(""))
            .env_clear()
            .env("HOME", scratch.path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        Running { child, said }
    }

    /// Reads on until it says this.
    pub(crate) fn until(&mut self, words: &str) -> &mut Self {
        let said: Vec<String> = self.said.by_ref().map_while(Result::ok).collect_until(words);
        assert!(said.last().is_some_and(|line| line.contains(words)), "`{words}` was never said: {said:#?}");
        self
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&mut self, name: &str) -> &mut Self {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        self
    }

    /// Waits for its end: how it ended, the rest of what it said, and what it printed.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<String>, String) {
        let said = self.said.map_while(Result::ok).collect();
        let mut printed = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        (self.child.wait().unwrap(), said, printed)
    }
}

trait CollectUntil {
    fn collect_until(self, words: &str) -> Vec<String>;
}

impl<I: Iterator<Item = String>> CollectUntil for I {
    /// Everything up to the first line with these words in it.
    fn collect_until(self, words: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for line in self {
            let found = line.contains(words);
            lines.push(line);
            if found {
                break;
            }
        }
        lines
    }
}

/// Lines without what differs from run to run: times, ids, the width of columns.
pub(crate) fn steady(text: &str, practice: &Practice) -> String {
    let ids = practice.tenant.effects();
    let words = |line: &str| {
        let words = line.split_whitespace().map(|word| match word {
            time if time.starts_with('+') => "+TIME".to_owned(),
            run if run.starts_with("run_") => "RUN".to_owned(),
            // Defender's id of a request.
            id if id.ends_with("):") && id.len() == 38 => "REQUEST):".to_owned(),
            word => word.to_owned(),
        });
        let line = words.collect::<Vec<_>>().join(" ");
        ids.iter().fold(line, |line, effect| line.replace(&effect.action, "ID"))
    };
    text.lines().map(words).filter(|line| !line.starts_with("started")).collect::<Vec<_>>().join("\n")
}

/// The part of a timeline that tells what happened.
pub(crate) fn told(printed: &str, practice: &Practice) -> String {
    let steady = steady(printed, practice);
    let lines: Vec<&str> = steady.lines().filter(|line| line.starts_with("+TIME")).collect();
    lines.join("\n")
}
