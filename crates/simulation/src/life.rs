//! One run's life in a seeded world, with those that it calls.
//!
//! The world drives the engine as the executor does, but in virtual time and in one thread, and it may crash before and
//! after every commit: then everything but the committed events is gone, and the runs are rebuilt from them. Somebody may
//! cancel the run at any moment.

mod called;
mod judge;

use crate::playbook::generate;
use crate::provider::{Provider, VISIBILITY_DELAY};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use riposte_engine::{
    Call, CallIntended, Command, Deadline, Event, EventBody, Outcome, Parent, Run, RunFinished, RunStarted,
    RunStatus, Trigger,
};
use riposte_model::{Effect, ErrorKind, Failure, RunId, StepPath, Timestamp};
use riposte_playbook::Playbook;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A protection of the engine that a test may switch off, to see that the invariants notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// All protections are on.
    All,
    /// An unknown outcome counts as a failure that may be repeated, as in so many clients.
    NoReconcile,
    /// Absence is believed at the first look, without waiting for the provider's log.
    NoVisibilityDelay,
    /// A called run is taken up after a crash without a look at whether its caller was cancelled.
    NoLookAtCaller,
    /// A cancelled run is over although the provider goes on with what it has accepted.
    NoWithdrawal,
}

/// What a life was like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// Events in the journal at the end.
    pub events: usize,
    /// Crashes survived.
    pub crashes: u32,
    /// Calls whose outcome was unknown for a while.
    pub doubts: u32,
    /// Effects at the provider.
    pub effects: u32,
    /// Runs that were called.
    pub calls: u32,
    /// Runs that were cancelled.
    pub cancels: u32,
    /// Actions that were taken back by that.
    pub withdrawals: u32,
    /// Actions that could not be.
    pub left_open: u32,
}

/// An invariant that does not hold, with the seed that shows it.
#[derive(Debug, PartialEq, Eq)]
pub struct Violation {
    /// Give it to [`live`] to see it again.
    pub seed: u64,
    /// What is not as it must be.
    pub what: String,
}

/// Rounds after which a life counts as endless.
const MAX_ROUNDS: u32 = 20_000;

/// Crashes in one life.
const MAX_CRASHES: u32 = 8;

/// Lives one life, made from the seed, and checks the invariants at its end.
///
/// # Errors
///
/// The first invariant that does not hold.
pub fn live(seed: u64, protection: Protection) -> Result<Life, Violation> {
    let mut world = World::new(seed, protection);
    let violation = |what: String| Violation { seed, what };
    for _ in 0..MAX_ROUNDS {
        if world.runs[0].run.finished().is_some() {
            return world.judge().map_err(violation);
        }
        world.round().map_err(violation)?;
    }
    Err(violation("the run never ends".to_owned()))
}

/// A task under way, as the executor would have one.
struct Task {
    /// When it is done.
    due: Timestamp,
    /// When the step's time is over.
    deadline: Timestamp,
    work: Work,
}

/// What a task does.
enum Work {
    /// A request is on its way, and this will be its answer.
    Answer { attempt: u32, started_at: Timestamp, outcome: Outcome, changes: bool },
    /// Look where an accepted action stands.
    Ask { provider_id: String },
    /// Have the provider end an accepted action, or, once it has taken that on, look whether it has.
    Withdraw { provider_id: String, taken: bool },
    /// Look into the provider's log.
    Look { intent: CallIntended, unknown_since: Timestamp },
    /// A timer.
    Timer,
    /// The engine will say what follows.
    Wake,
    /// Another run is under way, the one with this number.
    Child { number: usize, out_of_time: bool },
}

/// A run, and what is at work for it.
struct Living {
    id: RunId,
    playbook: Arc<Playbook>,
    journal: Vec<Event>,
    run: Run,
    tasks: BTreeMap<StepPath, Task>,
    /// Whether somebody drives it: not after a crash, until the run that called it is waiting for it again.
    driven: bool,
}

impl Living {
    fn begin(id: RunId, playbook: Arc<Playbook>, parent: Option<Parent>, now: Timestamp) -> Self {
        let started = RunStarted {
            playbook: playbook.name.clone(),
            source: playbook.hash.clone(),
            inputs: Map::new(),
            trigger: Trigger { kind: "manual".into(), name: "simulation".into(), body: Value::Null },
            parent,
            connections: Map::new(),
        };
        let first = Event { seq: 1, at: now, body: EventBody::RunStarted(started) };
        let run = Run::new(id, playbook.clone(), &first).expect("the first event starts the run");
        Living { id, playbook, journal: vec![first], run, tasks: BTreeMap::new(), driven: false }
    }
}

/// The end of time.
const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

struct World {
    random: ChaCha8Rng,
    protection: Protection,
    now: Timestamp,
    seed: u64,
    library: Vec<Arc<Playbook>>,
    /// The first one is the one that this is about; the others were called.
    runs: Vec<Living>,
    /// When somebody cancels the first one.
    cancel_at: Timestamp,
    provider: Provider,
    life: Life,
}

impl World {
    fn new(seed: u64, protection: Protection) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (playbook, library) = generate(&mut random);
        let now = Timestamp::from_millis(1_800_000_000_000);
        let cancel_at = match random.random_range(0..4) {
            0 => now.saturating_add(Duration::from_millis(random.random_range(0..600_000))),
            _ => NEVER,
        };
        let first = Living::begin(id(seed, 0), playbook, None, now);
        World {
            random,
            protection,
            now,
            seed,
            library,
            runs: vec![Living { driven: true, ..first }],
            cancel_at,
            provider: Provider::default(),
            life: Life::default(),
        }
    }

    /// Everything that should happen now, then the next thing that is due.
    fn round(&mut self) -> Result<(), String> {
        if self.cancel_at < NEVER && self.now >= self.cancel_at {
            self.cancel_at = NEVER;
            return self.cancel(0);
        }
        for at in 0..self.runs.len() {
            if self.take_in_child(at)? {
                return Ok(());
            }
        }
        for at in 0..self.runs.len() {
            if !self.runs[at].driven || self.runs[at].run.finished().is_some() {
                continue;
            }
            let commands = self.runs[at].run.next();
            if commands.is_empty() && self.runs[at].tasks.is_empty() {
                return Err("nothing happens any more, and the run is not over".to_owned());
            }
            for command in commands {
                if command.step().is_some_and(|step| self.runs[at].tasks.contains_key(step)) {
                    continue;
                }
                if self.take_up(at, command)? {
                    return Ok(());
                }
            }
        }
        let tasks = self.runs.iter().enumerate().flat_map(|(at, living)| {
            living.tasks.iter().map(move |(step, task)| (task.due.min(task.deadline), at, step))
        });
        let Some((due, at, step)) = tasks.min_by_key(|(due, at, _)| (*due, *at)) else { return Ok(()) };
        if self.cancel_at < NEVER && due >= self.cancel_at {
            self.now = self.now.max(self.cancel_at);
            return Ok(());
        }
        // All that is waited for is a called run that is over.
        if due == NEVER {
            return Ok(());
        }
        let step = step.clone();
        self.now = self.now.max(due);
        self.provider.arrive(self.now, &mut self.random);
        match self.runs[at].tasks.remove(&step) {
            Some(task) => self.finish(at, &step, task),
            None => Ok(()),
        }
    }

    /// Takes up a command. `true`: the state has changed, so what else was commanded is to be asked for again.
    fn take_up(&mut self, at: usize, command: Command) -> Result<bool, String> {
        match command {
            Command::Record(event) => self.commit(at, event).map(|_| true),
            Command::Call(call) => self.call(at, &call),
            Command::Settle { intent } => {
                let failure = Failure::new(ErrorKind::Unavailable, "crashed");
                let (step, attempt) = (intent.step, intent.attempt);
                self.commit(at, EventBody::OutcomeUnknown { step, attempt, failure }).map(|_| true)
            }
            Command::Reconcile { intent, unknown_since, deadline, .. } => {
                self.life.doubts += 1;
                let (step, due) = (intent.step.clone(), self.later(2_000));
                self.start(at, step, due, deadline, Work::Look { intent, unknown_since })
            }
            Command::Follow { step, provider_id, deadline, .. } => {
                let (_, due) = self.provider.standing(&provider_id, self.now);
                self.start(at, step, due, deadline, Work::Ask { provider_id })
            }
            Command::Withdraw { .. } if self.protection == Protection::NoWithdrawal => {
                let finished = RunFinished {
                    status: RunStatus::Cancelled,
                    step: None,
                    failure: None,
                    message: None,
                    outputs: Map::new(),
                };
                self.commit(at, EventBody::RunFinished(finished)).map(|_| true)
            }
            Command::Withdraw { step, provider_id, deadline, .. } => {
                let due = self.later(5_000);
                self.start(at, step, due, deadline, Work::Withdraw { provider_id, taken: false })
            }
            Command::StartChild { step, deadline, .. } if self.now >= deadline.resolve(self.now) => {
                let expired = self.runs[at].run.expire(&step, self.now, None);
                self.commit(at, expired).map(|_| true)
            }
            Command::StartChild { step, playbook, .. } => self.start_child(at, step, &playbook),
            Command::AwaitChild { step, run, deadline } => self.await_child(at, step, run, deadline),
            Command::SetTimer { step, after } => {
                let fire_at = self.now.saturating_add(after);
                self.commit(at, EventBody::TimerSet { step, fire_at }).map(|_| true)
            }
            Command::Sleep { step, until, deadline } => self.start(at, step, until, deadline, Work::Timer),
        }
    }

    fn call(&mut self, at: usize, call: &Call) -> Result<bool, String> {
        if let Some(not_before) = call.not_before.filter(|moment| *moment > self.now) {
            return self.start(at, call.step.clone(), not_before, call.deadline, Work::Wake);
        }
        if self.now >= call.deadline.resolve(self.now) {
            let expired = self.runs[at].run.expire(&call.step, self.now, None);
            return self.commit(at, expired).map(|_| true);
        }
        let started_at = self.runs[at].run.record(&call.step).map_or(self.now, |record| record.started_at);
        let changes = call.action.effect == Effect::Once;
        let outcome = if changes {
            let intent = call.intent();
            if !self.commit(at, EventBody::CallIntended(intent.clone()))? {
                return Ok(true);
            }
            if self.dies() {
                self.provider.orphan(&intent, self.now, &mut self.random);
                self.crash()?;
                return Ok(true);
            }
            self.provider.send(&intent, self.now, &mut self.random)
        } else {
            Provider::look(&mut self.random)
        };
        let (due, attempt) = (self.later(5_000), call.attempt);
        // A request's answer is waited for even beyond the step's time.
        let work = Work::Answer { attempt, started_at, outcome, changes };
        self.start(at, call.step.clone(), due, Deadline::default(), work)?;
        Ok(true)
    }

    /// Puts a task to work. Always `false`: nothing has been recorded.
    fn start(
        &mut self,
        at: usize,
        step: StepPath,
        due: Timestamp,
        deadline: Deadline,
        work: Work,
    ) -> Result<bool, String> {
        let deadline = deadline.resolve(self.now);
        self.runs[at].tasks.insert(step, Task { due, deadline, work });
        Ok(false)
    }

    /// A task is done, or its time is over: what came of it is recorded.
    fn finish(&mut self, at: usize, step: &StepPath, task: Task) -> Result<(), String> {
        let over = self.now >= task.deadline && task.due > task.deadline;
        let run = &self.runs[at].run;
        let events = match task.work {
            Work::Wake | Work::Timer if over => vec![run.expire(step, self.now, None)],
            Work::Wake => vec![],
            Work::Timer => vec![EventBody::TimerFired { step: step.clone() }],
            Work::Answer { attempt, started_at, outcome, .. } => {
                let outcome = match (self.protection, outcome) {
                    (Protection::NoReconcile, Outcome::Unknown(failure)) => Outcome::Failed(failure),
                    (_, outcome) => outcome,
                };
                run.conclude_call(step, attempt, started_at, outcome, self.now, 0.5)
            }
            Work::Ask { provider_id } => {
                let (standing, _) = self.provider.standing(&provider_id, self.now);
                let ended = run.conclude_follow(step, standing);
                vec![ended.unwrap_or_else(|| run.expire(step, self.now, Some("Pending")))]
            }
            Work::Withdraw { provider_id, taken } => {
                return self.withdraw(at, step, task.deadline, provider_id, taken);
            }
            Work::Child { number, .. } => {
                let work = Work::Child { number, out_of_time: true };
                self.start(at, step.clone(), NEVER, Deadline::default(), work)?;
                return self.cancel(number);
            }
            Work::Look { intent, unknown_since } => {
                let delay = match self.protection {
                    Protection::NoVisibilityDelay => Duration::ZERO,
                    Protection::All
                    | Protection::NoReconcile
                    | Protection::NoLookAtCaller
                    | Protection::NoWithdrawal => VISIBILITY_DELAY,
                };
                let settled = self.now >= unknown_since.saturating_add(delay);
                let sighting = self.provider.find(&intent, self.now);
                let events = run.conclude_reconcile(&intent, sighting, settled);
                if events.is_empty() && self.now >= task.deadline {
                    vec![run.expire(step, self.now, None)]
                } else if events.is_empty() {
                    let due = self.later(10_000);
                    let work = Work::Look { intent, unknown_since };
                    self.runs[at].tasks.insert(step.clone(), Task { due, deadline: task.deadline, work });
                    vec![]
                } else {
                    events
                }
            }
        };
        for event in events {
            if !self.commit(at, event)? {
                break;
            }
        }
        Ok(())
    }

    /// Commits one event. `false`: the world crashed on the way, before or after it.
    fn commit(&mut self, at: usize, body: EventBody) -> Result<bool, String> {
        if self.dies() {
            self.crash()?;
            return Ok(false);
        }
        let living = &mut self.runs[at];
        let event = Event { seq: living.run.next_seq(), at: self.now, body };
        living.run.permits(&event).map_err(|error| error.to_string())?;
        living.journal.push(event.clone());
        if self.dies() {
            self.crash()?;
            return Ok(false);
        }
        self.runs[at].run.apply(&event).map_err(|error| error.to_string())?;
        Ok(true)
    }

    fn dies(&mut self) -> bool {
        self.life.crashes < MAX_CRASHES && self.random.random_range(0..25) == 0
    }

    /// Everything but the journal is gone. A request whose answer had not come has had its effect or not already.
    fn crash(&mut self) -> Result<(), String> {
        self.life.crashes += 1;
        self.now = self.later(60_000);
        self.provider.arrive(self.now, &mut self.random);
        for (number, living) in self.runs.iter_mut().enumerate() {
            living.tasks.clear();
            living.driven = number == 0;
            living.run = Run::replay(living.id, living.playbook.clone(), &living.journal)
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn later(&mut self, most_ms: u64) -> Timestamp {
        self.now.saturating_add(Duration::from_millis(self.random.random_range(1..most_ms)))
    }
}

/// The id of a run of a world.
fn id(seed: u64, number: u32) -> RunId {
    format!("run_{seed:016x}{number:016x}").parse().expect("32 hexadecimal digits")
}
