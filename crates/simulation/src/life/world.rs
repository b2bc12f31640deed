//! Who is next in a world, and when.

use super::delivery::{Delivery, deliveries, key_of};
use super::living::{Living, Work};
use super::{Broken, Fault, Invariant, Life, Lived, Protection};
use crate::playbook::generate;
use crate::provider::Provider;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use riposte_engine::{Command, Devices};
use riposte_model::{RunId, StepPath, Timestamp};
use riposte_playbook::Playbook;
use std::sync::Arc;
use std::time::Duration;

/// Rounds after which a life counts as endless.
const MAX_ROUNDS: u32 = 50_000;

/// The end of time.
pub(super) const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

pub(super) struct World {
    seed: u64,
    pub(super) random: ChaCha8Rng,
    pub(super) without: Option<Protection>,
    pub(super) now: Timestamp,
    pub(super) library: Vec<Arc<Playbook>>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) runs: Vec<Living>,
    pub(super) devices: Devices,
    /// When somebody cancels a run, and the delivery that began it.
    cancel: (Timestamp, usize),
    pub(super) provider: Provider,
    pub(super) crashes: u32,
    pub(super) life: Life,
    /// What happened, if somebody wants to read it.
    story: Option<Vec<String>>,
}

/// What comes next.
enum Next {
    Task(usize, StepPath),
    Delivery(usize),
    Cancel,
}

impl World {
    pub(super) fn new(seed: u64, without: Option<Protection>) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let library = generate(&mut random);
        let now = Timestamp::from_millis(1_700_000_000_000);
        let deliveries = deliveries(&mut random, &library, now);
        let cancel_at = match random.random_range(0..3) {
            0 => now.saturating_add(Duration::from_millis(random.random_range(0..600_000))),
            _ => NEVER,
        };
        let cancel = (cancel_at, random.random_range(0..deliveries.len()));
        let is_marked = without != Some(Protection::Marker);
        let provider = Provider::new(&mut random, now, is_marked);
        World {
            seed,
            random,
            without,
            now,
            library,
            deliveries,
            runs: Vec::new(),
            devices: Devices::default(),
            cancel,
            provider,
            crashes: 0,
            life: Life::default(),
            story: None,
        }
    }

    /// With its playbooks, and all that happens, written down.
    pub(super) fn told(self) -> Self {
        let playbooks = self.library.iter().map(|playbook| playbook.source.to_string()).collect();
        World { story: Some(playbooks), ..self }
    }

    pub(super) fn story(&mut self) -> Vec<String> {
        self.story.take().unwrap_or_default()
    }

    /// Writes down what happens, if somebody wants to read it.
    pub(super) fn note(&mut self, what: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{} {}", self.now, what()));
        }
    }

    /// Until all is over; then the invariants are checked.
    pub(super) fn live(&mut self) -> Lived<Life> {
        for _ in 0..MAX_ROUNDS {
            if self.is_over() {
                return self.judge();
            }
            self.round()?;
        }
        Err(Broken(Invariant::RunsEnd, "the life never ends".to_owned()))
    }

    fn is_over(&self) -> bool {
        self.runs.iter().filter(|living| !living.is_called()).all(Living::is_over)
            && self.deliveries.iter().all(|delivery| delivery.next_at == NEVER)
    }

    /// Everything that should happen now, or else the next thing that is due.
    fn round(&mut self) -> Lived<()> {
        for at in 0..self.runs.len() {
            if self.take_in_child(at)? {
                return Ok(());
            }
        }
        for at in 0..self.runs.len() {
            if self.runs[at].driven && !self.runs[at].settled && !self.runs[at].is_over() {
                return self.drive(at);
            }
        }
        match self.next_due() {
            (NEVER, _) | (_, None) => {
                Err(Broken(Invariant::RunsEnd, "nothing happens any more, and not all is over".to_owned()))
            }
            (due, Some(next)) => {
                self.now = self.now.max(due);
                self.provider.arrive(self.now, &mut self.random);
                self.happen(next)
            }
        }
    }

    /// Takes up what should happen for one run.
    fn drive(&mut self, at: usize) -> Lived<()> {
        let commands = self.runs[at].run.next();
        self.give_up_places(at, &commands);
        let living = &self.runs[at];
        if commands.is_empty() && living.tasks.is_empty() {
            return Err(Broken(
                Invariant::RunsEnd,
                format!("nothing is left to do, and run {at} is not over"),
            ));
        }
        for command in commands {
            let living = &self.runs[at];
            let is_at_work = command.step().is_some_and(|step| living.tasks.contains_key(step));
            let waits = matches!(&command, Command::Record(event) if living.would_abandon(event));
            if !is_at_work && !waits && self.take_up(at, command)? {
                return Ok(());
            }
        }
        self.runs[at].settled = true;
        Ok(())
    }

    /// A call that is no longer wanted, because its run is to end or what is around it has failed, asks for no device. The
    /// engine does not say so; it only no longer commands the call.
    fn give_up_places(&mut self, at: usize, commands: &[Command]) {
        let living = &self.runs[at];
        let is_wanted = |step: &StepPath| {
            commands.iter().any(|command| matches!(command, Command::Call(call) if call.step == *step))
        };
        let unwanted = |step: &&StepPath| living.run.claim(step).is_none() && !is_wanted(step);
        let given_up: Vec<StepPath> = living.asking.iter().filter(unwanted).cloned().collect();
        for step in given_up {
            if matches!(self.runs[at].tasks.get(&step).map(|task| &task.work), Some(Work::Queue)) {
                self.runs[at].tasks.remove(&step);
            }
            self.let_go(at, &step);
        }
    }

    fn next_due(&self) -> (Timestamp, Option<Next>) {
        let mut soonest = (self.cancel.0, (self.cancel.0 < NEVER).then_some(Next::Cancel));
        for (number, delivery) in self.deliveries.iter().enumerate() {
            if delivery.next_at < soonest.0 {
                soonest = (delivery.next_at, Some(Next::Delivery(number)));
            }
        }
        let tasks = self.runs.iter().enumerate().flat_map(|(at, living)| {
            living.tasks.iter().map(move |(step, task)| (task.due.min(task.deadline), at, step))
        });
        match tasks.min_by_key(|(due, at, _)| (*due, *at)) {
            Some((due, at, step)) if due < soonest.0 => (due, Some(Next::Task(at, step.clone()))),
            _ => soonest,
        }
    }

    fn happen(&mut self, next: Next) -> Lived<()> {
        match next {
            Next::Cancel => {
                self.cancel.0 = NEVER;
                let key = Some(self.deliveries[self.cancel.1].key.as_str());
                let whom = self.runs.iter().position(|living| key_of(living) == key);
                match whom {
                    Some(at) if !self.runs[at].is_over() => {
                        self.life.faults.add(Fault::Cancel);
                        self.cancel(at)
                    }
                    _ => Ok(()),
                }
            }
            Next::Delivery(number) => self.receive(number),
            Next::Task(at, step) => {
                self.runs[at].settled = false;
                match self.runs[at].tasks.remove(&step) {
                    Some(task) => self.finish(at, &step, task),
                    None => Ok(()),
                }
            }
        }
    }

    pub(super) fn later(&mut self, most_ms: u64) -> Timestamp {
        self.now.saturating_add(Duration::from_millis(self.random.random_range(1..most_ms)))
    }

    pub(super) fn one_in(&mut self, number: u32) -> bool {
        self.random.random_range(0..number) == 0
    }

    /// The id of the next run of this world.
    pub(super) fn next_id(&self) -> RunId {
        let number = self.runs.len();
        format!("run_{:016x}{number:016x}", self.seed).parse().expect("32 hexadecimal digits")
    }
}
