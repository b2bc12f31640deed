//! What follows from an event without anybody's doing: it is recorded in one with it, which saves a commit for each.

use super::tasks::{At, Busy};
use crate::call::Leaving;
use crate::world::World;
use riposte_engine::{Call, Claim, Claimant, Command, EventBody, Run, StepState, Turn};
use riposte_model::{Effect, KeyedMap, KeyedSet, StepPath};

/// Whether what follows from an event is recorded with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Onward {
    Yes,
    /// The drive is about to end: what follows is the next one's.
    No,
}

/// Finds what follows of a run that has come so far in thought: it is all recorded at once.
pub(crate) struct Following<'d> {
    pub(crate) world: &'d World,
    pub(crate) busy: &'d KeyedMap<StepPath, Busy>,
    pub(crate) turns: &'d KeyedMap<StepPath, Turn>,
    pub(crate) claims: &'d mut KeyedSet<StepPath>,
    /// Somebody wants the run to end: nothing new leaves.
    pub(crate) winds_down: bool,
    /// What the calls among it leave with, in their order.
    pub(crate) leaving: Vec<Leaving>,
}

impl Following<'_> {
    /// Events that need nobody. Where there are none, the intents of calls that need not wait for anything: what ends a step and
    /// what begins the next are one commit then.
    pub(crate) fn of(&mut self, run: &Run) -> Vec<EventBody> {
        let (events, commands) = apart(run.next(), self.busy);
        if !events.is_empty() || self.winds_down {
            return events;
        }
        let calls = commands.into_iter().filter_map(|command| match command {
            Command::Call(call) => self.intent(run, &call),
            _ => None,
        });
        calls.collect()
    }

    fn intent(&mut self, run: &Run, call: &Call) -> Option<EventBody> {
        let now = self.world.clock.now();
        // Another attempt queues for its device anew, and what has a task or a turn is on its way already.
        let begins = run.record(&call.step).is_none()
            && !self.busy.contains_key(&call.step)
            && !self.turns.contains_key(&call.step);
        if call.action.effect != Effect::Once || !begins || now >= call.deadline.resolve(now) {
            return None;
        }
        if let Some(claim) = Claim::of(&call.action, &call.arguments) {
            let who = Claimant { run: run.id(), step: call.step.clone() };
            // Its own steps that are over let the device go only when that is on disk.
            let is_over = |other: &Claimant| {
                let record = run.record(&other.step).filter(|_| other.run == run.id());
                record.is_some_and(|record| matches!(record.state, StepState::Ended { .. }))
            };
            self.claims.insert(call.step.clone());
            if !self.world.desk.ask_after(&claim, &who, is_over) {
                return None;
            }
        }
        self.leaving.push(Leaving::at_once(self.world, run, call, now)?);
        Some(EventBody::CallIntended(call.intent()))
    }
}

/// What is to be recorded at once, and what is to be done once nothing is.
pub(super) fn apart(
    commands: Vec<Command>,
    busy: &KeyedMap<StepPath, Busy>,
) -> (Vec<EventBody>, Vec<Command>) {
    let (mut events, mut rest) = (Vec::new(), Vec::new());
    for command in commands {
        match command {
            Command::Record(event) if would_abandon(&event, busy) => {}
            Command::Record(event) => events.push(event),
            other => rest.push(other),
        }
    }
    (events, rest)
}

/// Whether the event ends what is around a call that changes something and is on its way. One that may be repeated leaves
/// nothing behind before its answer comes, so the engine does not know of it; what it did must be told all the same.
fn would_abandon(event: &EventBody, busy: &KeyedMap<StepPath, Busy>) -> bool {
    let mut on_their_way = busy.iter().filter(|(_, busy)| busy.at == At::Sending).map(|(step, _)| step);
    match event {
        EventBody::RunFinished(_) => on_their_way.next().is_some(),
        EventBody::StepSucceeded { step: around, .. } | EventBody::StepFailed { step: around, .. } => {
            on_their_way.any(|step| step.is_inside(around))
        }
        _ => false,
    }
}
