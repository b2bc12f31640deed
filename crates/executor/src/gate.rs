//! How many runs of a playbook may be under way at once (`concurrency`): one queue for each key, in the order of arrival.
//!
//! It holds within this process. A run that waits here has begun, is on disk, and has done nothing.

use riposte_engine::Trigger;
use riposte_expr::Bindings;
use riposte_model::{PlaybookName, RunId, Timestamp};
use riposte_playbook::{Concurrency, Playbook, WhenFull};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A playbook and the text of a key.
type Key = (PlaybookName, String);

/// Who may pass.
#[derive(Default)]
pub(crate) struct Gate {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Each with as many permits as its playbook allows; gone with the last run that holds or wants one.
    queues: HashMap<Key, Weak<Semaphore>>,
    /// Places of runs that have begun and are not driven yet.
    held: HashMap<RunId, Pass>,
}

/// A place among the runs under way, until it is dropped.
pub(crate) struct Pass {
    _permit: Option<OwnedSemaphorePermit>,
}

/// Why there is no place.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// As many as may be are under way, and the playbook says `when_full: skip`.
    #[error("{playbook} is under way {limit} times with the key {key}, and says `when_full: skip`")]
    Full {
        /// Which playbook.
        playbook: PlaybookName,
        /// As many as may be.
        limit: u32,
        /// The key, as JSON.
        key: String,
    },
    /// The key cannot be computed.
    #[error("the key of `concurrency` cannot be computed: {0}")]
    Key(String),
}

impl Gate {
    /// Asked before a run begins. With `when_full: skip` its place is taken at once, or refused; it is to be kept with
    /// [`Gate::keep`] once the run has begun, and is free again if it has not.
    pub(crate) fn admit(&self, playbook: &Playbook, start: &Start<'_>) -> Result<Option<Pass>, GateError> {
        let Some(concurrency) = &playbook.concurrency else { return Ok(None) };
        let key = key(concurrency, start)?;
        if concurrency.when_full == WhenFull::Queue {
            return Ok(None);
        }
        let queue = self.queue((playbook.name.clone(), key.clone()), concurrency.limit);
        match queue.try_acquire_owned() {
            Ok(permit) => Ok(Some(Pass { _permit: Some(permit) })),
            Err(_) => Err(GateError::Full { playbook: playbook.name.clone(), limit: concurrency.limit, key }),
        }
    }

    /// Keeps the place of a run that has begun until it is driven.
    pub(crate) fn keep(&self, run: RunId, pass: Option<Pass>) {
        if let Some(pass) = pass {
            self.inner().held.insert(run, pass);
        }
    }

    /// The run will not be driven here: its place is free.
    pub(crate) fn forget(&self, run: RunId) {
        self.inner().held.remove(&run);
    }

    /// Waits for the turn of a run that has begun.
    pub(crate) async fn pass(&self, run: RunId, playbook: &Playbook, start: &Start<'_>) -> Pass {
        if let Some(pass) = self.inner().held.remove(&run) {
            return pass;
        }
        // A run that has begun goes on, whatever its key has become; nobody closes a queue.
        let key = playbook.concurrency.as_ref().and_then(|one| Some((key(one, start).ok()?, one.limit)));
        let Some((key, limit)) = key else { return Pass { _permit: None } };
        let queue = self.queue((playbook.name.clone(), key), limit);
        Pass { _permit: queue.acquire_owned().await.ok() }
    }

    fn queue(&self, key: Key, limit: u32) -> Arc<Semaphore> {
        let queues = &mut self.inner().queues;
        queues.retain(|_, queue| queue.strong_count() > 0);
        if let Some(queue) = queues.get(&key).and_then(Weak::upgrade) {
            return queue;
        }
        let queue = Arc::new(Semaphore::new(usize::try_from(limit).unwrap_or(Semaphore::MAX_PERMITS)));
        queues.insert(key, Arc::downgrade(&queue));
        queue
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the key of a run is computed from.
pub(crate) struct Start<'s> {
    pub(crate) inputs: &'s Map<String, Value>,
    pub(crate) trigger: &'s Trigger,
    pub(crate) at: Timestamp,
}

/// The key's text: JSON, so that `1` and `"1"` are two keys.
fn key(concurrency: &Concurrency, start: &Start<'_>) -> Result<String, GateError> {
    let (inputs, trigger) = (Value::Object(start.inputs.clone()), start.trigger.as_value(start.at));
    let bindings = Bindings::new().with("inputs", &inputs).with("trigger", &trigger);
    let key = concurrency.key.evaluate(&bindings).map_err(|problem| GateError::Key(problem.message))?;
    Ok(key.to_string())
}
