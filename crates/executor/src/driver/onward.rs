//! What follows from an event without anybody's doing: it is recorded in one with it, which saves a commit for each.

use super::tasks::{At, Busy};
use riposte_engine::{Command, EventBody};
use riposte_model::StepPath;
use std::collections::HashMap;

/// Whether what follows from an event is recorded with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Onward {
    Yes,
    /// The drive is about to end: what follows is the next one's.
    No,
}

/// What is to be recorded at once, and what is to be done once nothing is.
pub(super) fn apart(
    commands: Vec<Command>,
    busy: &HashMap<StepPath, Busy>,
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
fn would_abandon(event: &EventBody, busy: &HashMap<StepPath, Busy>) -> bool {
    let mut on_their_way = busy.iter().filter(|(_, busy)| busy.at == At::Sending).map(|(step, _)| step);
    match event {
        EventBody::RunFinished(_) => on_their_way.next().is_some(),
        EventBody::StepSucceeded { step: around, .. } | EventBody::StepFailed { step: around, .. } => {
            on_their_way.any(|step| step.is_inside(around))
        }
        _ => false,
    }
}
