//! What happens by itself at its time. Nothing runs for it: it is caught up with whenever somebody looks.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use crate::scenario::{Event, TimedEvent};

/// What is still to happen, soonest first.
#[derive(Debug, Default)]
pub(super) struct Agenda(VecDeque<(DateTime<Utc>, Event)>);

impl Agenda {
    pub(super) fn new(events: Vec<TimedEvent>, start: DateTime<Utc>) -> Self {
        let mut events: Vec<_> = events.into_iter().map(|event| (start + event.after, event.what)).collect();
        // Those of one moment stay in the order in which they are written.
        events.sort_by_key(|(at, _)| *at);
        Self(events.into())
    }

    /// The next one that is due.
    pub(super) fn due(&mut self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Event)> {
        self.0.pop_front_if(|(at, _)| *at <= now)
    }
}
