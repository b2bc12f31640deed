//! A few runs' life in a seeded world: several deliveries begin them, they call others, and they act on the same devices.
//!
//! The world drives the engine as the executor does, but in virtual time and in one thread, and it may crash before and
//! after every commit: then everything but the committed events is gone, and the runs and the queues for devices are rebuilt
//! from them. Requests and answers get lost, deliveries come twice, and somebody may cancel a run at any moment.
//!
//! ```text
//!   delivery ──► a run, and its key, in one commit          world: who is next, and when
//!                  │ next                                   work: what becomes of a command
//!                  ▼                                        called: runs that others call, and that end early
//!   devices ──► calls ──► provider (its own truth)          disk: commits and crashes
//!                              └──────► judge               judge: the invariants
//! ```

mod called;
mod delivery;
mod disk;
mod judge;
mod living;
mod protection;
mod tally;
mod work;
mod world;

pub use protection::Protection;
pub use tally::{Fault, Faults, Life};

use riposte_engine::IllegalEvent;
use world::World;

/// What holds at the end of every life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invariant {
    /// No device sees more effects than the playbooks asked for.
    OnceEach,
    /// Two actions on one device never overlap, unless the later one stops harm and the earlier one does not.
    NoOverlap,
    /// Every delivery has exactly one run, and so has every call of a playbook.
    OneRunEach,
    /// Every run ends.
    RunsEnd,
    /// The live state is the fold of the journal, and every beginning of the journal can be taken up.
    StateIsTheFold,
    /// What the journal says of an action is what the provider did.
    ReportsAreTrue,
    /// Nothing begins once somebody wants a run to end.
    NothingAfterCancel,
    /// At the end nobody holds a device, or waits for one.
    NothingLeaks,
    /// Nothing is recorded that cannot happen.
    EventsAreLegal,
    /// No life panics.
    NoPanic,
}

/// An invariant that does not hold, with the seed that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Give it to [`live`] to see it again.
    pub seed: u64,
    /// Which one.
    pub invariant: Invariant,
    /// What is not as it must be.
    pub what: String,
}

/// An invariant that does not hold, and why.
struct Broken(Invariant, String);

impl From<IllegalEvent> for Broken {
    fn from(error: IllegalEvent) -> Self {
        Broken(Invariant::EventsAreLegal, error.to_string())
    }
}

type Lived<T> = Result<T, Broken>;

/// Lives one life, made from the seed, and checks the invariants at its end.
///
/// # Errors
///
/// The first invariant that does not hold.
pub fn live(seed: u64, without: Option<Protection>) -> Result<Life, Violation> {
    World::new(seed, without).live().map_err(|Broken(invariant, what)| Violation { seed, invariant, what })
}

/// The same life, with what happened in it, line by line in order.
pub fn tell(seed: u64, without: Option<Protection>) -> (Vec<String>, Result<Life, Violation>) {
    let mut world = World::new(seed, without).told();
    let life = world.live().map_err(|Broken(invariant, what)| Violation { seed, invariant, what });
    (world.story(), life)
}
