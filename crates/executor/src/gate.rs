//! How many runs of a playbook may be under way at once (`concurrency`): one queue for each key, in the order of arrival.
//!
//! It holds within this process. A run that waits here has begun, is on disk, and has done nothing.

use crate::bells::Bells;
use riposte_engine::{Passed, Run, Trigger};
use riposte_expr::Bindings;
use riposte_model::{KeyedMap, PlaybookName, RunId, Timestamp};
use riposte_playbook::{Concurrency, Playbook, WhenFull};
use serde_json::{Map, Value};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A playbook and the text of a key.
type Key = (PlaybookName, String);

/// Who may pass.
pub(crate) struct Gate {
    inner: Mutex<Inner>,
    bells: Bells<RunId>,
}

#[derive(Default)]
struct Inner {
    /// Gone with the last run that has or wants a place.
    lines: HashMap<Key, Line>,
    /// Where each run stands.
    runs: KeyedMap<RunId, Key>,
}

/// The runs of one key.
#[derive(Default)]
struct Line {
    limit: usize,
    inside: Vec<RunId>,
    waiting: VecDeque<RunId>,
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
    pub(crate) fn new(bells: Bells<RunId>) -> Self {
        Gate { inner: Mutex::default(), bells }
    }

    /// Asked before a run begins: gives it its place, inside or in the queue, or refuses it. It is to be taken back with
    /// [`Gate::leave`] if the run does not begin.
    pub(crate) fn admit(&self, run: RunId, playbook: &Playbook, start: &Start<'_>) -> Result<(), GateError> {
        let Some(concurrency) = &playbook.concurrency else { return Ok(()) };
        let key = key(concurrency, start)?;
        let (mut inner, limit) = (self.inner(), concurrency.limit);
        let full =
            inner.lines.get(&(playbook.name.clone(), key.clone())).is_some_and(|line| line.is_full(limit));
        if concurrency.when_full == WhenFull::Skip && full {
            return Err(GateError::Full { playbook: playbook.name.clone(), limit, key });
        }
        inner.ask(run, (playbook.name.clone(), key), limit);
        Ok(())
    }

    /// Waits for the turn of a run that has begun. `waits` is told if it has to.
    pub(crate) async fn pass(
        &self,
        run: RunId,
        playbook: &Playbook,
        start: &Start<'_>,
        waits: impl FnOnce(),
    ) {
        // A run that has begun goes on, whatever its key has become.
        let key = playbook.concurrency.as_ref().and_then(|one| Some((key(one, start).ok()?, one.limit)));
        let Some((key, limit)) = key else { return };
        let ask = || self.inner().ask(run, (playbook.name.clone(), key.clone()), limit);
        if !self.bells.are_open() || !ask() {
            waits();
            self.bells.wait(&run, ask).await;
        }
    }

    /// A run that is not loaded is inside, whoever else is.
    pub(crate) fn enter(&self, passed: &Passed) {
        self.inner().enter(passed.run, (passed.playbook.clone(), passed.key.clone()));
    }

    /// A run that has done something is inside, whoever else is.
    pub(crate) fn enter_again(&self, run: &Run) {
        let (playbook, started) = (run.playbook(), run.started());
        let start = Start { inputs: &started.inputs, trigger: &started.trigger, at: run.started_at() };
        let key = playbook.concurrency.as_ref().and_then(|concurrency| key(concurrency, &start).ok());
        if let Some(key) = key {
            self.inner().enter(run.id(), (playbook.name.clone(), key));
        }
    }

    /// The place of a run that is inside.
    pub(crate) fn passed(&self, run: RunId) -> Option<Passed> {
        let inner = self.inner();
        let (playbook, key) = inner.runs.get(&run)?.clone();
        let line = inner.lines.get(&(playbook.clone(), key.clone()))?;
        line.inside.contains(&run).then_some(Passed { run, playbook, key })
    }

    /// A run is over, or did not begin, or is driven no longer: its place is free.
    pub(crate) fn leave(&self, run: RunId) {
        let next = self.inner().leave(run);
        next.into_iter().for_each(|run| self.bells.ring(&run, run));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn is_full(&self, limit: u32) -> bool {
        self.inside.len() >= usize::try_from(limit).unwrap_or(usize::MAX)
    }

    /// Lets in who may be, and says who that is.
    fn advance(&mut self) -> Vec<RunId> {
        let mut next = Vec::new();
        while self.inside.len() < self.limit
            && let Some(run) = self.waiting.pop_front()
        {
            self.inside.push(run);
            next.push(run);
        }
        next
    }
}

impl Inner {
    /// Whether a run is inside by now. If not, it has a place in the queue.
    fn ask(&mut self, run: RunId, key: Key, limit: u32) -> bool {
        self.runs.entry(run).or_insert_with(|| key.clone());
        let line = self.lines.entry(key).or_default();
        // The newest version of the playbook counts.
        line.limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if !line.inside.contains(&run) && !line.waiting.contains(&run) {
            line.waiting.push_back(run);
        }
        if line.waiting.front() == Some(&run) && !line.is_full(limit) {
            line.waiting.pop_front();
            line.inside.push(run);
        }
        line.inside.contains(&run)
    }

    fn enter(&mut self, run: RunId, key: Key) {
        self.runs.insert(run, key.clone());
        let line = self.lines.entry(key).or_default();
        line.waiting.retain(|waiting| *waiting != run);
        if !line.inside.contains(&run) {
            line.inside.push(run);
        }
    }

    fn leave(&mut self, run: RunId) -> Vec<RunId> {
        let Some(key) = self.runs.remove(&run) else { return Vec::new() };
        let Some(line) = self.lines.get_mut(&key) else { return Vec::new() };
        line.inside.retain(|inside| *inside != run);
        line.waiting.retain(|waiting| *waiting != run);
        let next = line.advance();
        if line.inside.is_empty() && line.waiting.is_empty() {
            self.lines.remove(&key);
        }
        next
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
    let (inputs, trigger) = (Value::Object(start.inputs.clone()), start.trigger.late(start.at));
    let bindings = Bindings::new().with("inputs", &inputs).with_late("trigger", &trigger);
    let key = concurrency.key.evaluate(&bindings).map_err(|problem| GateError::Key(problem.message))?;
    Ok(key.to_string())
}
