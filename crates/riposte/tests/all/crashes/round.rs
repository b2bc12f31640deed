//! One round: a tenant, a folder, orders, and a daemon that is killed until it has carried them out.

use super::chance::Chance;
use super::judge::{Figures, judge};
use super::orders::{DEVICES, Order, PLAYBOOKS, device, draw};
use crate::daemon::{Answer, Daemon, get, socket, start_run};
use crate::support::{Practice, Scratch};
use riposte_tenant::{Config, Pace};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Most kills of one round; then its runs are let go on.
const KILLS: usize = 24;
/// A kill strikes at one of the first moments of a life, or within this time from its start.
const MOMENTS: u64 = 24;
const START_MICROS: u64 = 150_000;
/// Most orders that are first given in one life.
const MORE_ORDERS: u64 = 4;
/// Moments that are not looked at yet.
const QUEUE: usize = 4096;
/// How long nothing has to happen before it is asked whether anything still will.
const QUIET: Duration = Duration::from_millis(20);

/// What the tenant may do beside its duty.
const FAULTS: [&str; 7] = [
    "isolate=drop-after",
    "isolate=503-after",
    "runAntiVirusScan=drop",
    "collectInvestigationPackage=500-after",
    "restrictCodeExecution=latency-50ms",
    "*=latency-30ms:4",
    "*=503:2",
];

/// What a life is made of.
enum Moment {
    /// The tenant has carried out a request, or the process has said something.
    Passed,
    /// The process of this number is gone.
    Ended(usize),
}

/// When a daemon is killed.
enum Strike {
    /// When so many moments have passed.
    Moments(u64),
    /// So long after its start, whatever it is doing.
    After(Duration),
}

impl Strike {
    fn draw(chance: &mut Chance) -> Strike {
        match chance.below(3) {
            0 => Strike::After(Duration::from_micros(chance.below(START_MICROS))),
            _ => Strike::Moments(1 + chance.below(MOMENTS)),
        }
    }
}

/// What came of one order so far.
#[derive(Default)]
pub(super) struct Given {
    /// The runs that it was answered with.
    pub(super) runs: BTreeSet<String>,
    /// How often it was answered that a run has begun, and that it had begun before.
    pub(super) begun: usize,
    pub(super) duplicates: usize,
}

/// A tenant, a folder, and what is ordered.
pub(super) struct Round {
    pub(super) scratch: Scratch,
    pub(super) practice: Practice,
    pub(super) orders: Vec<Order>,
    pub(super) given: Vec<Given>,
    config: String,
    moments: Receiver<Moment>,
    sender: SyncSender<Moment>,
    lives: usize,
    /// How the test can be repeated.
    pub(super) seed: u64,
    chance: Chance,
}

impl Round {
    pub(super) fn new(seed: u64) -> Round {
        let mut chance = Chance(seed);
        let (sender, moments) = sync_channel(QUEUE);
        let devices: String = (0..DEVICES)
            .map(|number| format!("  - {{ name: pc-{number}, id: {} }}\n", device(number)))
            .collect();
        let config =
            Config::from_scenario(&format!("devices:\n{devices}"), &|_| Err("no files".to_owned())).unwrap();
        let hook = sender.clone();
        let on_request = Arc::new(move |_: &riposte_tenant::Entry| drop(hook.try_send(Moment::Passed)));
        let faults = (0..3).map(|_| chance.of(&FAULTS).parse().unwrap()).collect();
        let ms = Duration::from_millis;
        let pace = Pace { pending: ms(0)..=ms(20), quick: ms(10)..=ms(60), slow: ms(20)..=ms(120) };
        let practice = Practice::paced(Config { seed, faults, pace, on_request: Some(on_request), ..config });
        let scratch = Scratch::new();
        std::fs::create_dir(scratch.path("playbooks")).unwrap();
        for (name, source) in PLAYBOOKS {
            scratch.write(&format!("playbooks/{name}"), source);
        }
        let config = practice.config_without_limits(&scratch);
        let orders = draw(&mut chance);
        let given = orders.iter().map(|_| Given::default()).collect();
        Round { scratch, practice, orders, given, config, moments, sender, lives: 0, seed, chance }
    }

    /// Kills daemons until enough have been or all is done, and looks at what came of it.
    pub(super) fn play(&mut self) -> Figures {
        let mut figures = Figures::default();
        let mut known = 0;
        while figures.kills < KILLS {
            known = self.orders.len().min(known + usize::try_from(self.chance.below(MORE_ORDERS)).unwrap());
            let strike = Strike::draw(&mut self.chance);
            let is_over = self.live(known, &strike);
            figures.kills += 1;
            if is_over && known == self.orders.len() {
                break;
            }
        }
        self.end(&mut figures);
        figures
    }

    fn start(&mut self) -> Daemon {
        self.lives += 1;
        let (life, sender) = (self.lives, self.sender.clone());
        while self.moments.try_recv().is_ok() {}
        let config = self.config.clone();
        Daemon::start(&self.scratch, &["playbooks", "--config", &config], move |line| match line {
            Some(_) => drop(sender.try_send(Moment::Passed)),
            None => drop(sender.send(Moment::Ended(life))),
        })
    }

    /// Lets a daemon live and gives it the first so many orders, until the strike, or until nothing is left to be done. Whether
    /// that was so. It is killed in any case.
    #[expect(clippy::disallowed_methods, reason = "a process is killed in the time of its machine")]
    fn live(&mut self, known: usize, strike: &Strike) -> bool {
        let (daemon, began) = (self.start(), Instant::now());
        let (socket, life) = (socket(&self.scratch), self.lives);
        let (open, again) = (self.open(known), self.chance.below(2) == 0);
        let (orders, moments, is_dead) = (&self.orders, &self.moments, AtomicBool::new(false));
        let mut passed = 0;
        let (is_over, answers, said) = std::thread::scope(|scope| {
            let giver = scope.spawn(|| give(&socket, orders, open, again, &is_dead));
            let is_over = loop {
                let pause = match strike {
                    Strike::After(time) => time.saturating_sub(began.elapsed()).min(QUIET),
                    Strike::Moments(_) => QUIET,
                };
                match moments.recv_timeout(pause) {
                    Ok(Moment::Passed) => passed += 1,
                    Ok(Moment::Ended(ended)) if ended == life => break None,
                    Err(RecvTimeoutError::Timeout) if giver.is_finished() && nothing_is_left(&socket) => {
                        break Some(true);
                    }
                    Ok(Moment::Ended(_)) | Err(_) => {}
                }
                let strikes = match strike {
                    Strike::After(time) => began.elapsed() >= *time,
                    Strike::Moments(moments) => passed >= *moments,
                };
                if strikes {
                    break Some(false);
                }
            };
            let said = daemon.kill();
            is_dead.store(true, Ordering::SeqCst);
            (is_over, giver.join().unwrap(), said)
        });
        self.take_in(answers);
        is_over.unwrap_or_else(|| panic!("seed {}, life {life}: ended by itself: {said}", self.seed))
    }

    /// Nobody is killed any more. Every order is given once more, answered or not.
    fn end(&mut self, figures: &mut Figures) {
        let daemon = self.start();
        let socket = socket(&self.scratch);
        let every = (0..self.orders.len()).collect();
        let answers = give(&socket, &self.orders, every, false, &AtomicBool::new(false));
        self.take_in(answers);
        loop {
            match self.moments.recv_timeout(QUIET) {
                Ok(Moment::Ended(ended)) if ended == self.lives => {
                    panic!("it ended by itself: {}", daemon.kill())
                }
                Err(RecvTimeoutError::Timeout) if nothing_is_left(&socket) => break,
                _ => {}
            }
        }
        judge(self, &socket, figures);
        daemon.terminate();
        let (status, said) = daemon.wait();
        assert!(status.success(), "seed {}: {status}: {said}", self.seed);
    }

    /// The orders that have no answer, and by chance some that have one: that one could have been lost as well.
    fn open(&mut self, known: usize) -> Vec<usize> {
        let (given, chance) = (&self.given, &mut self.chance);
        (0..known).filter(|at| given[*at].runs.is_empty() || chance.below(4) == 0).collect()
    }

    fn take_in(&mut self, answers: Vec<(usize, Answer)>) {
        for (at, answer) in answers {
            let given = &mut self.given[at];
            match answer.status {
                202 => given.begun += 1,
                200 => given.duplicates += 1,
                _ => panic!("seed {}: {answer:?}", self.seed),
            }
            given.runs.insert(answer.body["run_id"].as_str().unwrap().to_owned());
        }
    }
}

/// Gives orders until each is answered or the daemon is dead; some of them twice.
fn give(
    socket: &Path,
    orders: &[Order],
    open: Vec<usize>,
    twice: bool,
    is_dead: &AtomicBool,
) -> Vec<(usize, Answer)> {
    let mut answers = Vec::new();
    for at in open {
        for _ in 0..if twice && at % 2 == 0 { 2 } else { 1 } {
            let Order { key, playbook, inputs, .. } = &orders[at];
            loop {
                match start_run(socket, key, playbook, inputs) {
                    // Not taken in, for now.
                    None | Some(Answer { status: 503, .. }) => {}
                    Some(answer) => {
                        answers.push((at, answer));
                        break;
                    }
                }
                if is_dead.load(Ordering::SeqCst) {
                    return answers;
                }
                std::thread::yield_now();
            }
        }
    }
    answers
}

fn nothing_is_left(socket: &Path) -> bool {
    let running = get(socket, "/api/v1/runs?status=running&limit=1");
    running.is_some_and(|answer| answer.body["runs"].as_array().is_some_and(Vec::is_empty))
}
