//! One run: a fold of its events.

mod apply;
mod call;
mod child;
mod each;
mod holds;
mod inside;
mod items;
mod left;
mod next;
mod place;
mod reopen;
mod scope;
mod trace;
mod transition;

pub use items::Items;
pub use reopen::{Again, Reopening};
pub(crate) use trace::is_end_at_provider;
pub use transition::IllegalEvent;

use crate::devices::Claim;
use crate::event::{CallIntended, Event, EventBody, RunFinished, RunStarted, RunStatus, StepStatus};
use riposte_model::{Failure, KeyedList, RunId, StepPath, Timestamp};
use riposte_playbook::{Playbook, Step};
use scope::Scope;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trace::Trace;

/// One run of one playbook. Changes only by [`Run::apply`].
#[derive(Clone, Debug)]
pub struct Run {
    id: RunId,
    playbook: Arc<Playbook>,
    /// Shared, as what expressions read of it: a run is copied whenever it goes on.
    started: Arc<RunStarted>,
    started_at: Timestamp,
    last_seq: u64,
    last_at: Timestamp,
    steps: KeyedList<StepPath, StepRecord>,
    /// What the `stop` steps that were reached say, in that order.
    stops: KeyedList<StepPath, String>,
    /// What expressions can read.
    scope: Scope,
    cancelled_by: Option<String>,
    finished: Option<RunFinished>,
    /// How steps that have failed stood before, where they have to go on from there if the run is retried.
    unfinished: BTreeMap<StepPath, StepState>,
    /// What steps that a retry has forgotten left at the provider.
    traces: BTreeMap<StepPath, Trace>,
    /// Calls that may have left before it was loaded, without a trace.
    perhaps_sent: BTreeSet<StepPath>,
}

/// What is known of a step that has begun.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRecord {
    /// When it began.
    pub started_at: Timestamp,
    /// Where it stands.
    pub state: StepState,
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    /// A block or a parallel with something under way inside.
    Open,
    /// A loop with items that are not done with.
    Looping {
        /// What it goes over. Shared, as what came of them: a run of ten thousand items is copied whenever it goes on.
        items: Arc<[Value]>,
        /// What came of each item that is done with.
        ended: Items,
    },
    /// Another playbook's run is under way for it.
    Calling {
        /// The other run.
        run: RunId,
    },
    /// A `wait` that ends at this moment.
    Sleeping {
        /// When it ends.
        fire_at: Timestamp,
    },
    /// A call is on disk as intended, and no outcome is.
    Intended {
        /// The call.
        intent: Arc<CallIntended>,
        /// When that was written.
        at: Timestamp,
    },
    /// The outcome of the call is unknown.
    Unknown {
        /// The call.
        intent: Arc<CallIntended>,
        /// When the intent was written.
        intended_at: Timestamp,
        /// When the outcome became unknown.
        since: Timestamp,
        /// What happened instead of an answer.
        because: Failure,
    },
    /// The provider works on it.
    Accepted {
        /// Which attempt.
        attempt: u32,
        /// The provider's id of it.
        provider_id: String,
        /// Since when.
        since: Timestamp,
        /// The device that its call acts on.
        claim: Option<Claim>,
    },
    /// The provider may still work on it, and nobody here waits for that: the run was cancelled, and it could not be taken
    /// back.
    LeftOpen {
        /// Which attempt.
        attempt: u32,
        /// The provider's id of it.
        provider_id: String,
        /// Since when the provider has worked on it.
        since: Timestamp,
        /// The device that its call acts on; it is not held any more.
        claim: Option<Claim>,
    },
    /// An attempt failed for certain, and another one follows.
    Backoff {
        /// The number of the attempt that follows.
        next_attempt: u32,
        /// Not earlier than this.
        not_before: Timestamp,
        /// Why the last one failed.
        last: Failure,
        /// What was sent, if it was a call that changes something: the next attempt sends the same.
        arguments: Option<Map<String, Value>>,
    },
    /// Over.
    Ended {
        /// How.
        status: StepStatus,
        /// When.
        at: Timestamp,
        /// Why, if it failed.
        failure: Option<Failure>,
        /// The step inside that failed, if it is a step with others inside.
        because_of: Option<StepPath>,
        /// How many attempts were begun; 0 for steps that call nobody.
        attempts: u32,
    },
}

/// What came of one item of a loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// The step that failed then.
    pub because_of: Option<StepPath>,
    /// What it gives.
    pub outputs: Map<String, Value>,
}

impl StepState {
    /// The word for it in messages.
    pub fn as_str(&self) -> &'static str {
        match self {
            StepState::Open => "open",
            StepState::Looping { .. } => "looping",
            StepState::Calling { .. } => "calling",
            StepState::Sleeping { .. } => "sleeping",
            StepState::Intended { .. } => "intended",
            StepState::Unknown { .. } => "unknown",
            StepState::Accepted { .. } => "accepted",
            StepState::LeftOpen { .. } => "left open",
            StepState::Backoff { .. } => "backing off",
            StepState::Ended { status, .. } => status.as_str(),
        }
    }
}

impl Run {
    /// A run from its first event, which must be `run_started` of this very version of the playbook.
    pub fn new(id: RunId, playbook: Arc<Playbook>, first: &Event) -> Result<Self, IllegalEvent> {
        let EventBody::RunStarted(started) = &first.body else {
            return Err(IllegalEvent::new(first.body.kind(), "a run that has not started"));
        };
        if started.source != playbook.hash || first.seq != 1 {
            return Err(IllegalEvent::new(first.body.kind(), "a run of another version of the playbook"));
        }
        let scope = Scope::new(id, playbook.clone(), started, first.at);
        Ok(Run {
            id,
            playbook,
            started: started.clone(),
            started_at: first.at,
            last_seq: 1,
            last_at: first.at,
            steps: KeyedList::default(),
            stops: KeyedList::default(),
            scope,
            cancelled_by: None,
            finished: None,
            unfinished: BTreeMap::new(),
            traces: BTreeMap::new(),
            perhaps_sent: BTreeSet::new(),
        })
    }

    /// A run from all its events, in order: as whoever drove it before has left it.
    pub fn replay(id: RunId, playbook: Arc<Playbook>, events: &[Event]) -> Result<Self, IllegalEvent> {
        let (first, rest) =
            events.split_first().ok_or_else(|| IllegalEvent::new("nothing", "a run that has not started"))?;
        let mut run = Run::new(id, playbook, first)?;
        for event in rest {
            run.apply(event)?;
        }
        run.perhaps_sent = run.may_have_been_sent();
        Ok(run)
    }

    /// Its id.
    pub fn id(&self) -> RunId {
        self.id
    }

    /// The playbook it is pinned to.
    pub fn playbook(&self) -> &Arc<Playbook> {
        &self.playbook
    }

    /// How it began.
    pub fn started(&self) -> &Arc<RunStarted> {
        &self.started
    }

    /// When it began.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// When its last event was recorded.
    pub fn last_at(&self) -> Timestamp {
        self.last_at
    }

    /// The position its next event takes.
    pub fn next_seq(&self) -> u64 {
        self.last_seq + 1
    }

    /// Its status.
    pub fn status(&self) -> RunStatus {
        self.finished.as_ref().map_or(RunStatus::Running, |finished| finished.status)
    }

    /// How it ended, if it has.
    pub fn finished(&self) -> Option<&RunFinished> {
        self.finished.as_ref()
    }

    /// Who wants it to end, if somebody does.
    pub fn cancelled_by(&self) -> Option<&str> {
        self.cancelled_by.as_deref()
    }

    /// Every step that has begun or was skipped, in the order in which that happened.
    pub fn steps(&self) -> impl Iterator<Item = (&StepPath, &StepRecord)> {
        self.steps.iter()
    }

    /// What is known of one step; `None` if it has not begun.
    pub fn record(&self, step: &StepPath) -> Option<&StepRecord> {
        self.steps.get(step)
    }

    /// The step of the playbook at this path.
    pub fn step(&self, path: &StepPath) -> Option<&Step> {
        self.playbook.step(path)
    }

    /// What expressions see, outside of all loops: `inputs`, `steps`, `trigger` and `run`.
    pub fn values(&self) -> [(&'static str, Value); 4] {
        self.scope.values()
    }

    /// Attempt and beginning of a step that the provider works on.
    pub(crate) fn attempt_under_way(&self, step: &StepPath) -> Option<(u32, Timestamp)> {
        let record = self.record(step)?;
        match record.state {
            StepState::Accepted { attempt, .. } => Some((attempt, record.started_at)),
            StepState::Open
            | StepState::Looping { .. }
            | StepState::Calling { .. }
            | StepState::Sleeping { .. }
            | StepState::Intended { .. }
            | StepState::Unknown { .. }
            | StepState::LeftOpen { .. }
            | StepState::Backoff { .. }
            | StepState::Ended { .. } => None,
        }
    }
}
