//! What a run does at once when it begins: its first calls are intended in one commit with its beginning, where they need not
//! wait for anything. That is a commit less between an alert and the call that it asks for.

use super::tend::Slot;
use super::{AtHand, Item, Shared};
use crate::call::Leaving;
use crate::driver::{Following, Outset};
use riposte_engine::{Beginning, CallIntended, Durable, EventBody, Run, onward};
use riposte_model::{KeyedMap, KeyedSet, RunId};
use riposte_playbook::Playbook;
use std::sync::Arc;

/// A run as it is once it has begun, and what it has taken for that.
pub(super) struct Ahead<'s> {
    run: Run,
    leaving: Vec<Leaving>,
    taken: Taken<'s>,
}

/// A place among those at work, and devices. Dropped before the run has begun, they are free again.
struct Taken<'s> {
    run: RunId,
    slot: Slot<'s>,
}

impl<'s> Ahead<'s> {
    /// Adds to a beginning what follows from it at once. `None`: it has to wait for its turn or for a device, or first does
    /// something else than a call that must not be made twice; then nothing is added.
    pub(super) fn of(
        shared: &'s Arc<Shared>,
        playbook: &Arc<Playbook>,
        beginning: &mut Beginning,
    ) -> Option<Self> {
        let world = shared.world();
        let has_its_turn = playbook.concurrency.is_none() || world.gate.passed(beginning.run).is_some();
        if !has_its_turn || !*world.open.borrow() {
            return None;
        }
        let lane = {
            let mut state = shared.state();
            let lane = state.ready.lane(&playbook.name);
            state.ready.take_place(lane).then_some(lane)?
        };
        let taken = Taken { run: beginning.run, slot: Slot { shared, lane, taken: true } };
        let first = beginning.first();
        let mut run = Run::new(beginning.run, playbook.clone(), first).ok()?;
        let (busy, turns, mut claims) = (KeyedMap::default(), KeyedMap::default(), KeyedSet::default());
        let mut following = Following {
            world,
            busy: &busy,
            turns: &turns,
            claims: &mut claims,
            winds_down: false,
            leaving: Vec::new(),
        };
        let mut follows = |run: &Run| {
            let events = following.of(run);
            let ends = events.iter().any(|event| matches!(event, EventBody::RunFinished(_)));
            if ends { Vec::new() } else { events }
        };
        let at_once = follows(&run);
        let events = onward(&mut run, first.at, at_once, &mut follows).ok()?;
        let leaving = following.leaving;
        if leaving.is_empty() {
            return None;
        }
        beginning.after = events;
        Some(Ahead { run, leaving, taken })
    }

    /// It has begun: its calls may leave. Observers hear of it after that.
    pub(super) fn go_on(self, beginning: Beginning, proofs: Vec<Durable<CallIntended>>) {
        let Ahead { run, leaving, mut taken } = self;
        let Slot { shared, lane, .. } = taken.slot;
        let (id, name) = (run.id(), run.playbook().name.clone());
        let (calls, untold) = (proofs.into_iter().zip(leaving).collect(), Some(Box::new(beginning)));
        let outset = Outset { run, calls, untold };
        let item = Item { at_hand: Some(AtHand::Loaded(Box::new(outset))), ..Item::new(id) };
        let mut state = shared.state();
        // Stopped while it was on its way to the disk.
        state.wish_as_ordered(shared.world(), id, &name);
        shared.have_driven(&mut state, lane, item);
        taken.slot.taken = false;
        // Whoever closes has told those that were there.
        if shared.closing.is_cancelled()
            && let Some(live) = state.live.get(&id)
        {
            live.family.leave.cancel();
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if self.slot.taken {
            self.slot.shared.world().desk.forget(self.run);
        }
    }
}
