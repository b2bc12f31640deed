//! A run, and what is at work for it.

use riposte_engine::{CallIntended, Claimant, Event, EventBody, Outcome, Parent, Run, RunStarted, Trigger};
use riposte_model::{RunId, StepPath, Timestamp};
use riposte_playbook::Playbook;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A task under way, as the executor would have one.
pub(super) struct Task {
    /// When it is done.
    pub(super) due: Timestamp,
    /// When the step's time is over.
    pub(super) deadline: Timestamp,
    pub(super) work: Work,
}

/// What a task does.
pub(super) enum Work {
    /// A request is on its way, and this will be its answer.
    Answer { attempt: u32, started_at: Timestamp, outcome: Outcome, changes: bool },
    /// Look where an accepted action stands.
    Ask { provider_id: String },
    /// Have the provider end an accepted action, or, once it has taken that on, look whether it has.
    Withdraw { provider_id: String, taken: bool },
    /// Look into the provider's log.
    Look { intent: Arc<CallIntended>, unknown_since: Timestamp },
    /// A timer.
    Timer,
    /// The engine will say what follows.
    Wake,
    /// Others are at work on the device.
    Queue,
    /// Another run is under way, the one with this number.
    Child { number: usize, out_of_time: bool },
}

/// A run, and what is at work for it.
pub(super) struct Living {
    pub(super) id: RunId,
    pub(super) playbook: Arc<Playbook>,
    /// On disk.
    pub(super) journal: Vec<Event>,
    /// Not on disk, although a call has left: only where that protection is off.
    pub(super) unwritten: Vec<Event>,
    pub(super) run: Run,
    pub(super) tasks: BTreeMap<StepPath, Task>,
    /// The steps that have a place in the queue of a device, whether they hold it or wait.
    pub(super) asking: BTreeSet<StepPath>,
    /// The steps whose call may be repeated and is on its way, or answered and not recorded: no event says that it left.
    pub(super) traceless: BTreeSet<StepPath>,
    /// Those of them that a crash was in between. No event says so; if nobody wants them any more
    /// after it, because the run is to end, none ever will.
    pub(super) forgotten: BTreeSet<StepPath>,
    /// Whether somebody drives it: not after a crash, until the run that called it is waiting for it again.
    pub(super) driven: bool,
    /// Whether nothing has changed since all was taken up that should happen.
    pub(super) settled: bool,
}

impl Living {
    pub(super) fn begin(
        id: RunId,
        playbook: Arc<Playbook>,
        inputs: Map<String, Value>,
        trigger: Trigger,
        parent: Option<Parent>,
        now: Timestamp,
    ) -> Self {
        let started = RunStarted {
            playbook: playbook.name.clone(),
            source: playbook.hash.clone(),
            inputs,
            trigger,
            parent,
            connections: Map::new(),
        };
        let first = Event { seq: 1, at: now, body: EventBody::RunStarted(started.into()) };
        let run = Run::new(id, playbook.clone(), &first).expect("the first event starts the run");
        Living {
            id,
            playbook,
            journal: vec![first],
            unwritten: Vec::new(),
            run,
            tasks: BTreeMap::new(),
            asking: BTreeSet::new(),
            traceless: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            driven: false,
            settled: false,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.run.finished().is_some()
    }

    /// Whether another run called it.
    pub(super) fn is_called(&self) -> bool {
        self.run.started().parent.is_some()
    }

    /// One of its steps, as those who queue for devices are known.
    pub(super) fn claimant(&self, step: &StepPath) -> Claimant {
        Claimant { run: self.id, step: step.clone() }
    }

    /// Whether a call that changes something is on its way: for a step inside of this one, or for any.
    pub(super) fn is_sending(&self, around: Option<&StepPath>) -> bool {
        self.tasks.iter().any(|(step, task)| {
            matches!(task.work, Work::Answer { changes: true, .. })
                && around.is_none_or(|around| step.is_inside(around))
        })
    }

    /// Whether the event would end what is around a call that changes something and is on its way. One that may be repeated
    /// leaves nothing behind before its answer comes, so the engine does not know of it.
    pub(super) fn would_abandon(&self, event: &EventBody) -> bool {
        match event {
            EventBody::RunFinished(_) => self.is_sending(None),
            EventBody::StepSucceeded { step, .. } | EventBody::StepFailed { step, .. } => {
                self.is_sending(Some(step))
            }
            _ => false,
        }
    }
}
