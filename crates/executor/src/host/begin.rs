//! Taking events in: runs begin durably, each at most once for its delivery.

use super::ahead::Ahead;
use super::fresh::Fresh;
use super::{AtHand, Host, Item};
use crate::executor::{BeginError, NewRun};
use crate::gate::GateError;
use riposte_engine::{Beginning, Begun, Delivery, Event, EventBody, Ledger, Run, StoreError};
use riposte_model::RunId;
use riposte_playbook::Playbook;
use std::sync::Arc;

/// Most runs that wait for room. More would only wait longer, and their senders had better know.
const MOST_WAITING: usize = 100_000;

/// Most of them that stay loaded; the others are packed.
const MOST_LOADED: usize = 256;

/// Most room that those take, in bytes: fifteen thousand runs of a usual alert. The others are loaded when it is their turn.
const MOST_PACKED: usize = 16 * 1024 * 1024;

/// Why an event was not taken in. Nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// It may not begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// The start could not be recorded.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many wait already.
    #[error("{MOST_WAITING} runs wait for their turn already")]
    Busy,
    /// The host is going down.
    #[error("riposte is stopping")]
    Closing,
}

impl Host {
    /// Begins runs, all or none, and returns once they are on disk. One whose delivery is known does not begin; the run that it
    /// began the first time is given. Whoever asks may go away meanwhile: what is on disk is driven all the same.
    pub async fn begin(
        &self,
        new: Vec<(NewRun, Option<Delivery>)>,
    ) -> Result<Vec<(RunId, Begun)>, HostError> {
        let host = self.clone();
        // Of a task that panics nobody was told that it has taken anything in.
        tokio::spawn(async move { host.begin_to_its_end(new).await }).await.unwrap_or(Err(HostError::Closing))
    }

    /// The same for who has it in a task of its own already, and does not go away: dropped half-way, runs may be on disk that
    /// nobody drives.
    pub async fn begin_to_its_end(
        &self,
        new: Vec<(NewRun, Option<Delivery>)>,
    ) -> Result<Vec<(RunId, Begun)>, HostError> {
        // Whoever closes waits for this too: a call that it intends is not to be left in doubt.
        let _token = self.shared.tasks.token();
        if self.shared.closing.is_cancelled() {
            return Err(HostError::Closing);
        }
        if self.shared.state().ready.waiting() >= MOST_WAITING {
            return Err(HostError::Busy);
        }
        let mut places = Places { host: self, runs: Vec::with_capacity(new.len()) };
        let (mut beginnings, mut ways) = (Vec::with_capacity(new.len()), Vec::with_capacity(new.len()));
        for (new, delivery) in new {
            let playbook = new.playbook.clone();
            let mut beginning = self.prepare(new, delivery).await?;
            places.runs.push(beginning.run);
            ways.push((Ahead::of(&self.shared, &playbook, &mut beginning), playbook));
            beginnings.push(beginning);
        }
        let begun = Ledger::begin_delivered(&*self.shared.store, &beginnings).await?;
        let mut answer = Vec::with_capacity(begun.len());
        for ((beginning, (ahead, playbook)), (begun, proofs)) in beginnings.into_iter().zip(ways).zip(begun) {
            match begun {
                Begun::New => {
                    places.runs.retain(|run| *run != beginning.run);
                    answer.push((beginning.run, begun));
                    match ahead {
                        Some(ahead) => ahead.go_on(beginning, proofs),
                        None => {
                            let (started, at) = (beginning.started()?, beginning.first().at);
                            self.shared.world().observer.begun(beginning.run, started, at);
                            self.take(&beginning, playbook)?;
                        }
                    }
                }
                Begun::Already(run) => answer.push((run, begun)),
            }
        }
        self.shared.dispatch();
        Ok(answer)
    }

    async fn prepare(&self, new: NewRun, delivery: Option<Delivery>) -> Result<Beginning, HostError> {
        let world = self.shared.world();
        let prepared = match world.prepare(&new) {
            Ok(prepared) => prepared,
            // There is no place for it, but it may have one already.
            Err(BeginError::Gate(full @ GateError::Full { .. })) => match &delivery {
                Some(delivery) if self.shared.store.delivered(delivery).await?.is_some() => {
                    world.prepare_without_place(&new)?
                }
                _ => return Err(BeginError::Gate(full).into()),
            },
            Err(error) => return Err(error.into()),
        };
        let (id, source) = (prepared.id, new.playbook.source.clone());
        let body = EventBody::RunStarted(prepared.started(new, None).into());
        let first = Event { seq: 1, at: world.clock.now(), body };
        Ok(Beginning::new(id, source, first, delivery))
    }

    /// A run is on disk: it is ours to drive when it is its turn.
    fn take(&self, beginning: &Beginning, playbook: Arc<Playbook>) -> Result<(), HostError> {
        let (id, name, first) = (beginning.run, playbook.name.clone(), beginning.first());
        let (waiting, packed) = {
            let state = self.shared.state();
            (state.ready.waiting(), state.packed)
        };
        // Without holding up the others: when many come at once, there may be a few more than these.
        let at_hand = if waiting < MOST_LOADED {
            let run = Run::new(id, playbook, first).map_err(|error| BeginError::Record(error.into()))?;
            Some(AtHand::Loaded(Box::new(run.into())))
        } else if packed < MOST_PACKED {
            Some(AtHand::Packed(Fresh::new(playbook, first.at, beginning.text()?.clone())))
        } else {
            None
        };
        let mut state = self.shared.state();
        let lane = state.ready.lane(&name);
        // Stopped while it was on its way to the disk.
        state.wish_as_ordered(self.shared.world(), id, &name);
        state.packed += at_hand.as_ref().map_or(0, AtHand::packed);
        state.ready.fresh(lane, Item { at_hand, ..Item::new(id) });
        Ok(())
    }
}

/// Places of runs in the queues of their playbooks, which are free again if they do not begin.
struct Places<'h> {
    host: &'h Host,
    runs: Vec<RunId>,
}

impl Drop for Places<'_> {
    fn drop(&mut self) {
        self.runs.iter().for_each(|run| self.host.shared.world().gate.leave(*run));
    }
}
