//! The same for `riposte run`: `kill -9` at moments drawn from a seed, and `riposte runs resume` after it, again and again until
//! every run has ended. Nothing sleeps.

use super::chance::Chance;
use crate::support::{Practice, Scratch};
use riposte_tenant::{Config, EffectKind};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

const SWEEP: &str = r#"name: sweep
inputs:
  devices: { type: array, items: { type: string } }
steps:
  - id: sweep
    for_each: inputs.devices
    as: device
    max: 2
    steps:
      - id: both
        parallel:
          - steps:
              - id: isolate
                action: defender.isolate_machine
                with: { machine_id: "${{ device }}", comment: test }
          - steps:
              - id: scan
                action: defender.run_antivirus_scan
                with: { machine_id: "${{ device }}", scan_type: Quick, comment: test }
      - { id: lock, call: lock-down, with: { device: "${{ device }}" } }
      - id: package
        action: defender.collect_investigation_package
        with: { machine_id: "${{ device }}", comment: test }
"#;

const LOCK_DOWN: &str = r#"name: lock-down
inputs:
  device: { type: string }
steps:
  - { id: lock, action: defender.restrict_code_execution, with: { machine_id: "${{ inputs.device }}", comment: test } }
"#;

/// Each of these is wished once for each device.
const WISHED: [EffectKind; 4] = [
    EffectKind::Isolate,
    EffectKind::RunAntiVirusScan,
    EffectKind::RestrictCodeExecution,
    EffectKind::CollectInvestigationPackage,
];

/// Devices of a round, the half of them for each of two runs.
const DEVICES: usize = 4;
/// Most kills of one round; then its runs are let go on.
const KILLS: usize = 8;
/// A kill strikes at one of the first moments of a life.
const MOMENTS: u64 = 24;
/// Moments that are not looked at yet.
const QUEUE: usize = 4096;

/// What a life is made of.
enum Moment {
    /// The tenant has carried out a request, or the process has said something.
    Passed,
    /// The process of this number is gone.
    Ended(usize),
}

/// A tenant, a folder, and two runs.
struct Round {
    scratch: Scratch,
    practice: Practice,
    config: String,
    moments: Receiver<Moment>,
    sender: SyncSender<Moment>,
    lives: usize,
    /// How the test can be repeated.
    seed: u64,
}

impl Round {
    fn new(seed: u64) -> Round {
        let (sender, moments) = sync_channel(QUEUE);
        let devices: String = (0..DEVICES)
            .map(|number| format!("  - {{ name: pc-{number}, id: {} }}\n", device(number)))
            .collect();
        let config =
            Config::from_scenario(&format!("devices:\n{devices}"), &|_| Err("no files".to_owned())).unwrap();
        let hook = sender.clone();
        let on_request = Arc::new(move |_: &riposte_tenant::Entry| drop(hook.try_send(Moment::Passed)));
        let practice = Practice::with(Config { on_request: Some(on_request), ..config });
        let scratch = Scratch::new();
        scratch.write("sweep.yaml", SWEEP);
        scratch.write("lock-down.yaml", LOCK_DOWN);
        let config = practice.config(&scratch);
        Round { scratch, practice, config, moments, sender, lives: 0, seed }
    }

    /// Lets a process live, until so many moments have passed if there is such a number. Whether it ended well by itself;
    /// nothing, if it was killed.
    fn live(&mut self, arguments: &[&str], until: Option<u64>) -> Option<bool> {
        self.lives += 1;
        let life = self.lives;
        while self.moments.try_recv().is_ok() {}
        let mut child = Command::new(env!("CARGO_BIN_EXE_riposte"))
            .args(arguments)
            .args(["--config", &self.config, "--data-dir", "data"])
            .current_dir(self.scratch.path(""))
            .env_clear()
            .env("HOME", self.scratch.path(""))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, sender) = (BufReader::new(child.stderr.take().unwrap()).lines(), self.sender.clone());
        let listener = std::thread::spawn(move || {
            let mut lines = Vec::new();
            for line in said.map_while(Result::ok) {
                lines.push(line);
                let _ = sender.try_send(Moment::Passed);
            }
            let _ = sender.send(Moment::Ended(life));
            lines
        });
        let mut passed = 0;
        let mut killed = false;
        loop {
            match self.moments.recv().unwrap() {
                Moment::Ended(ended) if ended == life => break,
                Moment::Ended(_) => {}
                Moment::Passed => passed += 1,
            }
            if !killed && until == Some(passed) {
                killed = true;
                child.kill().unwrap();
            }
        }
        let status = child.wait().unwrap();
        let said = listener.join().unwrap();
        match status.code() {
            // It was over before the signal came, perhaps.
            Some(code) => {
                assert_eq!(code, 0, "seed {}, life {life}, {arguments:?}: {said:#?}", self.seed);
                Some(true)
            }
            None => None,
        }
    }

    /// Two runs are begun and killed, and then taken up and killed until they have ended. How many kills those were.
    fn play(&mut self, chance: &mut Chance) -> usize {
        let mut kills = 0;
        for run in 0..2 {
            let list: Vec<String> = (0..DEVICES / 2).map(|at| device(run * DEVICES / 2 + at)).collect();
            let input = format!("devices={}", serde_json::to_string(&list).unwrap());
            let until = 1 + chance.below(MOMENTS);
            if self.live(&["run", "sweep.yaml", "--yes", "--input", &input], Some(until)).is_none() {
                kills += 1;
            }
        }
        loop {
            let until = (kills < KILLS).then(|| 1 + chance.below(MOMENTS));
            match self.live(&["runs", "resume", "--yes", "--playbooks", "lock-down.yaml"], until) {
                Some(_) => break,
                None => kills += 1,
            }
        }
        self.compare();
        kills
    }

    /// The tenant's truth next to the playbook's wish, and what the journal says of it.
    fn compare(&self) {
        let seed = self.seed;
        let mut done: BTreeMap<(String, String), usize> = BTreeMap::new();
        for effect in self.practice.tenant.effects() {
            *done.entry((effect.device, effect.kind.to_string())).or_default() += 1;
        }
        let wished: BTreeMap<(String, String), usize> = (0..DEVICES)
            .flat_map(|number| WISHED.map(|kind| ((device(number), kind.to_string()), 1)))
            .collect();
        assert_eq!(done, wished, "seed {seed}");

        let list = self.read(&["runs", "list", "-n", "100", "--output", "json"]);
        let runs = list.as_array().unwrap();
        assert_eq!(runs.len(), 2 + DEVICES, "seed {seed}: each run, and one that it calls for each device");
        for run in runs {
            assert_eq!(run["status"], "succeeded", "seed {seed}: {run}");
        }
    }

    fn read(&self, arguments: &[&str]) -> Value {
        serde_json::from_slice(&self.scratch.riposte(arguments).output().unwrap().stdout).unwrap()
    }
}

fn device(number: usize) -> String {
    format!("{:040x}", 0xd0 + number)
}

#[test]
fn whenever_it_is_killed_everything_is_done_once() {
    let kills = Round::new(1).play(&mut Chance(1));
    assert!(kills >= 4, "{kills} kills");
}
