//! The one task that looks at all schedules.

use super::Doors;
use super::line::{Line, source};
use riposte_engine::ScheduleNote;
use riposte_model::Timestamp;
use riposte_playbook::Playbook;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Longest sleep, by a clock that nobody sets: one that was set back is noticed then.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// Pause before notes are written again that could not be.
const PAUSE: Duration = Duration::from_secs(10);

pub(super) struct Work {
    doors: Doors,
    playbooks: watch::Receiver<Vec<Arc<Playbook>>>,
    closing: CancellationToken,
    /// By their sources.
    lines: BTreeMap<String, Line>,
    /// Schedules that are no longer there, and that the store still knows.
    gone: BTreeSet<String>,
}

impl Work {
    pub(super) fn new(
        doors: Doors,
        known: Vec<ScheduleNote>,
        mut playbooks: watch::Receiver<Vec<Arc<Playbook>>>,
        closing: CancellationToken,
    ) -> Self {
        let known = known.into_iter().map(|note| (note.source.clone(), (note, false))).collect();
        let set = playbooks.borrow_and_update().clone();
        let mut work = Work { doors, playbooks, closing, lines: BTreeMap::new(), gone: BTreeSet::new() };
        work.serve_these(&set, known);
        work
    }

    /// Serves until it is told to close.
    pub(super) async fn serve(mut self) {
        while !self.closing.is_cancelled() {
            for line in self.lines.values_mut() {
                line.look(&self.doors).await;
                if self.closing.is_cancelled() {
                    break;
                }
            }
            if self.playbooks.has_changed().unwrap_or(false) {
                self.replace();
            }
            let again = self.note().await;
            let next = self.lines.values().map(Line::next).chain(again).min();
            tokio::select! {
                biased;
                () = self.closing.cancelled() => {}
                // Whoever could replace them has gone: then this is about to be dropped.
                changed = self.playbooks.changed() => if changed.is_ok() { self.playbooks.mark_changed() },
                () = self.doors.clock.sleep_until(next.unwrap_or(Timestamp::from_millis(0))), if next.is_some() => {}
                () = tokio::time::sleep(LONGEST_NAP) => {}
            }
        }
    }

    /// Takes another set of schedules. What was due of the old one has been dealt with.
    fn replace(&mut self) {
        let set = self.playbooks.borrow_and_update().clone();
        let known = std::mem::take(&mut self.lines).into_iter();
        let known = known.map(|(source, line)| (source, (line.note, line.is_new))).collect();
        self.serve_these(&set, known);
    }

    fn serve_these(&mut self, set: &[Arc<Playbook>], mut known: BTreeMap<String, (ScheduleNote, bool)>) {
        let now = self.doors.clock.now();
        for playbook in set {
            for schedule in playbook.schedules() {
                let source = source(&playbook.name, schedule);
                let (note, is_new) = known.remove(&source).unzip();
                let mut line = Line::new(playbook.clone(), schedule.clone(), note, now);
                line.is_new |= is_new.unwrap_or(false);
                self.gone.remove(&source);
                self.lines.insert(source, line);
            }
        }
        self.gone.extend(known.into_keys());
    }

    /// Writes down what is new. When to try again, if that was not possible.
    async fn note(&mut self) -> Option<Timestamp> {
        let new = self.lines.values().filter(|line| line.is_new);
        let notes: Vec<ScheduleNote> = new.map(|line| line.note.clone()).collect();
        let gone: Vec<String> = self.gone.iter().cloned().collect();
        if notes.is_empty() && gone.is_empty() {
            return None;
        }
        if let Err(error) = self.doors.store.note_schedules(&notes, &gone).await {
            tracing::warn!(%error, "how far schedules are could not be noted, and will be");
            return Some(self.doors.clock.now().saturating_add(PAUSE));
        }
        self.lines.values_mut().for_each(|line| line.is_new = false);
        self.gone.clear();
        None
    }
}
