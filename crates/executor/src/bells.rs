//! Telling those who wait in a queue that their turn has come.
//!
//! A queue keeps places by name, so that who waits may leave memory and ask again. Whoever does stay hears a bell; of everybody
//! else the host is told, which brings them back.

use crate::wakes::Wakes;
use riposte_model::{KeyedMap, RunId};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};

/// Bells by name, which are silent until the queues are open: after a start, those who hold something come first.
pub(crate) struct Bells<W> {
    bells: Mutex<KeyedMap<W, Arc<Notify>>>,
    wakes: Arc<Wakes>,
    open: watch::Receiver<bool>,
}

impl<W: Clone + Eq + Hash> Bells<W> {
    pub(crate) fn new(wakes: Arc<Wakes>, open: watch::Receiver<bool>) -> Self {
        Bells { bells: Mutex::default(), wakes, open }
    }

    /// Whether turns are given.
    pub(crate) fn are_open(&self) -> bool {
        *self.open.borrow()
    }

    /// Waits until `ask` says yes. It is asked again whenever the bell has rung.
    pub(crate) async fn wait(&self, who: &W, ask: impl Fn() -> bool) {
        let mut open = self.open.clone();
        // Who opens it lives as long as this.
        let _ = open.wait_for(|open| *open).await;
        let place = Place { bells: self, who };
        let bell = place.bells.bells().entry(who.clone()).or_default().clone();
        while !ask() {
            bell.notified().await;
        }
    }

    /// It is somebody's turn, whose run this is.
    pub(crate) fn ring(&self, who: &W, run: RunId) {
        if let Some(bell) = self.bells().get(who) {
            bell.notify_one();
        }
        // A run that is being parked right now hears no bell any more.
        self.wakes.turn(run);
    }

    fn bells(&self) -> MutexGuard<'_, KeyedMap<W, Arc<Notify>>> {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bell, until who waits for it is gone.
struct Place<'b, W: Clone + Eq + Hash> {
    bells: &'b Bells<W>,
    who: &'b W,
}

impl<W: Clone + Eq + Hash> Drop for Place<'_, W> {
    fn drop(&mut self) {
        self.bells.bells().remove(self.who);
    }
}
