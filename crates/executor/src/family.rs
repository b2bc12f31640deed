//! A run together with those that it called: whether anybody is at work for it, and what it waits for if nobody is.
//!
//! A family that only waits may be parked: all of its drivers are dropped, and what they waited for is handed to the host. That
//! loses nothing, because what a wait is for follows from events that are on disk, and nobody can begin work once it is parked.

use crate::cancel::Cancel;
use riposte_engine::{Clock, Standing};
use riposte_model::{KeyedMap, RunId, StepPath, Timestamp};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What a step waits for, without any work of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// A moment.
    Until(Timestamp),
    /// The end of something that a provider works on; at the latest until a moment.
    Follow {
        /// The connection.
        connection: String,
        /// The provider's id of it.
        provider_id: String,
        /// Since when.
        since: Timestamp,
        /// When to give up.
        deadline: Timestamp,
    },
    /// Its turn; at the latest until a moment.
    Turn(Timestamp),
    /// A run that was called; at the latest until a moment.
    Child(Timestamp),
}

impl Wait {
    /// When it has to be looked at whatever happens.
    pub(crate) fn until(&self) -> Timestamp {
        match self {
            Wait::Until(at) | Wait::Turn(at) | Wait::Child(at) | Wait::Follow { deadline: at, .. } => *at,
        }
    }
}

/// One family that is driven.
pub(crate) struct Family {
    inner: Mutex<Inner>,
    /// Rung whenever nobody is at work any more.
    rest: Notify,
    /// Has everybody leave the runs where they are, once calls in flight have come back.
    pub(crate) leave: CancellationToken,
    /// Ends the run that nobody called.
    pub(crate) cancel: Cancel,
}

#[derive(Default)]
struct Inner {
    at_work: usize,
    parked: bool,
    waits: KeyedMap<(RunId, Option<StepPath>), Wait>,
    known: HashMap<String, Standing>,
}

impl Family {
    pub(crate) fn new(cancel: Cancel) -> Arc<Self> {
        Family::knowing(cancel, HashMap::new())
    }

    /// One that has been woken because providers have ended what it waited for.
    pub(crate) fn knowing(cancel: Cancel, known: HashMap<String, Standing>) -> Arc<Self> {
        Arc::new(Family {
            inner: Mutex::new(Inner { known, ..Inner::default() }),
            rest: Notify::new(),
            leave: CancellationToken::new(),
            cancel,
        })
    }

    /// Says that somebody is at work, until the answer is dropped. `None`: it is parked, and nothing may be begun.
    pub(crate) fn work(self: &Arc<Self>) -> Option<Work> {
        let mut inner = self.inner();
        if inner.parked {
            return None;
        }
        inner.at_work += 1;
        Some(Work(self.clone()))
    }

    /// What a step waits for; without a step, the run itself.
    pub(crate) fn waits(&self, run: RunId, step: Option<StepPath>, wait: Wait) {
        self.inner().waits.insert((run, step), wait);
    }

    /// A step waits no longer.
    pub(crate) fn goes_on(&self, run: RunId, step: Option<&StepPath>) {
        self.inner().waits.remove(&(run, step.cloned()));
    }

    /// A run waits for nothing any more.
    pub(crate) fn is_over(&self, run: RunId) {
        self.inner().waits.retain(|(waiting, _), _| *waiting != run);
    }

    /// Where something stands at its provider, if that is known already.
    pub(crate) fn known(&self, provider_id: &str) -> Option<Standing> {
        self.inner().known.remove(provider_id)
    }

    /// Returns when nobody is at work.
    pub(crate) async fn rests(&self) {
        loop {
            // Heard from now on, so that nothing is missed between the look and the wait.
            let mut rest = pin!(self.rest.notified());
            rest.as_mut().enable();
            if self.inner().at_work == 0 {
                return;
            }
            rest.await;
        }
    }

    /// Parks the family once nobody has been at work for so long, and says what it waits for.
    pub(crate) async fn park(&self, clock: &dyn Clock, patience: impl Fn() -> Duration) -> Parking {
        loop {
            self.rests().await;
            clock.sleep_until(clock.now().saturating_add(patience())).await;
            let mut changed = pin!(self.rest.notified());
            changed.as_mut().enable();
            {
                let mut inner = self.inner();
                if inner.at_work == 0 && !inner.waits.is_empty() {
                    inner.parked = true;
                    return Parking { waits: std::mem::take(&mut inner.waits) };
                }
                if inner.at_work > 0 {
                    continue;
                }
            }
            // Nobody is at work, and nothing is waited for: it is about to end.
            changed.await;
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a family waited for when it was parked.
pub(crate) struct Parking {
    pub(crate) waits: KeyedMap<(RunId, Option<StepPath>), Wait>,
}

/// Somebody at work.
pub(crate) struct Work(Arc<Family>);

impl Drop for Work {
    fn drop(&mut self) {
        let mut inner = self.0.inner();
        inner.at_work -= 1;
        if inner.at_work == 0 {
            // Who parks and who counts both listen.
            self.0.rest.notify_waiters();
        }
    }
}
