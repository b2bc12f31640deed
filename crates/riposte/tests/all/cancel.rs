//! A run that is cancelled by a signal, and what Defender then still does for it.

use crate::support::{DEVICE, Practice, Scratch};
use riposte_tenant::EffectKind;
use std::io::{BufRead, BufReader, Lines, Read};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

/// A run in a process of its own.
struct Running {
    child: Child,
    said: Lines<BufReader<ChildStderr>>,
}

impl Running {
    fn start(scratch: &Scratch, practice: &Practice, playbook: &str) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_riposte"))
            .args(["run", playbook, "--config", &practice.config(scratch), "--data-dir", "data"])
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
    fn until(&mut self, words: &str) -> &mut Self {
        let said: Vec<String> = self.said.by_ref().map_while(Result::ok).collect_until(words);
        assert!(said.last().is_some_and(|line| line.contains(words)), "`{words}` was never said: {said:#?}");
        self
    }

    fn signal(&mut self, name: &str) -> &mut Self {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        self
    }

    /// Waits for its end: how it ended, the rest of what it said, and what it printed.
    fn end(mut self) -> (ExitStatus, Vec<String>, String) {
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
fn steady(text: &str, practice: &Practice) -> String {
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
fn told(printed: &str, practice: &Practice) -> String {
    let steady = steady(printed, practice);
    let lines: Vec<&str> = steady.lines().filter(|line| line.starts_with("+TIME")).collect();
    lines.join("\n")
}

/// Isolates a device that is offline, so that there is something to cancel.
fn isolation(scratch: &Scratch) -> String {
    let text = format!(
        "name: isolate-only\nsteps:\n  - {{ id: isolate, action: defender.isolate_machine, with: {{ machine_id: {DEVICE}, comment: test }} }}\n"
    );
    scratch.write("isolate-only.yaml", &text).display().to_string()
}

fn offline(faults: &[&str]) -> Practice {
    let practice = Practice::new(faults);
    assert!(practice.tenant.set_online(DEVICE, false));
    practice
}

/// What a person sees of the whole run, afterwards.
fn shown_again(scratch: &Scratch) -> String {
    let list = scratch.riposte(&["runs", "list", "--output", "json"]).output().unwrap();
    let runs: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    let id = runs.as_array().unwrap().last().unwrap()["run_id"].as_str().unwrap().to_owned();
    String::from_utf8(scratch.riposte(&["runs", "show", &id]).output().unwrap().stdout).unwrap()
}

#[test]
fn what_is_pending_when_a_run_is_cancelled_is_cancelled_in_defender() {
    let (scratch, practice) = (Scratch::new(), offline(&[]));
    let mut running = Running::start(&scratch, &practice, &isolation(&scratch));
    running.until("accepted as").signal("INT");
    let (status, said, printed) = running.end();
    assert_eq!(status.code(), Some(1), "{said:#?}");

    let kinds: Vec<EffectKind> = practice.tenant.effects().iter().map(|effect| effect.kind).collect();
    assert_eq!(kinds, [EffectKind::Isolate, EffectKind::Cancel]);
    practice.tenant.set_online(DEVICE, true);
    assert_eq!(practice.tenant.is_isolated(DEVICE), Some(false), "it is not isolated when it comes back");

    let live = steady(&said.join("\n"), &practice);
    assert!(
        live.lines().any(|line| line == "+TIME - isolate cancelled: Defender's Isolate ID was cancelled"),
        "{live}"
    );
    insta::assert_snapshot!(told(&printed, &practice), @r"
    +TIME (run) manual riposte run
    +TIME isolate defender.isolate_machine is about to be sent
    +TIME isolate accepted as ID
    +TIME (run) cancellation requested by the operator
    +TIME isolate cancelled: Defender's Isolate ID was cancelled
    +TIME (run) cancelled by the operator
    ");
    assert_eq!(shown_again(&scratch).trim(), printed.trim());
}

#[test]
fn what_a_called_run_has_pending_is_cancelled_with_it() {
    let (scratch, practice) = (Scratch::new(), offline(&[]));
    isolation(&scratch);
    let caller =
        scratch.write("caller.yaml", "name: caller\nsteps:\n  - { id: contain, call: isolate-only }\n");
    let mut running = Running::start(&scratch, &practice, caller.to_str().unwrap());
    running.until("accepted as").signal("TERM");
    let (status, said, printed) = running.end();
    assert_eq!(status.code(), Some(1), "{said:#?}");
    assert_eq!(practice.count(EffectKind::Cancel), 1);
    let live = steady(&said.join("\n"), &practice);
    let line = "+TIME - contain » isolate cancelled: Defender's Isolate ID was cancelled";
    assert!(live.lines().any(|said| said == line), "{live}");
    insta::assert_snapshot!(told(&printed, &practice), @r"
    +TIME (run) manual riposte run
    +TIME contain called as RUN
    +TIME (run) cancellation requested by the operator
    +TIME contain failed: cancelled: isolate-only was cancelled as RUN
    +TIME (run) cancelled by the operator
    ");
}

#[test]
fn what_cannot_be_cancelled_is_said_to_go_on() {
    let (scratch, practice) = (Scratch::new(), offline(&["cancel=401:9"]));
    let mut running = Running::start(&scratch, &practice, &isolation(&scratch));
    running.until("accepted as").signal("INT");
    let (status, said, printed) = running.end();
    assert_eq!(status.code(), Some(1), "{said:#?}");
    assert_eq!(practice.count(EffectKind::Cancel), 0);
    insta::assert_snapshot!(told(&printed, &practice), @r"
    +TIME (run) manual riposte run
    +TIME isolate defender.isolate_machine is about to be sent
    +TIME isolate accepted as ID
    +TIME (run) cancellation requested by the operator
    +TIME isolate could not be cancelled, and may still be carried out: unauthorized: defender refused the request (401 Unauthorized, request REQUEST): The access token is missing, unknown or expired.
    +TIME (run) cancelled by the operator; not known to have ended at the provider: `isolate` as ID
    ");
}

#[test]
fn a_second_signal_waits_for_nothing() {
    let (scratch, practice) = (Scratch::new(), offline(&["cancel=latency-60s"]));
    let mut running = Running::start(&scratch, &practice, &isolation(&scratch));
    running.until("accepted as").signal("INT").until("cancelling: ").signal("INT");
    let (status, said, _) = running.end();
    assert_eq!(status.code(), Some(1));
    assert!(said.iter().any(|line| line.contains("left at once")), "{said:#?}");
    // Whether the first signal was recorded by then is a matter of time.
    let shown = told(&shown_again(&scratch), &practice);
    let shown = shown.trim_end_matches("\n+TIME (run) cancellation requested by the operator");
    insta::assert_snapshot!(shown, @r"
    +TIME (run) manual riposte run
    +TIME isolate defender.isolate_machine is about to be sent
    +TIME isolate accepted as ID
    ");
}
