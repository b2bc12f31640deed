//! One run's life in a seeded world.
//!
//! The world drives the engine as the executor does, but in virtual time and in one thread, and it may crash before and
//! after every commit: then everything but the committed events is gone, and the run is rebuilt from them.

use crate::playbook::generate;
use crate::provider::{Provider, VISIBILITY_DELAY};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use riposte_engine::{
    Call, CallIntended, Command, Deadline, Event, EventBody, Outcome, Run, RunStarted, StepState, StepStatus,
    Trigger,
};
use riposte_model::{Effect, ErrorKind, Failure, RunId, StepPath, Timestamp};
use riposte_playbook::{Playbook, StepKind};
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
        if world.run.finished().is_some() {
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
    Answer { attempt: u32, started_at: Timestamp, outcome: Outcome },
    /// Look where an accepted action stands.
    Ask { provider_id: String },
    /// Look into the provider's log.
    Look { intent: CallIntended, unknown_since: Timestamp },
    /// A timer.
    Timer,
    /// The engine will say what follows.
    Wake,
}

struct World {
    random: ChaCha8Rng,
    protection: Protection,
    now: Timestamp,
    id: RunId,
    playbook: Arc<Playbook>,
    journal: Vec<Event>,
    run: Run,
    tasks: BTreeMap<StepPath, Task>,
    provider: Provider,
    life: Life,
}

impl World {
    fn new(seed: u64, protection: Protection) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let playbook = generate(&mut random);
        let id: RunId = format!("run_{seed:032x}").parse().expect("32 hexadecimal digits");
        let now = Timestamp::from_millis(1_800_000_000_000);
        let started = RunStarted {
            playbook: playbook.name.clone(),
            source: playbook.hash.clone(),
            inputs: Map::new(),
            trigger: Trigger { kind: "manual".into(), name: "simulation".into(), body: Value::Null },
            parent: None,
            connections: Map::new(),
        };
        let first = Event { seq: 1, at: now, body: EventBody::RunStarted(started) };
        let run = Run::new(id, playbook.clone(), &first).expect("the first event starts the run");
        World {
            random,
            protection,
            now,
            id,
            playbook,
            journal: vec![first],
            run,
            tasks: BTreeMap::new(),
            provider: Provider::default(),
            life: Life::default(),
        }
    }

    /// Everything that should happen now, then the next thing that is due.
    fn round(&mut self) -> Result<(), String> {
        let commands = self.run.next();
        if commands.is_empty() && self.tasks.is_empty() {
            return Err("nothing happens any more, and the run is not over".to_owned());
        }
        for command in commands {
            if command.step().is_some_and(|step| self.tasks.contains_key(step)) {
                continue;
            }
            if self.take_up(command)? {
                return Ok(());
            }
        }
        let next = self
            .tasks
            .iter()
            .min_by_key(|(_, task)| task.due.min(task.deadline))
            .map(|(step, _)| step.clone());
        match next.and_then(|step| self.tasks.remove_entry(&step)) {
            Some((step, task)) => {
                self.now = self.now.max(task.due.min(task.deadline));
                self.provider.arrive(self.now, &mut self.random);
                self.finish(&step, task)
            }
            None => Ok(()),
        }
    }

    /// Takes up a command. `true`: the state has changed, so what else was commanded is to be asked for again.
    fn take_up(&mut self, command: Command) -> Result<bool, String> {
        match command {
            Command::Record(event) => self.commit(event).map(|_| true),
            Command::Call(call) => self.call(&call),
            Command::Settle { intent } => {
                let failure = Failure::new(ErrorKind::Unavailable, "crashed");
                let (step, attempt) = (intent.step, intent.attempt);
                self.commit(EventBody::OutcomeUnknown { step, attempt, failure }).map(|_| true)
            }
            Command::Reconcile { intent, unknown_since, deadline, .. } => {
                self.life.doubts += 1;
                let (step, due) = (intent.step.clone(), self.later(2_000));
                self.start(step, due, deadline, Work::Look { intent, unknown_since })
            }
            Command::Follow { step, provider_id, deadline, .. } => {
                let (_, due) = self.provider.standing(&provider_id, self.now);
                self.start(step, due, deadline, Work::Ask { provider_id })
            }
            Command::StartChild { .. } | Command::AwaitChild { .. } => {
                Err("no playbook of this world calls another".to_owned())
            }
            Command::SetTimer { step, after } => {
                let fire_at = self.now.saturating_add(after);
                self.commit(EventBody::TimerSet { step, fire_at }).map(|_| true)
            }
            Command::Sleep { step, until, deadline } => self.start(step, until, deadline, Work::Timer),
        }
    }

    fn call(&mut self, call: &Call) -> Result<bool, String> {
        if let Some(not_before) = call.not_before.filter(|at| *at > self.now) {
            return self.start(call.step.clone(), not_before, call.deadline, Work::Wake);
        }
        if self.now >= call.deadline.resolve(self.now) {
            let expired = self.run.expire(&call.step, self.now, None);
            return self.commit(expired).map(|_| true);
        }
        let started_at = self.run.record(&call.step).map_or(self.now, |record| record.started_at);
        let outcome = if call.action.effect == Effect::Once {
            let intent = call.intent();
            if !self.commit(EventBody::CallIntended(intent.clone()))? {
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
        let work = Work::Answer { attempt, started_at, outcome };
        self.start(call.step.clone(), due, Deadline::default(), work)?;
        Ok(true)
    }

    /// Puts a task to work. Always `false`: nothing has been recorded.
    fn start(
        &mut self,
        step: StepPath,
        due: Timestamp,
        deadline: Deadline,
        work: Work,
    ) -> Result<bool, String> {
        let deadline = deadline.resolve(self.now);
        self.tasks.insert(step, Task { due, deadline, work });
        Ok(false)
    }

    /// A task is done, or its time is over: what came of it is recorded.
    fn finish(&mut self, step: &StepPath, task: Task) -> Result<(), String> {
        let over = self.now >= task.deadline && task.due > task.deadline;
        let events = match task.work {
            Work::Wake | Work::Timer if over => vec![self.run.expire(step, self.now, None)],
            Work::Wake => vec![],
            Work::Timer => vec![EventBody::TimerFired { step: step.clone() }],
            Work::Answer { attempt, started_at, outcome } => {
                let outcome = match (self.protection, outcome) {
                    (Protection::NoReconcile, Outcome::Unknown(failure)) => Outcome::Failed(failure),
                    (_, outcome) => outcome,
                };
                self.run.conclude_call(step, attempt, started_at, outcome, self.now, 0.5)
            }
            Work::Ask { provider_id } => {
                let (standing, _) = self.provider.standing(&provider_id, self.now);
                let ended = self.run.conclude_follow(step, standing);
                vec![ended.unwrap_or_else(|| self.run.expire(step, self.now, Some("Pending")))]
            }
            Work::Look { intent, unknown_since } => {
                let delay = match self.protection {
                    Protection::NoVisibilityDelay => Duration::ZERO,
                    Protection::All | Protection::NoReconcile => VISIBILITY_DELAY,
                };
                let settled = self.now >= unknown_since.saturating_add(delay);
                let sighting = self.provider.find(&intent, self.now);
                let events = self.run.conclude_reconcile(&intent, sighting, settled);
                if events.is_empty() && self.now >= task.deadline {
                    vec![self.run.expire(step, self.now, None)]
                } else if events.is_empty() {
                    let due = self.later(10_000);
                    let work = Work::Look { intent, unknown_since };
                    self.tasks.insert(step.clone(), Task { due, deadline: task.deadline, work });
                    vec![]
                } else {
                    events
                }
            }
        };
        for event in events {
            if !self.commit(event)? {
                break;
            }
        }
        Ok(())
    }

    /// Commits one event. `false`: the world crashed on the way, before or after it.
    fn commit(&mut self, body: EventBody) -> Result<bool, String> {
        if self.dies() {
            self.crash()?;
            return Ok(false);
        }
        let event = Event { seq: self.run.next_seq(), at: self.now, body };
        self.run.permits(&event).map_err(|error| error.to_string())?;
        self.journal.push(event.clone());
        if self.dies() {
            self.crash()?;
            return Ok(false);
        }
        self.run.apply(&event).map_err(|error| error.to_string())?;
        Ok(true)
    }

    fn dies(&mut self) -> bool {
        self.life.crashes < MAX_CRASHES && self.random.random_range(0..25) == 0
    }

    /// Everything but the journal is gone. A request whose answer had not come has had its effect or not already.
    fn crash(&mut self) -> Result<(), String> {
        self.life.crashes += 1;
        self.tasks.clear();
        self.now = self.later(60_000);
        self.provider.arrive(self.now, &mut self.random);
        self.run =
            Run::replay(self.id, self.playbook.clone(), &self.journal).map_err(|error| error.to_string())?;
        Ok(())
    }

    fn later(&mut self, most_ms: u64) -> Timestamp {
        self.now.saturating_add(Duration::from_millis(self.random.random_range(1..most_ms)))
    }

    /// The invariants.
    fn judge(mut self) -> Result<Life, String> {
        // Whatever is still on its way counts.
        self.provider.arrive(Timestamp::from_millis(i64::MAX), &mut self.random);
        let replayed =
            Run::replay(self.id, self.playbook.clone(), &self.journal).map_err(|error| error.to_string())?;
        if !replayed.steps().eq(self.run.steps()) || replayed.finished() != self.run.finished() {
            return Err("the live state is not the fold of the journal".to_owned());
        }
        // Whenever a process dies, what it left is a beginning of this history: each must load, and know what is next.
        for length in 1..=self.journal.len() {
            let begun = Run::replay(self.id, self.playbook.clone(), &self.journal[..length])
                .map_err(|error| format!("the first {length} events do not load: {error}"))?;
            if begun.finished().is_none() && begun.next().is_empty() {
                return Err(format!("after {length} events nothing is left to do, and the run is not over"));
            }
        }
        for (step, count) in &self.provider.done {
            if *count > 1 {
                return Err(format!("step `{step}` was carried out {count} times"));
            }
        }
        for (step, record) in self.run.steps() {
            let succeeded = matches!(record.state, StepState::Ended { status: StepStatus::Succeeded, .. });
            let strikes = self.run.step(step).is_some_and(|step| match &step.kind {
                StepKind::Action(action) => action.spec.effect == Effect::Once,
                _ => false,
            });
            let done = self.provider.done.get(step).copied().unwrap_or(0);
            if strikes && succeeded && done != 1 {
                return Err(format!(
                    "step `{step}` is recorded as succeeded and was carried out {done} times"
                ));
            }
            if !matches!(record.state, StepState::Ended { .. }) {
                return Err(format!("the run is over and step `{step}` is {}", record.state.as_str()));
            }
        }
        self.life.events = self.journal.len();
        self.life.effects = self.provider.done.values().sum();
        Ok(self.life)
    }
}
