//! A store in memory.

mod host;

use async_trait::async_trait;
use indexmap::IndexMap;
use riposte_engine::{Event, EventBody, RunStatus, RunSummary, Store, StoreError};
use riposte_model::{RunId, SourceHash};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Keeps events in memory; a store like any other, but for durability.
#[derive(Debug, Default)]
pub struct MemoryStore {
    inner: Mutex<Inner>,
    is_full: AtomicBool,
    writes: AtomicUsize,
    loads: AtomicUsize,
    /// Whether beginnings stay on their way.
    holds: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Inner {
    runs: IndexMap<RunId, Vec<Event>>,
    sources: IndexMap<String, String>,
    /// The run that nobody called to which the calls of this one go back; those that nobody called are not in it.
    roots: HashMap<RunId, RunId>,
    /// The other way round.
    families: HashMap<RunId, Vec<RunId>>,
    kept: host::Kept,
}

impl MemoryStore {
    /// From now on nothing more can be kept, as on a full disk, or it can be again. What is there can be read.
    pub fn set_full(&self, is_full: bool) {
        self.is_full.store(is_full, Ordering::SeqCst);
    }

    /// From now on what a host begins stays on its way to where it is kept, or arrives.
    pub fn hold_beginnings(&self, hold: bool) {
        self.holds.send_replace(hold);
    }

    /// How often something was written: on a disk, each would be flushed.
    pub fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// How often the events of a run were asked for.
    pub fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    /// For whoever is about to write.
    fn room(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(StoreError::Full("no room".into()));
        }
        self.writes.fetch_add(1, Ordering::SeqCst);
        Ok(self.inner())
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn begin(&mut self, run: RunId, source: &str, first: &Event) -> Result<(), StoreError> {
        let EventBody::RunStarted(started) = &first.body else { return Err(StoreError::OutOfOrder(run)) };
        self.sources.insert(started.source.as_str().to_owned(), source.to_owned());
        self.runs.insert(run, vec![first.clone()]);
        Ok(())
    }

    fn append(&mut self, run: RunId, events: &[Event]) -> Result<(), StoreError> {
        self.append_all(&[(run, events)])
    }

    fn append_all(&mut self, appended: &[(RunId, &[Event])]) -> Result<(), StoreError> {
        for (run, events) in appended {
            let kept = self.runs.get(run).ok_or_else(|| StoreError::NotFound(format!("run {run}")))?;
            let next = kept.len() as u64 + 1;
            if !events.iter().zip(next..).all(|(event, seq)| event.seq == seq) {
                return Err(StoreError::OutOfOrder(*run));
            }
        }
        for (run, events) in appended {
            self.runs.entry(*run).or_default().extend_from_slice(events);
            if events.iter().any(|event| matches!(event.body, EventBody::RunRetried { .. })) {
                self.pass_stops(*run);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self, run: RunId, source: &str, first: &Event) -> Result<(), StoreError> {
        self.room()?.begin(run, source, first)
    }

    async fn append(&self, run: RunId, events: &[Event]) -> Result<(), StoreError> {
        self.room()?.append(run, events)
    }

    async fn append_all(&self, appended: &[(RunId, &[Event])]) -> Result<(), StoreError> {
        self.room()?.append_all(appended)
    }

    async fn begin_child(
        &self,
        parent: RunId,
        events: &[Event],
        run: RunId,
        source: &str,
        first: &Event,
    ) -> Result<(), StoreError> {
        let mut inner = self.room()?;
        inner.append(parent, events)?;
        inner.begin(run, source, first)?;
        let root = inner.roots.get(&parent).copied().unwrap_or(parent);
        inner.roots.insert(run, root);
        inner.families.entry(root).or_default().push(run);
        Ok(())
    }

    async fn own(&self, run: RunId) -> Result<(), StoreError> {
        self.events(run).await.map(|_| ())
    }

    async fn events(&self, run: RunId) -> Result<Vec<Event>, StoreError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        self.inner().runs.get(&run).cloned().ok_or_else(|| StoreError::NotFound(format!("run {run}")))
    }

    async fn source(&self, hash: &SourceHash) -> Result<String, StoreError> {
        let missing = || StoreError::NotFound(format!("playbook with the hash {hash}"));
        self.inner().sources.get(hash.as_str()).cloned().ok_or_else(missing)
    }

    async fn runs(&self, limit: u32) -> Result<Vec<RunSummary>, StoreError> {
        let inner = self.inner();
        let newest = inner.runs.iter().rev().take(limit as usize);
        Ok(newest.filter_map(|(id, events)| summary(*id, events)).collect())
    }

    async fn unfinished(&self, after: Option<RunId>, limit: u32) -> Result<Vec<RunSummary>, StoreError> {
        let inner = self.inner();
        let begin = after.and_then(|run| inner.runs.get_index_of(&run)).map_or(0, |at| at + 1);
        let runs = inner.runs.iter().skip(begin).filter_map(|(id, events)| summary(*id, events));
        Ok(runs.filter(|run| run.status == RunStatus::Running).take(limit as usize).collect())
    }

    async fn runs_like(&self, prefix: &str, limit: u32) -> Result<Vec<RunId>, StoreError> {
        let mut ids: Vec<RunId> =
            self.inner().runs.keys().copied().filter(|id| id.to_string().starts_with(prefix)).collect();
        ids.sort();
        ids.truncate(limit as usize);
        Ok(ids)
    }
}

fn summary(id: RunId, events: &[Event]) -> Option<RunSummary> {
    let (first, last) = (events.first()?, events.last()?);
    let EventBody::RunStarted(started) = &first.body else { return None };
    let (status, finished_at) = match &last.body {
        EventBody::RunFinished(finished) => (finished.status, Some(last.at)),
        _ => (RunStatus::Running, None),
    };
    Some(RunSummary {
        id,
        playbook: started.playbook.clone(),
        status,
        started_at: first.at,
        finished_at,
        trigger: format!("{} {}", started.trigger.kind, started.trigger.name),
    })
}
