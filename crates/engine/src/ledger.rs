//! The one road from «should be recorded» to «has happened».

use crate::event::{CallIntended, Event, EventBody, RunStarted};
use crate::host::{Beginning, Begun, HostStore};
use crate::port::{Clock, Store, StoreError};
use crate::run::{IllegalEvent, Run};
use riposte_model::{RunId, StepPath, Timestamp};
use riposte_playbook::Playbook;
use std::sync::Arc;

/// Proof that this is on disk; only the [`Ledger`] makes one, after the commit. No proof, no call.
#[derive(Debug)]
pub struct Durable<T>(Arc<T>);

impl<T> std::ops::Deref for Durable<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Why an event was not recorded. The run is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The store did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The event cannot happen now.
    #[error(transparent)]
    Illegal(#[from] IllegalEvent),
}

/// What was written down together.
#[derive(Debug)]
pub struct Written {
    /// The events as they were written.
    pub events: Vec<Event>,
    /// The permission to make the calls that are intended among them, in their order.
    pub intended: Vec<Durable<CallIntended>>,
}

/// As many events in one append do not ask for more. A loop that calls nobody would otherwise be one append from its beginning
/// to its end.
const TOGETHER: usize = 64;

/// Records events: first on disk, then in the run.
#[derive(Clone)]
pub struct Ledger {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Ledger {
    /// Over a store, stamped by a clock.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Ledger { store, clock }
    }

    /// Begins a run.
    pub async fn begin(
        &self,
        id: RunId,
        playbook: Arc<Playbook>,
        started: RunStarted,
    ) -> Result<Run, RecordError> {
        let first = Event { seq: 1, at: self.clock.now(), body: EventBody::RunStarted(Arc::new(started)) };
        let run = Run::new(id, playbook, &first)?;
        self.store.begin(id, &run.playbook().source, &first).await?;
        Ok(run)
    }

    /// Records what has happened, all or nothing. Returns the events as they were written.
    pub async fn record(&self, run: &mut Run, bodies: Vec<EventBody>) -> Result<Vec<Event>, RecordError> {
        // Time in a journal never goes back, whatever the machine's clock does.
        let at = self.clock.now().max(run.last_at());
        let events: Vec<Event> =
            bodies.into_iter().zip(run.next_seq()..).map(|(body, seq)| Event { seq, at, body }).collect();
        // What is written is known to be legal. A batch builds on itself, so it is tried on a copy; a single event, which
        // is the rule, needs none.
        match events.as_slice() {
            [] => {}
            [one] => {
                run.permits(one)?;
                self.store.append(run.id(), &events).await?;
                run.apply(one)?;
            }
            all => {
                let mut after = run.clone();
                for event in all {
                    after.apply(event)?;
                }
                self.store.append(run.id(), &events).await?;
                *run = after;
            }
        }
        Ok(events)
    }

    /// The same, and in one with it what follows from it without anybody's doing, calls that may leave at once among it:
    /// `follows` says what that is, of a run as it is after what was said before.
    pub async fn record_onward(
        &self,
        run: &mut Run,
        bodies: Vec<EventBody>,
        mut follows: impl FnMut(&Run) -> Vec<EventBody> + Send,
    ) -> Result<Written, RecordError> {
        let (at, mut after) = (self.clock.now().max(run.last_at()), run.clone());
        let events = onward(&mut after, at, bodies, &mut follows)?;
        if !events.is_empty() {
            self.store.append(run.id(), &events).await?;
            *run = after;
        }
        Ok(Written { intended: intended(&events), events })
    }

    /// Begins runs, as [`HostStore::begin_delivered`] does, and hands out the permission to make the calls that are intended in
    /// what follows their beginnings, in their order.
    pub async fn begin_delivered(
        store: &dyn HostStore,
        beginnings: &[Beginning],
    ) -> Result<Vec<(Begun, Vec<Durable<CallIntended>>)>, StoreError> {
        let begun = store.begin_delivered(beginnings).await?;
        let proofs = |begun: &Begun, beginning: &Beginning| match begun {
            Begun::New => intended(&beginning.after),
            // Nothing of this one was written.
            Begun::Already(_) => Vec::new(),
        };
        Ok(begun.into_iter().zip(beginnings).map(|(begun, one)| (begun, proofs(&begun, one))).collect())
    }

    /// Begins the run of another playbook for a step of this one: both runs know of it, or neither.
    pub async fn begin_child(
        &self,
        parent: &mut Run,
        step: StepPath,
        id: RunId,
        playbook: Arc<Playbook>,
        started: RunStarted,
    ) -> Result<(Run, Vec<Event>), RecordError> {
        let at = self.clock.now().max(parent.last_at());
        let first = Event { seq: 1, at, body: EventBody::RunStarted(Arc::new(started)) };
        let child = Run::new(id, playbook, &first)?;
        let body = EventBody::ChildStarted { step, run: id };
        let events = vec![Event { seq: parent.next_seq(), at, body }];
        parent.permits(&events[0])?;
        self.store.begin_child(parent.id(), &events, id, &child.playbook().source, &first).await?;
        parent.apply(&events[0])?;
        Ok((child, events))
    }

    /// Has failed runs go on from their failed steps, all of them or none: those that belong together cannot be apart.
    /// Returns the event of each, in their order.
    pub async fn retry(&self, runs: &mut [&mut Run], by: &str) -> Result<Vec<Event>, RecordError> {
        let at = runs.iter().map(|run| run.last_at()).fold(self.clock.now(), Timestamp::max);
        let mut events = Vec::with_capacity(runs.len());
        for run in &*runs {
            let event = Event { seq: run.next_seq(), at, body: EventBody::RunRetried { by: by.to_owned() } };
            run.permits(&event)?;
            events.push(event);
        }
        let appended: Vec<(RunId, &[Event])> =
            runs.iter().zip(&events).map(|(run, event)| (run.id(), std::slice::from_ref(event))).collect();
        self.store.append_all(&appended).await?;
        for (run, event) in runs.iter_mut().zip(&events) {
            run.apply(event)?;
        }
        Ok(events)
    }

    /// Records that a call is about to leave, and hands out the permission to send it.
    pub async fn intend(
        &self,
        run: &mut Run,
        intent: Arc<CallIntended>,
    ) -> Result<(Durable<CallIntended>, Vec<Event>), RecordError> {
        let events = self.record(run, vec![EventBody::CallIntended(intent.clone())]).await?;
        Ok((Durable(intent), events))
    }
}

/// Has a run go on from what happens now, and from what follows from that, as far as `follows` says: of a run as it is after what
/// was said before. Returns the events, which are not recorded yet.
pub fn onward(
    run: &mut Run,
    at: Timestamp,
    mut bodies: Vec<EventBody>,
    follows: &mut dyn FnMut(&Run) -> Vec<EventBody>,
) -> Result<Vec<Event>, IllegalEvent> {
    let mut events = Vec::new();
    while !bodies.is_empty() {
        for body in bodies {
            let event = Event { seq: run.next_seq(), at, body };
            run.apply(&event)?;
            events.push(event);
        }
        bodies = if events.len() < TOGETHER { follows(run) } else { Vec::new() };
    }
    Ok(events)
}

/// Proofs of what has been written.
fn intended(written: &[Event]) -> Vec<Durable<CallIntended>> {
    let intended = written.iter().filter_map(|event| match &event.body {
        EventBody::CallIntended(intent) => Some(Durable(intent.clone())),
        _ => None,
    });
    intended.collect()
}
