//! One budget for all calls of a connection: how many may leave, who goes first, and when Defender has asked for a pause.
//!
//! A call waits for its [`Turn`], in the order of ranks; within a rank, those for whom calls are made take turns, so that one's
//! storm does not hold up another's first call; and then in the order of arrival. The turn counts from when it is given, and is given
//! back when it is dropped unused. Limits are held by us and not found out by being refused: a refusal costs a call, and what is
//! refused may be the isolation.

mod class;
mod queue;
mod record;
mod window;

use std::{
    collections::BTreeMap,
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use self::{
    queue::{Place, Queue},
    record::Record,
    window::{Opening, Window},
};
use crate::clock::wall_time;

pub use self::class::{Class, Limit, Rank};

/// The pause after a refusal for too many calls that does not say how long it should be.
const UNSAID_PAUSE: Duration = Duration::from_secs(2);

/// What the calls of one application in one tenant may use up. Cheap to clone; clones are the same budget.
#[derive(Clone)]
pub struct Budget {
    lanes: Arc<BTreeMap<Class, Lane>>,
    record: Arc<Mutex<Option<Record>>>,
}

/// One class: its calls, and who waits to make another.
struct Lane {
    state: Mutex<State>,
}

struct State {
    window: Window,
    queue: Queue,
}

impl Budget {
    /// The documented limits, with nothing used up.
    pub fn documented() -> Budget {
        Budget::with(Class::limit)
    }

    /// No limits but the pauses that Defender asks for: for a tenant with a quota of its own, or behind a proxy that keeps it.
    pub fn unlimited() -> Budget {
        Budget::with(|_| Limit { per_minute: None, per_hour: None })
    }

    fn with(limit: impl Fn(Class) -> Limit) -> Budget {
        let lane = |class| {
            let window = Window::new(class, limit(class));
            Lane { state: Mutex::new(State { window, queue: Queue::default() }) }
        };
        let lanes = Class::ALL.into_iter().map(|class| (class, lane(class))).collect();
        Budget { lanes: Arc::new(lanes), record: Arc::default() }
    }

    /// Counts the calls of the last hour that are written in a file, and writes down those to come.
    ///
    /// # Errors
    /// When the file can be neither read nor made.
    pub fn remembering(self, path: &Path) -> io::Result<Budget> {
        let (record, calls) = Record::open(path, wall_time())?;
        let now = Instant::now();
        for (class, age) in calls {
            // A machine that has just started cannot count as far back; then the call is as young as can be.
            self.state(class).window.remember(now.checked_sub(age).unwrap_or(now));
        }
        *self.record.lock().unwrap_or_else(PoisonError::into_inner) = Some(record);
        Ok(self)
    }

    /// Waits, for as long as it takes, until a call may leave.
    pub async fn turn(&self, class: Class, rank: Rank) -> Turn {
        self.turn_for("", class, rank).await
    }

    /// The same for somebody: of those who have calls of one rank waiting, each has its turn before another has a second one.
    pub async fn turn_for(&self, customer: &str, class: Class, rank: Rank) -> Turn {
        if let Some(turn) = self.turn_at_once(class, rank) {
            return turn;
        }
        let waiting = Waiting::join(self.clone(), customer, class, rank);
        loop {
            match waiting.ask(Instant::now()) {
                Opening::Now => return Turn::new(self, class),
                Opening::At(at) => tokio::select! {
                    biased;
                    () = waiting.bell.notified() => {}
                    () = tokio::time::sleep_until(at) => {}
                },
                Opening::Unknown => waiting.bell.notified().await,
            }
        }
    }

    /// A turn, if nobody waits for one and a call may leave. Queued, it would have left no trace there.
    fn turn_at_once(&self, class: Class, rank: Rank) -> Option<Turn> {
        let mut state = self.state(class);
        let given = state.queue.first().is_none() && state.give(rank, Instant::now()) == Opening::Now;
        given.then(|| Turn::new(self, class))
    }

    /// Defender has refused a call of this class, and wants a pause; how long it is, when it says so. By how much the class is
    /// closed for longer than it was.
    pub fn pause(&self, class: Class, asked: Option<Duration>) -> Duration {
        let now = Instant::now();
        self.state(class).window.close(now, now + asked.unwrap_or(UNSAID_PAUSE))
    }

    fn state(&self, class: Class) -> MutexGuard<'_, State> {
        let lane = self.lanes.get(&class).expect("every class has its lane from the start");
        lane.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Gives a turn, if a call of this rank may leave now; or says when.
    fn give(&mut self, rank: Rank, now: Instant) -> Opening {
        let opening = self.window.opens(rank, now);
        if opening == Opening::Now {
            self.window.give();
        }
        opening
    }

    /// Lets who is first look again.
    fn call_first(&self) {
        if let Some(bell) = self.queue.first() {
            bell.notify_one();
        }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").finish_non_exhaustive()
    }
}

/// A place among those who wait, until it is dropped.
struct Waiting {
    budget: Budget,
    class: Class,
    place: Place,
    bell: Arc<Notify>,
}

impl Waiting {
    fn join(budget: Budget, customer: &str, class: Class, rank: Rank) -> Waiting {
        let bell = Arc::new(Notify::new());
        let place = budget.state(class).queue.join(customer, rank, Arc::clone(&bell));
        Waiting { budget, class, place, bell }
    }

    /// Takes a turn if there is one. Only who is first does; the others are called when they are.
    fn ask(&self, now: Instant) -> Opening {
        let mut state = self.budget.state(self.class);
        if !state.queue.is_first(&self.place) {
            return Opening::Unknown;
        }
        let opening = state.give(self.place.rank, now);
        if opening == Opening::Now {
            state.queue.served(&self.place);
        }
        opening
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut state = self.budget.state(self.class);
        state.queue.leave(&self.place);
        state.call_first();
    }
}

/// Leave to make one call. Dropped unused, it is free for others.
#[must_use]
pub struct Turn {
    budget: Budget,
    class: Class,
    spent: bool,
}

impl Turn {
    fn new(budget: &Budget, class: Class) -> Turn {
        Turn { budget: budget.clone(), class, spent: false }
    }

    /// For which calls.
    pub fn class(&self) -> Class {
        self.class
    }

    /// The call leaves now.
    pub fn spend(mut self) {
        self.spent = true;
        let mut state = self.budget.state(self.class);
        state.window.spend(Instant::now());
        state.call_first();
        drop(state);
        let mut record = self.budget.record.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(record) = record.as_mut() {
            record.write(self.class, wall_time());
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.spent {
            let mut state = self.budget.state(self.class);
            state.window.take_back();
            state.call_first();
        }
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("class", &self.class).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
